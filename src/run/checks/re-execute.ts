// Owns: playing the recorded replies of a run again on fresh kernels, to find what comes out otherwise. Each episode
// starts from its recorded parents. Asks no model and changes nothing of the run.
import { checkOptions, OPTION } from "../../core/options.ts";
import { ModelError, RunError } from "../../core/errors.ts";
import { textMessage } from "../../core/conversation.ts";
import { branchId } from "../../core/run/branch.ts";
import { seedAt } from "../../core/random.ts";
import { withImprove } from "../../environment/tools/improve.ts";
import { notebookTools } from "../../environment/tools/index.ts";
import { readSteps } from "../../history/index.ts";
import { playEpisode } from "../../loop/episode.ts";
import type { EpisodeParts } from "../../loop/types.ts";
import type { History } from "../../core/run/history.ts";
import { playFounder } from "../../loop/root-branch.ts";
import { readJson } from "../../loop/json-blob.ts";
import type { TurnBudget } from "../../loop/budget.ts";
import type {
  Blob,
  BlobReader,
  Journal,
  KernelPool,
  LanguageModel,
  ModelReply,
  Proposal,
  Renderer,
  RunEvent,
  RenderInput,
  Task,
  Tool,
  Verifier,
} from "../../contracts/index.ts";
import type { RunStore } from "../../store/index.ts";
import { harnessIn, readRunStarted, readStoredTask } from "../run-settings.ts";
import { RUNTIME_OPTIONS, type RuntimeOptions } from "../runtime.ts";
import { openRunAgain } from "./run-again.ts";
import {
  countAlike,
  readEpisodeFacts,
  firstDifference,
  type EpisodeDifference,
  type EpisodeFact,
} from "./compare-episodes.ts";

/** What playing a run again showed. */
export interface ReExecuted {
  /** Episodes played again; those that are still open are not. */
  readonly episodes: number;
  readonly cells: { readonly all: number; readonly same: number };
  readonly scores: { readonly all: number; readonly same: number };
  /** The first in the order proposed; null when everything came out the same. */
  readonly difference: EpisodeDifference | null;
}

/** Sandbox, network, limits: as the run was started, where nothing is given. */
export interface ReExecuteOptions extends RuntimeOptions, Pick<ReExecuteParts, "tools"> {
  readonly signal: AbortSignal;
  /** Plays a run that this installation did not make although there is no sandbox. Default false. */
  readonly trust?: boolean | undefined;
}

/** Plays the recorded replies of a run again, on a runtime of its own; see `reExecute`. @throws RunError. */
export async function reExecuteRun(store: RunStore, options: ReExecuteOptions): Promise<ReExecuted> {
  checkOptions("reExecuteRun", options, { ...RUNTIME_OPTIONS, tools: OPTION.any, trust: OPTION.flag }, [
    "signal",
  ]);
  const task = await readStoredTask(store);
  if (task === null) throw new RunError("run-missing", `${store.dir} holds no scored founder yet`);
  const { tools, ...given } = options;
  const settings = (await readRunStarted(store))?.settings ?? null;
  await using runtime = await openRunAgain(store, task, settings, given);
  const { signal, progress } = options;
  const { verifier } = runtime;
  const kernels = await runtime.openKernels();
  return await reExecute({ journal: store, task, kernels, verifier, tools, signal, progress });
}

export interface ReExecuteParts {
  readonly journal: Pick<Journal, "read"> & BlobReader;
  readonly task: Task;
  readonly kernels: KernelPool;
  readonly verifier: Verifier;
  /** Tools of the run besides the notebook's own; they must be there again. Default none. */
  readonly tools?: readonly Tool[] | undefined;
  readonly signal: AbortSignal;
  /** After each episode. */
  readonly progress?: ((line: string) => void) | undefined;
}

/** @throws RunError `run-missing` | `founder-rejected`, and what stops a run. */
export async function reExecute(parts: ReExecuteParts): Promise<ReExecuted> {
  const { journal, progress = () => undefined } = parts;
  const begun = new Map<string, { readonly run: History; readonly events: RunEvent[] }>();
  const ended: {
    readonly proposal: Proposal;
    readonly was: readonly EpisodeFact[];
    readonly now: readonly EpisodeFact[];
  }[] = [];
  let difference: EpisodeDifference | null = null;
  let isEmpty = true;
  for await (const { event, history: run } of readSteps(journal)) {
    isEmpty = false;
    if (event.type === "run-started") difference = await founderDifference(parts, run);
    if (event.type === "proposal-made") begun.set(event.proposal.id, { run, events: [] });
    const id = proposalOf(event);
    if (id !== null) begun.get(id)?.events.push(event);
    const episode = begun.get(id ?? "");
    if (event.type !== "episode-ended" || episode === undefined) continue;
    const { proposal } = event.outcome;
    begun.delete(proposal.id);
    const was = await readEpisodeFacts(episode.events, journal);
    const now = await playAgain(parts, proposal, episode.run, episode.events);
    ended.push({ proposal, was, now });
    const other = firstDifference(proposal.id, branchId(proposal.number), was, now);
    progress(`${proposal.id}: ${other === null ? "the same" : describeDifference(other)}`);
  }
  if (isEmpty) throw new RunError("run-missing", "the journal is empty: there is no run to play again");
  const inOrder = ended.toSorted((a, b) => a.proposal.number - b.proposal.number);
  for (const { proposal, was, now } of inOrder)
    difference ??= firstDifference(proposal.id, branchId(proposal.number), was, now);
  return {
    episodes: ended.length,
    cells: sumCounts("cell", ended),
    scores: sumCounts("score", ended),
    difference,
  };
}

export function describeDifference({ branch, round, cell, what }: EpisodeDifference): string {
  const place = [
    branch,
    ...(round === null ? [] : [`round ${round}`]),
    ...(cell === null ? [] : [`cell ${cell}`]),
  ];
  return `${place.join(", ")}: ${what}`;
}

/** No model reads a prompt here. */
const NO_RENDERER: Renderer<null> = {
  name: "none",
  open: () => null,
  append: () => null,
  prompt: () => ({ messages: [textMessage("user", "played again")], breakpoints: [] }),
};

function sumCounts(
  kind: EpisodeFact["kind"],
  ended: readonly { readonly was: readonly EpisodeFact[]; readonly now: readonly EpisodeFact[] }[],
) {
  const counts = ended.map(({ was, now }) => countAlike(kind, was, now));
  const total = (of: "all" | "same"): number => counts.reduce((all, count) => all + count[of], 0);
  return { all: total("all"), same: total("same") };
}

function proposalOf(event: RunEvent): string | null {
  if (event.type === "episode-ended") return event.outcome.proposal.id;
  return "proposal" in event && typeof event.proposal === "string" ? event.proposal : null;
}

async function founderDifference(parts: ReExecuteParts, run: History): Promise<EpisodeDifference | null> {
  const { event } = await playFounder({
    ...episodeParts(parts, NO_MODEL, run),
    seed: run.seed,
    settings: {},
    signal: parts.signal,
  });
  const now = event.type === "run-started" ? event.founder.score.fitness : null;
  const then = run.best.score.fitness;
  if (now === then) return null;
  const what = `a founder of fitness ${then} then, of ${now} now`;
  return { proposal: "", branch: branchId(0), round: null, cell: null, what };
}

async function playAgain(
  parts: ReExecuteParts,
  proposal: Proposal,
  begun: History,
  events: readonly RunEvent[],
): Promise<readonly EpisodeFact[]> {
  const blobs = overlayBlobs(parts.journal);
  const played: RunEvent[] = [];
  const decisions = events.filter((event) => event.type === "call-decided");
  const open = begun.open.get(proposal.id);
  const run: History =
    open === undefined ? begun : { ...begun, open: begun.open.set(proposal.id, { ...open, decisions }) };
  const model = await recordedModel(parts.journal, run.seed, proposal, events);
  const { outcome, blobs: left } = await playEpisode(
    {
      ...episodeParts({ ...parts, journal: blobs }, model, run),
      policy: decisions.length > 0 ? () => ({ verdict: "allow" }) : undefined,
    },
    proposal,
    run,
    async (event, given = []) => {
      blobs.keep(given);
      if (event.type !== "call-decided") played.push(event);
    },
    parts.signal,
    turnBudgetFor(events),
  );
  blobs.keep(left);
  return readEpisodeFacts([...played, { type: "episode-ended", outcome }], blobs);
}

function episodeParts(
  {
    task,
    kernels,
    verifier,
    tools: more,
    journal,
  }: Omit<ReExecuteParts, "journal"> & { readonly journal: BlobReader },
  model: LanguageModel,
  run: History,
): EpisodeParts<null> {
  const rounds = Number(run.settings["rounds"] ?? 1);
  const inputFor = (notebook: RenderInput["notebook"]): RenderInput => ({
    instructions: "",
    statement: task.statement,
    notebook,
    budgetTokens: task.limits.contextTokens,
    seesImages: false,
    countTokens: () => 0,
  });
  const harness = harnessIn(run.settings);
  // Its model may have had the tool; who had not never calls it.
  const tools = withImprove(notebookTools(task, more, harness), task.submission);
  return {
    harness,
    task,
    kernels,
    verifier,
    tools,
    model,
    renderer: NO_RENDERER,
    blobs: journal,
    rounds,
    inputFor,
  };
}

const NO_MODEL: LanguageModel = {
  name: "none",
  seesImages: false,
  reply: () => Promise.reject(new ModelError("no model is asked here")),
};

/** Gives out the replies of one episode by their place in it, and at its end what the model failed with. */
async function recordedModel(
  blobs: BlobReader,
  seed: number,
  { number }: Proposal,
  events: readonly RunEvent[],
): Promise<LanguageModel> {
  const replies = new Map<number, ModelReply>();
  for (const event of events) {
    if (event.type !== "turn-ended") continue;
    const { round, turn, reply } = event;
    replies.set(seedAt(seed, "model", number, round, turn), await readJson<ModelReply>(blobs, reply));
  }
  return {
    ...NO_MODEL,
    async reply(request) {
      const reply = replies.get(request.seed);
      if (reply === undefined) throw new ModelError("the journal has no reply for this turn");
      return reply;
    },
  };
}

/** As many turns as there were: a budget may have closed a round. One more where the model failed. */
function turnBudgetFor(events: readonly RunEvent[]): TurnBudget {
  const last = events.at(-1);
  const didFail =
    last?.type === "episode-ended" && !last.outcome.ok && last.outcome.failure.boundary === "model" ? 1 : 0;
  let left = events.filter(({ type }) => type === "turn-ended").length + didFail;
  return {
    isOpen: () => left > 0,
    reserve: async () => left-- > 0,
    settle: () => undefined,
  };
}

/** Blobs of this playing first, then the run's. */
function overlayBlobs(under: BlobReader): BlobReader & { keep(blobs: readonly Blob[]): void } {
  const own = new Map<string, Uint8Array>();
  return {
    keep(blobs) {
      for (const { hash, bytes } of blobs) own.set(hash, bytes);
    },
    readBlob: async (hash) => own.get(hash) ?? (await under.readBlob(hash)),
  };
}
