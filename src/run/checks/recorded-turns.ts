// Owns: the turns of a journal by the seeds of their requests. Reads each event once; never a reply.
import { roundsPlayed } from "../../core/notebook/notebook.ts";
import { seedAt } from "../../core/random.ts";
import { RunError } from "../../core/errors.ts";
import { readJson } from "../../loop/json-blob.ts";
import type {
  BlobHash,
  BlobReader,
  Journal,
  JsonObject,
  Notebook,
  Outcome,
  Proposal,
  ProposalId,
} from "../../contracts/index.ts";

/** A turn at its place in a run; without a reply where its episode ended there. */
export interface RecordedTurn {
  /** `p3, round 2, turn 1`. */
  readonly place: string;
  readonly request: BlobHash | null;
  readonly reply: BlobHash | null;
  /** Longer prompts had been refused before it. */
  readonly windowTokens: number | null;
  /** Why there is no reply. */
  readonly failure: string;
}

export interface RecordedTurns {
  readonly settings: JsonObject;
  readonly turns: ReadonlyMap<number, RecordedTurn>;
}

interface Place {
  readonly round: number;
  readonly turn: number;
}

/** @throws RunError `run-missing` for a journal without events. */
export async function recordedTurns(store: Journal & BlobReader, dir: string): Promise<RecordedTurns> {
  let started: { readonly seed: number; readonly settings: JsonObject } | null = null;
  const turns = new Map<number, RecordedTurn>();
  const proposals = new Map<ProposalId, Proposal>();
  const notebooks = new Map<string, BlobHash>();
  const next = new Map<ProposalId, Place>();
  const put = (id: ProposalId, { round, turn }: Place, what: Partial<RecordedTurn>): void => {
    const seed = seedAt(started?.seed ?? 0, "model", proposals.get(id)?.number ?? 0, round, turn);
    const nothing = { request: null, reply: null, windowTokens: null, failure: "" };
    turns.set(seed, { ...nothing, place: `${id}, round ${round}, turn ${turn}`, ...what });
  };
  /** Where an episode without a single turn would have begun. */
  const first = async ({ parents, repairs }: Proposal): Promise<Place> => {
    const hash = repairs?.failure.notebook ?? notebooks.get(parents[0] ?? "");
    if (hash === undefined) return { round: 1, turn: 1 };
    return { round: roundsPlayed(await readJson<Notebook>(store, hash)) + 1, turn: 1 };
  };
  const ended = async (outcome: Outcome): Promise<void> => {
    const { id } = outcome.proposal;
    if (outcome.ok) notebooks.set(outcome.branch.id, outcome.branch.notebook);
    const isModel = !outcome.ok && outcome.failure.boundary === "model";
    const failure = isModel
      ? outcome.failure.message
      : "the recorded run has no reply here: its episode ended";
    put(id, next.get(id) ?? (await first(outcome.proposal)), { failure });
  };
  for await (const event of store.read(0)) {
    if (event.type === "run-started") {
      started = event;
      notebooks.set(event.founder.id, event.founder.notebook);
    } else if (event.type === "proposal-made") proposals.set(event.proposal.id, event.proposal);
    else if (event.type === "turn-ended") {
      const { proposal, round, turn, reply, request = null, windowTokens = null } = event;
      put(proposal, event, { reply, request, windowTokens });
      next.set(proposal, { round, turn: turn + 1 });
    } else if (event.type === "round-ended") next.set(event.proposal, { round: event.round + 1, turn: 1 });
    else if (event.type === "episode-ended") await ended(event.outcome);
  }
  if (started === null) throw new RunError("run-missing", `${dir} holds no run that was begun`);
  return { settings: started.settings, turns };
}
