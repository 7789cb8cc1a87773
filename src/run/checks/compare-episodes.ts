// Owns: comparing two playings of an episode, each as a list of facts. Pure but for
// reading blobs. Times, counts of executions, addresses and names of temporary files are no facts.
import { ownScore } from "../../core/run/goal.ts";
import { readJson } from "../../loop/json-blob.ts";
import type { BlobReader, Edit, Output, RunEvent, TurnRecord } from "../../contracts/index.ts";

/** One thing that an episode gave, and its place. */
export interface EpisodeFact {
  readonly kind: "cell" | "edits" | "score" | "outcome";
  /** Counted along the lineage; absent for an outcome. */
  readonly round?: number;
  readonly turn?: number;
  readonly cell?: string;
  /** In words; equal facts have equal words. */
  readonly what: string;
}

/** The facts of an episode in their order. `blobs`: has the blobs that the events name. */
export async function readEpisodeFacts(
  events: readonly RunEvent[],
  blobs: BlobReader,
): Promise<readonly EpisodeFact[]> {
  const facts: EpisodeFact[] = [];
  for (const event of events) {
    if (event.type === "calls-ended") {
      const { round, turn } = event;
      const { edits, results } = await readJson<TurnRecord>(blobs, event.results);
      facts.push(...turnFacts([...edits, ...results.flatMap((one) => one.edits)], round, turn));
    } else if (event.type === "round-ended") {
      const { round, score, submission } = event;
      const value = score.valid ? `score ${ownScore(score)}` : `invalid: ${score.message}`;
      const judged = submission === null ? "no submission" : `submission ${submission.slice(0, 12)}`;
      facts.push({ kind: "score", round, what: `${value}, ${judged}` });
    } else if (event.type === "episode-ended") {
      const { outcome } = event;
      const what = outcome.ok
        ? `a branch of fitness ${outcome.branch.score.fitness}`
        : `failed (${outcome.failure.boundary})`;
      facts.push({ kind: "outcome", what });
    }
  }
  return facts;
}

function turnFacts(edits: readonly Edit[], round: number, turn: number): readonly EpisodeFact[] {
  const written = edits.filter(({ type }) => type !== "cell-ran").map(withoutTimes);
  return [
    ...edits.flatMap((edit): readonly EpisodeFact[] => {
      if (edit.type !== "cell-ran") return [];
      const what = `${edit.status}, ${describeOutputs(edit.outputs)}`;
      return [{ kind: "cell", round, turn, cell: edit.id, what }];
    }),
    ...(written.length === 0
      ? []
      : [{ kind: "edits", round, turn, what: `edits ${JSON.stringify(written)}` } as const]),
  ];
}

function withoutTimes(edit: Edit): Edit {
  if (edit.type !== "cell-marked") return edit;
  const { durationMs: _, ...mark } = edit.mark;
  return { ...edit, mark };
}

function describeOutputs(outputs: readonly Output[]): string {
  if (outputs.length === 0) return "no output";
  return outputs.map((output) => withoutVolatile(describeOutput(output))).join("; ");
}

function describeOutput(output: Output): string {
  if (output.output_type === "stream") return `${output.name}: ${textOf(output.text)}`;
  if (output.output_type === "error") return `${output.ename}: ${output.evalue}`;
  return JSON.stringify(output.data);
}

function textOf(text: string | readonly string[]): string {
  return typeof text === "string" ? text : text.join("");
}

/** Without what differs between two processes that do the same. */
function withoutVolatile(text: string): string {
  return text.replaceAll(/\b0x[0-9a-f]{6,}\b/g, "0x").replaceAll(/ipykernel_\d+[\\/]\d+/g, "ipykernel");
}

/** How two playings differ first; null when they do not. */
export interface EpisodeDifference {
  readonly proposal: string;
  readonly branch: string;
  readonly round: number | null;
  readonly cell: string | null;
  readonly what: string;
}

const SHOWN = 300;

/** The first fact that is not the same, with its place; null when all are. */
export function firstDifference(
  proposal: string,
  branch: string,
  then: readonly EpisodeFact[],
  now: readonly EpisodeFact[],
): EpisodeDifference | null {
  const at = Array.from({ length: Math.max(then.length, now.length) }, (_, i) => i).find(
    (i) => JSON.stringify(then[i]) !== JSON.stringify(now[i]),
  );
  if (at === undefined) return null;
  const place = then[at] ?? now[at];
  return {
    proposal,
    branch,
    round: place?.round ?? null,
    cell: place?.cell ?? null,
    what: `${describeFact(then[at], now[at])} then, ${describeFact(now[at], then[at])} now`,
  };
}

/** From a little before the place where the other has something else. */
function describeFact(fact: EpisodeFact | undefined, other: EpisodeFact | undefined): string {
  if (fact === undefined) return "nothing";
  const { what } = fact;
  let same = 0;
  while (same < what.length && what[same] === other?.what[same]) same += 1;
  const from = Math.max(0, same - SHOWN / 3);
  const text = what.slice(from, from + SHOWN);
  return `${from > 0 ? "..." : ""}${text}${from + SHOWN < what.length ? "..." : ""}`;
}

/** How many facts of one kind there were, and how many came out the same at the same place. */
export function countAlike(
  kind: EpisodeFact["kind"],
  then: readonly EpisodeFact[],
  now: readonly EpisodeFact[],
): { readonly all: number; readonly same: number } {
  const [a, b] = [then, now].map((facts) => facts.filter((fact) => fact.kind === kind));
  const same = (a ?? []).filter((fact, i) => JSON.stringify(fact) === JSON.stringify(b?.[i])).length;
  return { all: a?.length ?? 0, same };
}
