// Owns: a run from end to end, composed of its parts: the library's front door. A run that is there already is resumed.
import { setMaxListeners } from "node:events";
import { join } from "node:path";
import { RunError } from "../core/errors.ts";
import { isCode } from "../core/notebook.ts";
import type { Run } from "../core/run.ts";
import { findPython } from "../kernels/python-env.ts";
import type { JupyterKernelsOptions } from "../kernels/kernel-pool.ts";
import { jupyterKernels } from "../kernels/kernel-pool.ts";
import { remoteAddress, type RemoteOptions } from "../kernels/remote-address.ts";
import type { SandboxOptions } from "../kernels/sandbox/sandbox.ts";
import type { KernelLimits } from "../kernels/sandbox/limits.ts";
import { openSandbox } from "../kernels/sandbox/sandbox.ts";
import { playEpisode } from "../loop/episode.ts";
import type { Budget } from "../loop/budget.ts";
import { evolve, type EvolveOptions } from "../loop/evolve.ts";
import { found } from "../loop/found.ts";
import { reproduce } from "../loop/reproduce.ts";
import type { ReproduceMode } from "../loop/reproductions.ts";
import { instructions } from "../loop/instructions.ts";
import { imageTokens } from "../models/image-tokens.ts";
import { pricingFor } from "../models/pricing.ts";
import { tiktokenCounter } from "../models/token-counter.ts";
import { networkNews } from "./network-news.ts";
import { directoryAsItIs } from "./fresh-directory.ts";
import { startNotes } from "./start-notes.ts";
import { runDirectory, sittingOf, startOf, storedTask, type RunLimits } from "./sitting.ts";
import { taskVerifier } from "./judge-submission.ts";
import { eventStream } from "./event-stream.ts";
import { resultOf, type RunResult } from "./result.ts";
import type {
  ActionPolicy,
  AskPerson,
  Branch,
  ImagePart,
  Json,
  LanguageModel,
  Proposal,
  Pricing,
  Renderer,
  RunEvent,
  Scene,
  Strategy,
  Task,
} from "../spec/index.ts";
import { openInbox, openRunStore } from "../store/index.ts";
import { loadTask } from "../tasks/load-task.ts";
import { logStructured } from "../../renderers/log-structured.ts";
import { tournament } from "../../strategies/tournament.ts";

export interface RunOptions extends SandboxOptions {
  /** A task, the path of a task notebook, or a benchmark's name. Not needed to resume `dir`. */
  readonly task?: Task | string;
  readonly model: LanguageModel;
  /** Or a function that makes it for the task. Default: `tournament()`. */
  readonly strategy?: Strategy | ((task: Task) => Strategy | Promise<Strategy>);
  /** Default: `logStructured()`. */
  readonly renderer?: Renderer;
  /** What the model's prompt cache costs, for the renderer. Default: the model's own, else by its name. */
  readonly pricing?: Pricing;
  /** The run directory; one with a run in it is resumed. Default: `runs/<task>-<time>`. */
  readonly dir?: string;
  /** Total of the run, earlier sittings included; 1 or more. Default 20; when resuming, what it was. */
  readonly proposals?: number;
  /** More limits of the run, in any combination; when resuming, they change what was said before. */
  readonly budget?: RunLimits;
  /** Episodes at a time, 1 or more. Default 2. */
  readonly parallel?: number;
  /** Rounds an episode, 1 or more. Default 1. */
  readonly rounds?: number;
  /** A whole number of 0 to 2^32 - 1. Default: drawn, and kept in the journal. */
  readonly seed?: number;
  /** Default `as-finished`; `as-proposed` makes a seed reproduce its population. */
  readonly order?: EvolveOptions["order"];
  /**
   * Which branches are run top to bottom in a fresh kernel and judged again, beside the run: a score that does not
   * survive cannot be the best. Default `best`; when resuming, what it was.
   */
  readonly reproduce?: ReproduceMode;
  /** Overrides of the task's parameters; with a task given by path or name. */
  readonly parameters?: Readonly<Record<string, Json>>;
  /** Children's kernels are forked from their parents'. Default: where it can be had (Linux); else they are replayed. */
  readonly fork?: boolean;
  /** For the frozen kernels that children are forked from, all together. Default: a quarter of the machine's, 8 GB at most. */
  readonly kernelMemoryBytes?: number;
  /** Kept in the journal for whoever resumes: how the caller made its parts. Never a secret. */
  readonly origin?: Readonly<Record<string, Json>>;
  /** Kernels on a Jupyter server that runs already, here or elsewhere, in place of a boxed one of the run's own. */
  readonly server?: RemoteOptions;
  /** Of one boxed kernel, with what it starts. */
  readonly limits?: Partial<KernelLimits>;
  /** Sees every tool call of the model before it is carried out, and may refuse it. Default: all are allowed. */
  readonly policy?: ActionPolicy;
  /** Asks a person, where the policy says `ask`; without it such a call is denied. */
  readonly askPerson?: AskPerson;
  readonly signal?: AbortSignal;
  /** Lines for people: the Python environment being made, the server starting. */
  readonly progress?: (line: string) => void;
}

/** A run under way. */
export interface RunHandle {
  /** The run directory, absolute. */
  readonly dir: string;
  /** What is known so far; null until the founder is scored. */
  readonly state: Run | null;
  readonly best: Branch | null;
  /** What this sitting goes by; null until it is known. */
  readonly budget: Budget | null;
  /** Events of earlier sittings; final once `events()` gives its first. */
  readonly past: number;
  /** Every event of the run from its first, then live; ends with this sitting. Each call is a stream of its own. */
  events(): AsyncIterable<RunEvent>;
  /** @throws RunError; the signal's reason when aborted. Either way the run can be resumed. */
  readonly done: Promise<RunResult>;
  /** Interrupts what is running, keeps everything, and settles `done` with what there is. */
  stop(): Promise<RunResult>;
}

const STOPPED = Symbol("stopped");

/** Starts a run, or resumes the one in `dir`. @throws RunError when an option is wrong. */
export function startRun(options: RunOptions): RunHandle {
  const dir = runDirectory(options);
  const stopper = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, stopper.signal]) : stopper.signal;
  // Every episode, cell and request listens: many are no leak.
  setMaxListeners(0, signal);
  const stream = eventStream(() => openRunStore(dir, { mode: "read" }));
  const live: Live = { opened: false, run: null, past: 0, budget: null };
  const began = Date.now();
  const result = (run: Run | null): RunResult => resultOf(dir, run, (Date.now() - began) / 1000);
  const done = sit(options, dir, live, () => stream.wake(), signal)
    .catch((error: unknown) => {
      if (stopper.signal.aborted && error === STOPPED) return live.run;
      throw error;
    })
    .finally(() => stream.end(live.run !== null))
    .then(result);
  done.catch(() => undefined); // the caller may listen later, or only to events()
  return {
    dir,
    get state() {
      return live.run;
    },
    get past() {
      return live.past;
    },
    get budget() {
      return live.budget;
    },
    get best() {
      return live.run?.best ?? null;
    },
    events: () => stream.read(),
    done,
    async stop() {
      stopper.abort(STOPPED);
      return done;
    },
  };
}

interface Live {
  /** The run directory is ours. */
  opened: boolean;
  run: Run | null;
  past: number;
  budget: Budget | null;
}

/** One sitting; of one that ends before its founder is scored nothing stays. */
async function sit(
  options: RunOptions,
  dir: string,
  live: Live,
  wake: () => void,
  signal: AbortSignal,
): Promise<Run> {
  const restore = directoryAsItIs(dir);
  try {
    return await play(options, dir, live, wake, signal);
  } catch (error) {
    if (live.opened && live.run === null) await restore();
    throw error;
  }
}

/** Everything that is held open is opened here and closed here. */
async function play(
  options: RunOptions,
  dir: string,
  live: Live,
  wake: () => void,
  signal: AbortSignal,
): Promise<Run> {
  // Before anything else: a run that cannot have its sandbox leaves nothing behind.
  const sandbox = (await openSandbox(options, options.progress)) === null ? "off" : "on";
  const { allowNetwork, progress, server } = options;
  checkBoxed(options, sandbox);
  const given =
    typeof options.task === "string"
      ? await loadTask(options.task, { parameters: options.parameters ?? {} })
      : options.task;
  const renderer: Renderer = options.renderer ?? logStructured();
  await using store = await openRunStore(dir, { mode: "write", mustExist: given === undefined });
  live.opened = true;
  const strategy = await strategyOf(options, given ?? (await storedTask(store)));
  const isNew = (await startOf(store)) === null;
  const sitting = await sittingOf(store, given ?? null, { ...options, sandbox }, { strategy, renderer });
  live.budget = sitting.budget;
  if (isNew) for (const line of startNotes(sitting.task, options.model)) progress?.(line);
  const python = await findPython({ signal, ...(options.progress && { progress: options.progress }) });
  await using verifier = taskVerifier(sitting.task, sitting.task.verifier, python.python, sandbox);
  const workspacesDir = join(dir, "workspaces");
  using network = networkNews(allowNetwork, sandbox, progress);
  if (server !== undefined)
    progress?.(
      `kernels: on ${remoteAddress(server).base}. NO SANDBOX OF NBEVOLVE'S IS AROUND THEM: cells can do what that server lets them do`,
    );
  const { onEvent } = network;
  const durable = { dir: join(dir, "kernels") };
  await using kernels = await jupyterKernels({
    ...{ python, workspacesDir, durable, sandbox, allowNetwork, signal, onEvent },
    ...forking(options, sitting.task),
    ...(options.limits !== undefined && { limits: options.limits }),
    ...(server !== undefined && { server }),
  });
  using inbox = await openInbox(dir, options.progress ?? (() => undefined));
  const parts = {
    ...sitting,
    kernels,
    verifier,
    renderer,
    model: options.model,
    ...(options.policy !== undefined && { policy: options.policy }),
    ...(options.askPerson !== undefined && { askPerson: options.askPerson }),
    blobs: store,
    scene: sceneOf(sitting.task, options.model, options.pricing),
  };
  const { members = [] } = options.model;
  /** The proposal's own model where several compete; the first, where the list has changed since. */
  const partsFor = ({ model: name }: Proposal) => {
    const model = members.find((member) => member.name === name) ?? members[0];
    return model === undefined ? {} : { model, scene: sceneOf(sitting.task, model, options.pricing) };
  };
  return await evolve(
    {
      strategy,
      journal: store,
      found: () => found({ ...parts, signal }),
      playEpisode: (proposal, run, record, episodeSignal, purse) =>
        playEpisode({ ...parts, ...partsFor(proposal) }, proposal, run, record, episodeSignal, purse),
      models: members.map(({ name }) => name),
      inbox,
      reproduce: (branch, within) => reproduce(parts, branch, { signal: within }),
      observe: (run, _event, past) => {
        live.run = run;
        if (past) live.past += 1;
        else wake();
      },
    },
    { ...sitting, signal },
  );
}

/** @throws RunError `bad-option` for what nothing would keep. */
function checkBoxed({ server, allowNetwork, limits }: RunOptions, sandbox: "on" | "off"): void {
  if (server !== undefined) remoteAddress(server);
  const asked = allowNetwork !== undefined && allowNetwork !== false ? "--allow-network" : "--limits";
  if (asked === "--limits" && limits === undefined) return;
  const why =
    server === undefined ? "there is no sandbox here" : "there is none around the kernels of --server";
  if (server === undefined && (sandbox === "on" || asked === "--allow-network")) return;
  throw new RunError("bad-option", `${asked} is kept by the sandbox, and ${why}: leave it out`);
}

/** How the run's kernels branch. */
function forking(
  { fork, kernelMemoryBytes, server, progress }: RunOptions,
  { founder }: Task,
): Pick<JupyterKernelsOptions, "fork" | "templates" | "preload"> {
  if (fork !== false && server === undefined && process.platform !== "linux")
    progress?.("Kernels are not forked here (that needs Linux): children's states are replayed.");
  return {
    ...(fork !== undefined && { fork }),
    ...(kernelMemoryBytes !== undefined && { templates: { bytes: kernelMemoryBytes } }),
    preload: founder.cells.filter(isCode).map(({ source }) => source),
  };
}

async function strategyOf({ strategy = tournament() }: RunOptions, task: Task | null): Promise<Strategy> {
  if (typeof strategy !== "function") return strategy;
  // Without a task there is no run: what comes next says so.
  return task === null ? tournament() : strategy(task);
}

function sceneOf(
  task: Task,
  model: LanguageModel,
  pricing: Pricing = model.pricing ?? pricingFor(model.name),
): (notebook: Scene["notebook"]) => Scene {
  const countTokens = tiktokenCounter();
  const fixed = {
    instructions: instructions(task.submission),
    statement: task.statement,
    budgetTokens: task.limits.contextTokens,
    seesImages: model.seesImages,
    pricing,
    countTokens,
    countImageTokens: (image: ImagePart) => imageTokens(model.name, image),
  };
  return (notebook) => ({ ...fixed, notebook });
}
