// Owns: an episode's turns as the journal keeps them: what was asked, what was replied, decided and done, and reading it back.
// A request is kept as what it adds to the one before it, so that a conversation takes its own length and not its square.
import { askPolicy } from "../environment/ask-policy.ts";
import type { NotebookEnvironment } from "../environment/index.ts";
import type { OpenEpisode } from "../core/run/history.ts";
import { requestOf, type RequestRecord } from "../core/run/request-record.ts";
import type {
  ActionPolicy,
  AskPerson,
  Blob,
  BlobHash,
  BlobReader,
  Decision,
  ModelReply,
  ModelRequest,
  Proposal,
  Restored,
  ToolCall,
  TurnRecord,
} from "../contracts/index.ts";
import { jsonBlob, readJson } from "./json-blob.ts";
import type { RecordEvent } from "./types.ts";

/** A turn as it stands on record; `record` is null when its calls were not finished. */
export interface TurnOnRecord {
  readonly reply: ModelReply;
  readonly record: TurnRecord | null;
  /** Tokens that the view was made again to fit in before this turn; null: it was not made again. */
  readonly windowTokens: number | null;
}

/** A request and its reply. */
export interface AnsweredRequest {
  readonly request: ModelRequest;
  readonly reply: ModelReply;
  /** How often the view was made again, shorter, before the model took the request. */
  readonly folds: number;
  /** Tokens of a prompt that is known to fit; null: none was refused. */
  readonly windowTokens: number | null;
}

/** Where an episode's turns are written. Each method resolves once what it writes is durable. */
export interface TurnJournal {
  writeReply(turn: number, answered: AnsweredRequest): Promise<void>;
  /**
   * What is on record holds; else the policy is asked, and its decision is durable before anything comes of it. Undefined
   * where there is no policy.
   */
  readonly decide: ((turn: number, call: ToolCall, at: number) => Promise<Decision>) | undefined;
  /** What the turn did, and the kernel's new state where another one had to be restored meanwhile. */
  writeTurn(turn: number, record: TurnRecord): Promise<void>;
}

export interface TurnJournalParts {
  readonly proposal: Proposal;
  readonly environment: NotebookEnvironment;
  readonly record: RecordEvent;
  readonly signal: AbortSignal;
  /** Name of the model that is asked. */
  readonly model: string;
  readonly policy?: ActionPolicy | undefined;
  readonly askPerson?: AskPerson | undefined;
  /** What an earlier session left on record. */
  readonly open: OpenEpisode | undefined;
  /** What the kernel of the episode began with. */
  readonly restored: Restored;
}

export function openTurnJournal(parts: TurnJournalParts): TurnJournal {
  const { environment, record, signal, policy, askPerson, open } = parts;
  const proposal = parts.proposal.id;
  const requests = requestLog();
  let known: Restored = parts.restored;
  const placeOf = (turn: number) => ({ proposal, round: environment.state().round, turn });
  return {
    async writeReply(turn, { request, reply, folds, windowTokens }) {
      const [asked, answer] = [requests.blobOf(request), jsonBlob(reply)];
      const notices = folds > 0 ? { ...reply.notices, "too-long": folds } : (reply.notices ?? {});
      const event = {
        type: "turn-ended",
        ...placeOf(turn),
        model: parts.model,
        usage: reply.usage,
        notices: Object.keys(notices).length > 0 ? notices : undefined,
        windowTokens: folds > 0 ? (windowTokens ?? undefined) : undefined,
        reply: answer.hash,
        request: asked.hash,
      } as const;
      await record(event, [asked, answer]);
    },
    decide:
      policy &&
      (async (turn, call, at) => {
        const place = placeOf(turn);
        const earlier = open?.decisions.find(
          (event) => event.round === place.round && event.turn === turn && event.call === at,
        );
        if (earlier !== undefined) return earlier.decision;
        const { notebook } = environment.state();
        const decision = await askPolicy(policy, askPerson, { call, notebook, ...place }, signal);
        await record({ type: "call-decided", ...place, call: at, tool: call.tool, decision });
        return decision;
      }),
    async writeTurn(turn, turnRecord) {
      const blob = jsonBlob(turnRecord);
      const cells = countRuns(turnRecord);
      const mended = turnRecord.results.filter((result) => result.mended !== undefined).length;
      const counts = { cells, ...(mended > 0 && { mended }) };
      await record({ type: "calls-ended", ...placeOf(turn), ...counts, results: blob.hash }, [blob]);
      const now = environment.restored;
      if (now === null || now === known) return;
      known = now;
      await record({ type: "kernel-restored", proposal, restored: now });
    },
  };
}

/** The turns of the round that was being played. */
export async function readPlayedTurns(
  blobs: BlobReader,
  open: OpenEpisode | undefined,
): Promise<readonly TurnOnRecord[]> {
  return Promise.all(
    (open?.turns ?? []).map(async ({ reply, results, windowTokens }) => ({
      windowTokens,
      reply: await readJson<ModelReply>(blobs, reply),
      record: results === null ? null : await readJson<TurnRecord>(blobs, results),
    })),
  );
}

function countRuns({ edits, results }: TurnRecord): number {
  const all = [...edits, ...results.flatMap((result) => result.edits)];
  return all.filter(({ type }) => type === "cell-ran").length;
}

/** Requests of one episode in one session. `blobOf`: the request as a blob; call it in the order of asking. */
export function requestLog(): { blobOf(request: ModelRequest): Blob } {
  let last: {
    readonly request: ModelRequest;
    readonly hash: BlobHash;
    readonly texts: readonly string[];
  } | null = null;
  return {
    blobOf(request) {
      const texts = request.messages.map((message) => JSON.stringify(message));
      const kept = last === null ? 0 : commonLength(last.texts, texts);
      const sameTools = last !== null && JSON.stringify(last.request.tools) === JSON.stringify(request.tools);
      const record: RequestRecord = {
        ...request,
        version: 1,
        before: sameTools ? (last?.hash ?? null) : null,
        kept: sameTools ? kept : 0,
        messages: request.messages.slice(sameTools ? kept : 0),
        tools: sameTools ? null : request.tools,
      };
      const blob = jsonBlob(record);
      last = { request, hash: blob.hash, texts };
      return blob;
    },
  };
}

/** The request of a blob. @throws RunError `blob-missing` | `run-corrupt`. */
export async function readRequest(blobs: BlobReader, hash: BlobHash): Promise<ModelRequest> {
  const reading = requestOf(hash);
  let step = reading.next();
  while (step.done !== true) step = reading.next(await blobs.readBlob(step.value));
  return step.value;
}

function commonLength(a: readonly string[], b: readonly string[]): number {
  const first = b.findIndex((text, at) => text !== a[at]);
  return first === -1 ? b.length : first;
}
