// Owns: finding the recorded turns of a run by the seeds of their requests. Reads each event once, and no reply.
import { countRounds } from "../../core/notebook/notebook.ts";
import { seedAt } from "../../core/random.ts";
import { RunError } from "../../core/errors.ts";
import type { History } from "../../core/run/history.ts";
import { readSteps } from "../../history/index.ts";
import { readJson } from "../../loop/json-blob.ts";
import type {
  BlobHash,
  BlobReader,
  JsonObject,
  Notebook,
  Outcome,
  Proposal,
  ProposalId,
} from "../../contracts/index.ts";
import type { RunStore } from "../../store/index.ts";

/** A turn that the run asked a model for, or the one at which an episode ended, which has no reply. */
export interface RecordedTurn {
  /** Where it was in the run, in words: `p3, round 2, turn 1`. */
  readonly place: string;
  readonly request: BlobHash | null;
  readonly reply: BlobHash | null;
  /** Prompt tokens that its prompt was cut to, after a longer one was refused; null when none was. */
  readonly windowTokens: number | null;
  /** Why there is no reply; empty where there is one. */
  readonly failure: string;
}

export interface RecordedTurns {
  readonly settings: JsonObject;
  /** By the seed of the request. */
  readonly turns: ReadonlyMap<number, RecordedTurn>;
}

interface Place {
  readonly round: number;
  readonly turn: number;
}

/** Reads the journal from its first event to its last. @throws RunError `run-missing` when it has no event. */
export async function readRecordedTurns(store: RunStore): Promise<RecordedTurns> {
  const turns = new Map<number, RecordedTurn>();
  const next = new Map<ProposalId, Place>();
  let last: History | null = null;
  for await (const { event, history } of readSteps(store)) {
    last = history;
    const put = ({ id, number }: Proposal, { round, turn }: Place, what: Partial<RecordedTurn>): void => {
      const place = `${id}, round ${round}, turn ${turn}`;
      const nothing = { request: null, reply: null, windowTokens: null, failure: "" };
      turns.set(seedAt(history.seed, "model", number, round, turn), { ...nothing, place, ...what });
    };
    if (event.type === "turn-ended") {
      const { round, turn, reply, request = null, windowTokens = null } = event;
      const proposal = history.open.get(event.proposal)?.proposal;
      if (proposal !== undefined) put(proposal, event, { reply, request, windowTokens });
      next.set(event.proposal, { round, turn: turn + 1 });
    } else if (event.type === "round-ended") next.set(event.proposal, { round: event.round + 1, turn: 1 });
    else if (event.type === "episode-ended") {
      const { proposal } = event.outcome;
      const place = next.get(proposal.id) ?? (await firstPlace(store, history, proposal));
      put(proposal, place, { failure: failureText(event.outcome) });
    }
  }
  if (last === null) throw new RunError("run-missing", `${store.dir} holds no run that was begun`);
  return { settings: last.settings, turns };
}

/** The round and turn at which an episode that has no turn on record would have begun. */
async function firstPlace(
  blobs: BlobReader,
  { branches }: History,
  { parents, repairs }: Proposal,
): Promise<Place> {
  const hash = repairs?.failure.notebook ?? branches.get(parents[0] ?? "")?.notebook;
  if (hash === undefined) return { round: 1, turn: 1 };
  return { round: countRounds(await readJson<Notebook>(blobs, hash)) + 1, turn: 1 };
}

function failureText(outcome: Outcome): string {
  if (!outcome.ok && outcome.failure.boundary === "model") return outcome.failure.message;
  return "the recorded run has no reply here: its episode ended";
}
