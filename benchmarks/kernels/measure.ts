// Owns: what every measurement of kernels needs: a timer, a child that is really usable, its memory.
import type { ExecuteOptions, KernelLease, KernelPool, KernelState } from "../../src/contracts/kernel.ts";

export const within: ExecuteOptions = { timeoutMs: 300_000, signal: new AbortController().signal };

export interface Memory {
  /** Proportional set size: memory shared with others counts by its share. */
  readonly pssMb: number;
  /** Memory that only this process uses. */
  readonly privateMb: number;
  readonly residentMb: number;
}

export async function timeWork(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

/** The state after one cell, which has been run. */
export async function stateOf(lease: KernelLease, source: string): Promise<KernelState> {
  const { status } = await lease.execute(source, within);
  if (status !== "ok") throw new Error(`a cell of the benchmark was ${status}`);
  return { recipe: [{ cell: "c1", source, status }] };
}

/** Leases a child and waits for its first value. @throws Error when another tier restored it. */
export async function leaseUsable(
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

/** The list of numbers that an expression gives in the kernel; empty when it gives none. */
export async function numbersOf(lease: KernelLease, expression: string): Promise<readonly number[]> {
  const answer = await lease.evaluate(expression, within);
  return answer.ok && Array.isArray(answer.value) ? answer.value.map(Number) : [];
}

const mb = (kilobytes: number | undefined): number => (kilobytes ?? Number.NaN) / 1024;
