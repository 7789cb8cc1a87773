// Owns: `nbevolve bench kernels --drops`: rounds that each drop a third of their cells, on 1 GB of state, and how their children begin.
import type { KernelPool, RecipeStep, RestoreTier } from "../../src/contracts/kernel.ts";
import { median } from "../measure.ts";
import { timeWork, within } from "./measure.ts";
import { STATES } from "./states.ts";

/** Children of each round, one after the other, once its state was made in the background. */
const CHILDREN = 3;

export interface DropFigures {
  readonly rounds: number;
  readonly children: number;
  readonly forked: number;
  /** What a child takes from asking for the lease to its first value; the median. */
  readonly firstValueMs: number;
  /** From the end of a round until its state was made, in the background; the median. */
  readonly settledMs: number;
  /** What a round's end itself took, with its state still to be made; the median. */
  readonly roundEndMs: number;
  /** Why children were not forked. */
  readonly reasons: readonly string[];
}

/** One lineage: each round begins on a child of the one before. */
export async function measureDrops(pool: KernelPool, rounds: number): Promise<DropFigures> {
  const children: { readonly tier: RestoreTier; readonly ms: number; readonly reason: string }[] = [];
  const [ends, settled]: [number[], number[]] = [[], []];
  let recipe: readonly RecipeStep[] = [];
  const begin = (workspace: string) => pool.lease({ recipe }, { ...within, workspace });
  let lease = await begin("drops-0");
  for (let round = 1; round <= rounds; round += 1) {
    const cells = [
      round === 1 ? (STATES["1 GB of numpy"] ?? "") : `a[${round}] = ${round}`,
      `tried = a[:1_000_000].sum(); a[0] = -1`,
      `found = float(a[:1_000_000].max())`,
    ];
    const steps: RecipeStep[] = [];
    for (const [index, source] of cells.entries()) {
      const { status } = await lease.execute(source, within);
      steps.push({ cell: `c${round}-${index}`, source, status });
    }
    recipe = [...recipe, ...steps.filter((_, index) => index !== 1)];
    ends.push(
      await timeWork(async () => {
        await lease.checkpoint({ recipe }, within);
        await lease[Symbol.asyncDispose]();
      }),
    );
    settled.push(await timeWork(async () => pool.idle?.()));
    for (let child = 0; child < CHILDREN; child += 1) {
      if (child > 0) await lease[Symbol.asyncDispose]();
      const began = performance.now();
      lease = await begin(`drops-${round}-${child}`);
      await lease.evaluate("len(a)", within);
      const { tier, reason = "" } = lease.restored;
      children.push({ tier, reason, ms: performance.now() - began });
    }
  }
  await lease[Symbol.asyncDispose]();
  return {
    rounds,
    children: children.length,
    forked: children.filter(({ tier }) => tier === "fork").length,
    firstValueMs: median(children.map(({ ms }) => ms)),
    settledMs: median(settled),
    roundEndMs: median(ends),
    reasons: [...new Set(children.map(({ reason }) => reason).filter((reason) => reason !== ""))],
  };
}

export function dropsReport(figures: DropFigures): string {
  const { rounds, children, forked, firstValueMs, settledMs, roundEndMs, reasons } = figures;
  return [
    `${rounds} rounds with 1 GB of state, each without one of its three cells: ${forked} of ${children} children forked, ` +
      `${Math.round(firstValueMs)} ms to the first value (median). A round's end took ${Math.round(roundEndMs)} ms; its state was made in ` +
      `${Math.round(settledMs)} ms more, in the background.`,
    ...reasons.map((reason) => `Not forked: ${reason}`),
    "",
  ].join("\n");
}
