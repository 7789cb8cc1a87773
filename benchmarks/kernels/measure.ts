// Owns: what every measurement of kernels needs: times, medians, a child that is really usable, its memory.
import type { ExecuteOptions, KernelLease, KernelPool, KernelState } from "../../src/contracts/kernel.ts";

export const within: ExecuteOptions = { timeoutMs: 300_000, signal: new AbortController().signal };

export interface Memory {
  /** The process's share of what it uses. */
  readonly pssMb: number;
  /** What only it has. */
  readonly privateMb: number;
  readonly residentMb: number;
}

export async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** The state after one cell, which has been run. */
export async function stateOf(lease: KernelLease, source: string): Promise<KernelState> {
  const { status } = await lease.execute(source, within);
  if (status !== "ok") throw new Error(`a cell of the benchmark was ${status}`);
  return { recipe: [{ cell: "c1", source, status }] };
}

/** A child that has given its first value. @throws Error when it came another way than was to be measured. */
export async function usable(
  pool: KernelPool,
  state: KernelState,
  workspace: string,
  tier: string,
): Promise<KernelLease> {
  const lease = await pool.lease(state, { ...within, workspace });
  const { tier: came, reason = "no reason" } = lease.restored;
  if (came !== tier) throw new Error(`restored by ${came}, not ${tier}: ${reason}`);
  await lease.evaluate("len(a)", within);
  return lease;
}

export async function memoryOf(lease: KernelLease): Promise<Memory> {
  const sizes =
    "[v // 2**10 for v in __import__('nbevolve_fork.proc').proc.memory_bytes().values()] + " +
    "[int(__import__('nbevolve_fork.proc').proc.read('/proc/self/statm').split()[1]) * 4]";
  const [pss, own, resident] = await numbersOf(lease, sizes);
  return { pssMb: mb(pss), privateMb: mb(own), residentMb: mb(resident) };
}

/** A list of numbers out of a kernel; empty when there is none. */
export async function numbersOf(lease: KernelLease, expression: string): Promise<readonly number[]> {
  const answer = await lease.evaluate(expression, within);
  return answer.ok && Array.isArray(answer.value) ? answer.value.map(Number) : [];
}

const mb = (kilobytes: number | undefined): number => (kilobytes ?? Number.NaN) / 1024;
