// Owns: how good staleness by names is: what it calls stale after an edit, compared with running everything again.
import { staleAfter } from "../../src/core/notebook/dependencies.ts";
import { codeCell, emptyNotebook } from "../../src/core/notebook/notebook.ts";
import type { CellId, CodeCell, KernelPool, Notebook, StateDescription } from "../../src/contracts/index.ts";
import { STALENESS_CASES, type StalenessCase } from "./staleness-cases.ts";

/** Counts of cells below edited ones, by what was predicted and what is true. */
export interface StalenessVerdicts {
  readonly rightlyStale: number;
  readonly wronglyStale: number;
  readonly rightlyFresh: number;
  readonly wronglyFresh: number;
}
export interface Staleness {
  readonly notebooks: number;
  readonly edits: number;
  readonly byNames: StalenessVerdicts;
  /** The same when every cell below the edited one is called stale. */
  readonly byPosition: StalenessVerdicts;
  /** Every wrong prediction: `aliases, edit of c3: c4 is called fresh`. */
  readonly wrong: readonly string[];
}

/** What one cell did: its outputs, and the value of every name after it. */
interface Effect {
  readonly outputs: string;
  readonly state: StateDescription;
}

const within = { timeoutMs: 60_000, signal: new AbortController().signal };
const NONE: StalenessVerdicts = { rightlyStale: 0, wronglyStale: 0, rightlyFresh: 0, wronglyFresh: 0 };

/** Runs each notebook top to bottom in a fresh kernel, as it stands and once more for each of its edits. */
export async function measureStaleness(
  pool: KernelPool,
  cases: readonly StalenessCase[] = STALENESS_CASES,
): Promise<Staleness> {
  let byNames = NONE;
  let byPosition = NONE;
  const wrong: string[] = [];
  for (const { name, cells, edits } of cases) {
    const before = await run(pool, cells);
    for (const [at, source] of edits) {
      const edited = cells.with(at, source);
      const after = await run(pool, edited);
      const called = calledStale(edited, at);
      for (let i = at + 1; i < cells.length; i++) {
        const truth = differs(before, after, i);
        const outputsText = called.has(idAt(i));
        byNames = countVerdict(byNames, outputsText, truth);
        byPosition = countVerdict(byPosition, true, truth);
        if (outputsText !== truth)
          wrong.push(`${name}, edit of ${idAt(at)}: ${idAt(i)} is called ${outputsText ? "stale" : "fresh"}`);
      }
    }
  }
  const edits = cases.reduce((sum, one) => sum + one.edits.length, 0);
  return { notebooks: cases.length, edits, byNames, byPosition, wrong };
}

/** `recall`: the share of stale cells that are called stale. `precision`: the share of cells called stale that are. */
export function precisionAndRecall(verdicts: StalenessVerdicts): {
  readonly precision: number;
  readonly recall: number;
} {
  const { rightlyStale, wronglyStale, wronglyFresh } = verdicts;
  return {
    precision: rightlyStale / Math.max(1, rightlyStale + wronglyStale),
    recall: rightlyStale / Math.max(1, rightlyStale + wronglyFresh),
  };
}

async function run(pool: KernelPool, cells: readonly string[]): Promise<readonly Effect[]> {
  await using lease = await pool.lease({ recipe: [] }, { ...within, workspace: "staleness" });
  const effects: Effect[] = [];
  for (const source of cells) {
    const { outputs, status } = await lease.execute(source, within);
    if (status !== "ok") throw new Error(`a cell of the benchmark ended with ${status}:\n${source}`);
    const state = await lease.describe?.(within);
    if (state === undefined || state === null) throw new Error("the kernel does not say what its names hold");
    effects.push({ outputs: outputsText(outputs), state });
  }
  return effects;
}

/** Times and counts, which differ between any two runs, are left out. */
function outputsText(outputs: readonly unknown[]): string {
  return JSON.stringify(outputs, (key, value: unknown) =>
    key === "execution_count" ? undefined : value,
  ).replace(/(?:CPU|Wall) times?: [^"\\]*/g, "");
}

/** Whether the outputs of the cell differ, or the value of a name that it changed in either run. */
function differs(before: readonly Effect[], after: readonly Effect[], i: number): boolean {
  if (before[i]?.outputs !== after[i]?.outputs) return true;
  const names = new Set([...changedBy(before, i), ...changedBy(after, i)]);
  return [...names].some((name) => valueText(before[i], name) !== valueText(after[i], name));
}

function changedBy(effects: readonly Effect[], i: number): readonly string[] {
  return Object.keys(effects[i]?.state ?? {}).filter(
    (name) => valueText(effects[i], name) !== valueText(effects[i - 1], name),
  );
}

function valueText(effect: Effect | undefined, name: string): string {
  return JSON.stringify(effect?.state[name] ?? null);
}

function calledStale(cells: readonly string[], at: number): ReadonlySet<CellId> {
  const made = cells.map((source, i): CodeCell => {
    const cell = codeCell(idAt(i), source, { role: "code", round: 1 });
    return { ...cell, metadata: { nbevolve: { role: "code", round: 1, state: "clean" } } };
  });
  const notebook: Notebook = { ...emptyNotebook(), cells: made };
  return new Set(staleAfter(notebook, idAt(at)).map(({ id }) => id));
}

function idAt(i: number): CellId {
  return `c${i + 1}`;
}

function countVerdict(verdicts: StalenessVerdicts, stale: boolean, truth: boolean): StalenessVerdicts {
  const kind = `${stale === truth ? "rightly" : "wrongly"}${stale ? "Stale" : "Fresh"}` as const;
  return { ...verdicts, [kind]: verdicts[kind] + 1 };
}
