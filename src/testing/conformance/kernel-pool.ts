// Owns: the contract of `KernelPool` and `KernelLease` as tests. Never knows what a kernel is or what it speaks.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { KernelLost, RunError } from "../../core/errors.ts";
import type { Execution, KernelLease, KernelPool, KernelState, RecipeStep } from "../../contracts/kernel.ts";
import type { ExecutionStatus, Output } from "../../contracts/notebook.ts";

/** Makes an empty pool; the suite disposes of it. */
export type MakeKernelPool = () => Promise<KernelPool>;

/** Cells in the language of the pool's kernels. */
export interface KernelPrograms {
  /** Sets `x` to 1. */
  readonly set: string;
  /** Adds 2 to `x`. */
  readonly add: string;
  /** Prints `x` and a line end. */
  readonly print: string;
  /** An expression: `x`. Fails with the `missing` name where it was never set. */
  readonly x: string;
  readonly missing: string;
  /** Raises an error of this name, if `x` is 1. */
  readonly raise: string;
  readonly raises: string;
  /** Runs until it is interrupted. */
  readonly hang: string;
  /** Does not end when it is interrupted. */
  readonly stubborn: string;
  /** Ends the kernel. */
  readonly die: string;
}

const LONG_MS = 30_000;
const SHORT_MS = 500;

/** Declares the tests that every pool passes. */
export function describeKernelPool(name: string, make: MakeKernelPool, programs: KernelPrograms): void {
  describe(`${name} keeps the contract of a kernel pool`, () => {
    let pool: KernelPool;
    beforeAll(async () => {
      pool = await make();
    });
    afterAll(() => pool[Symbol.asyncDispose]());
    const tools: Tools = { lease: (state = []) => leaseFrom(pool, state), programs };
    describeCells(tools);
    describeEnds(tools);
    describeValues(tools);
    describeRestoring(tools);
    describeCheckpoints(tools);
    describeClosing(make, programs);
  });
}

interface Tools {
  /** A lease from a recipe, in a workspace of its own. */
  readonly lease: (recipe?: readonly RecipeStep[]) => Promise<KernelLease>;
  readonly programs: KernelPrograms;
}

let workspaces = 0;
function leaseFrom(pool: KernelPool, recipe: readonly RecipeStep[], signal = never()): Promise<KernelLease> {
  workspaces += 1;
  return pool.lease({ recipe }, { signal, workspace: `w${workspaces}`, timeoutMs: LONG_MS });
}

const never = (): AbortSignal => new AbortController().signal;
const long = () => ({ timeoutMs: LONG_MS, signal: never() });
const short = () => ({ timeoutMs: SHORT_MS, signal: never() });

/** A recipe of sources with their ends; cells are named c1, c2, ... */
function recipe(...steps: readonly (readonly [string, ExecutionStatus])[]): readonly RecipeStep[] {
  return steps.map(([source, status], index) => ({ cell: `c${index + 1}`, source, status }));
}

const printedText = (outputs: readonly Output[]): string =>
  outputs.flatMap((output) => (output.output_type === "stream" ? [String(output["text"])] : [])).join("");

const errorOf = (execution: Execution): unknown =>
  execution.outputs.find((output) => output.output_type === "error")?.["ename"];

function describeCells({ lease, programs: p }: Tools): void {
  it("starts empty, and says so", async () => {
    await using kernel = await lease();
    expect(kernel.restored).toMatchObject({ tier: "fresh", differences: [] });
    expect(await kernel.evaluate(p.x, long())).toMatchObject({ ok: false, name: p.missing });
  });

  it("keeps state from cell to cell and collects what is printed", async () => {
    await using kernel = await lease();
    expect(await kernel.execute(p.set, long())).toMatchObject({ status: "ok", outputs: [] });
    await kernel.execute(p.add, long());
    let heard = "";
    const shown = await kernel.execute(p.print, { ...long(), onPrinted: (text) => (heard += text) });
    expect(shown.status).toBe("ok");
    expect(printedText(shown.outputs)).toBe("3\n");
    // A pool may leave telling it out; it may not tell anything else.
    expect(["", "3\n"]).toContain(heard);
    expect(shown.durationMs).toBeGreaterThanOrEqual(0);
  });

  it("gives an exception as a result, and goes on", async () => {
    await using kernel = await lease();
    await kernel.execute(p.set, long());
    const raised = await kernel.execute(p.raise, long());
    expect(raised.status).toBe("error");
    expect(errorOf(raised)).toBe(p.raises);
    expect(printedText((await kernel.execute(p.print, long())).outputs)).toBe("1\n");
  });

  it("keeps leases apart", async () => {
    await using first = await lease();
    await using second = await lease();
    await Promise.all([first.execute(p.set, long()), second.execute(p.set, long())]);
    await Promise.all([first.execute(p.add, long()), second.execute(p.set, long())]);
    expect(await first.evaluate(p.x, long())).toEqual({ ok: true, value: 3 });
    expect(await second.evaluate(p.x, long())).toEqual({ ok: true, value: 1 });
  });
}

function describeEnds({ lease, programs: p }: Tools): void {
  it("interrupts a cell at its time limit and keeps its state", async () => {
    await using kernel = await lease();
    await kernel.execute(p.set, long());
    const stopped = await kernel.execute(p.hang, short());
    expect(stopped.status).toBe("interrupted");
    expect(await kernel.evaluate(p.x, long())).toEqual({ ok: true, value: 1 });
  });

  it("kills a kernel whose cell does not obey an interrupt", async () => {
    await using kernel = await lease();
    const killed = await kernel.execute(p.stubborn, short());
    expect(killed.status).toBe("died");
    expect(errorOf(killed)).toBe("KernelDied");
    await expect(kernel.execute(p.set, long())).rejects.toBeInstanceOf(KernelLost);
  });

  it("tells the death of the kernel as a result, then is lost", async () => {
    await using kernel = await lease();
    const died = await kernel.execute(p.die, long());
    expect(died.status).toBe("died");
    expect(errorOf(died)).toBe("KernelDied");
    await expect(kernel.execute(p.set, long())).rejects.toBeInstanceOf(KernelLost);
    await expect(kernel.evaluate(p.x, long())).rejects.toBeInstanceOf(KernelLost);
  });

  it("throws the signal's reason when aborted, before and during a cell", async () => {
    await using kernel = await lease();
    const reason = new Error("stopped by the test");
    const before = AbortSignal.abort(reason);
    await expect(kernel.execute(p.set, { timeoutMs: LONG_MS, signal: before })).rejects.toBe(reason);
    const during = new AbortController();
    const hanging = kernel.execute(p.hang, { timeoutMs: LONG_MS, signal: during.signal });
    setImmediate(() => during.abort(reason));
    await expect(hanging).rejects.toBe(reason);
  });
}

function describeValues({ lease, programs: p }: Tools): void {
  it("gives values without changing anything", async () => {
    await using kernel = await lease();
    await kernel.execute(p.set, long());
    expect(await kernel.evaluate(p.x, long())).toEqual({ ok: true, value: 1 });
    expect(await kernel.evaluate("nowhere", long())).toMatchObject({ ok: false, name: p.missing });
    expect(printedText((await kernel.execute(p.print, long())).outputs)).toBe("1\n");
  });
}

function describeRestoring({ lease, programs: p }: Tools): void {
  it("brings a recipe's state back, errors included", async () => {
    const steps = recipe([p.set, "ok"], [p.raise, "error"], [p.add, "ok"]);
    await using kernel = await lease(steps);
    expect(kernel.restored.differences).toEqual([]);
    expect(kernel.restored.tier).not.toBe("fresh");
    expect(await kernel.evaluate(p.x, long())).toEqual({ ok: true, value: 3 });
  });

  it("leaves out steps that were interrupted or that killed the kernel", async () => {
    const steps = recipe([p.set, "ok"], [p.add, "interrupted"], [p.die, "died"], [p.add, "ok"]);
    await using kernel = await lease(steps);
    expect(kernel.restored.differences).toEqual([]);
    expect(await kernel.evaluate(p.x, long())).toEqual({ ok: true, value: 3 });
  });

  it("names the cell that went another way than before", async () => {
    await using raising = await lease(recipe([p.set, "ok"], [p.raise, "ok"]));
    expect(raising.restored.differences).toEqual([expect.stringMatching(`^c2 raised ${p.raises}`)]);
    await using quiet = await lease(recipe([p.set, "error"]));
    expect(quiet.restored.differences).toEqual([expect.stringMatching(/^c1 /)]);
    expect(await quiet.evaluate(p.x, long())).toEqual({ ok: true, value: 1 });
  });
}

function describeCheckpoints({ lease, programs: p }: Tools): void {
  const grown: KernelState = { recipe: recipe([p.set, "ok"], [p.add, "ok"]) };

  it("restores a checkpoint for several children, each on its own", async () => {
    await runAndGiveBack(lease, grown, [p.set, p.add]);
    await using first = await lease(grown.recipe);
    await using second = await lease(grown.recipe);
    await first.execute(p.add, long());
    expect(await first.evaluate(p.x, long())).toEqual({ ok: true, value: 5 });
    expect(await second.evaluate(p.x, long())).toEqual({ ok: true, value: 3 });
    expect([...first.restored.differences, ...second.restored.differences]).toEqual([]);
  });

  it("does not take a state for another: what ran is not what the recipe says", async () => {
    await runAndGiveBack(lease, grown, [p.set, p.add, p.add]);
    await using kernel = await lease(grown.recipe);
    expect(await kernel.evaluate(p.x, long())).toEqual({ ok: true, value: 3 });
  });

  it("forgets a checkpoint that its kernel has left behind", async () => {
    const kernel = await lease();
    await kernel.execute(p.set, long());
    await kernel.execute(p.add, long());
    await kernel.checkpoint(grown, long());
    await kernel.execute(p.add, long());
    await kernel[Symbol.asyncDispose]();
    await using child = await lease(grown.recipe);
    expect(await child.evaluate(p.x, long())).toEqual({ ok: true, value: 3 });
    await using further = await lease([...grown.recipe, ...recipe([p.set, "ok"])]);
    expect(await further.evaluate(p.x, long())).toEqual({ ok: true, value: 1 });
  });
}

async function runAndGiveBack(
  lease: Tools["lease"],
  state: KernelState,
  sources: readonly string[],
): Promise<void> {
  const kernel = await lease();
  for (const source of sources) await kernel.execute(source, long());
  await kernel.checkpoint(state, long());
  await kernel[Symbol.asyncDispose]();
}

function describeClosing(make: MakeKernelPool, p: KernelPrograms): void {
  it("can be closed at any time and again; what is left open is lost", async () => {
    const pool = await make();
    const open = await leaseFrom(pool, []);
    await pool[Symbol.asyncDispose]();
    await pool[Symbol.asyncDispose]();
    await expect(open.execute(p.set, long())).rejects.toBeInstanceOf(KernelLost);
    await open[Symbol.asyncDispose]();
    await open[Symbol.asyncDispose]();
    await expect(leaseFrom(pool, [])).rejects.toBeInstanceOf(RunError);
  });

  it("does not lease once aborted", async () => {
    await using pool = await make();
    const reason = new Error("stopped by the test");
    await expect(leaseFrom(pool, [], AbortSignal.abort(reason))).rejects.toBe(reason);
  });
}
