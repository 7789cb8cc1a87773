// Owns: the turns of a journal by the seeds of their requests. Reads each event once; never a reply.
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

/** Where an episode without a single turn would have begun. */
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
