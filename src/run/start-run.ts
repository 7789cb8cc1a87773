// Owns: a run from end to end, composed of its parts: the library's front door. A run that is there already is resumed.
import { setMaxListeners } from "node:events";
import { join } from "node:path";
import { RunError } from "../core/errors.ts";
import { isCode } from "../core/notebook/notebook.ts";
import type { Run } from "../core/run/run.ts";
import { findPython } from "../machine/python/find-python.ts";
import type { JupyterKernelsOptions } from "../kernels/kernel-options.ts";
import { jupyterKernels } from "../kernels/kernel-pool.ts";
import { remoteAddress } from "../kernels/remote/remote-address.ts";
import { openSandbox } from "../machine/sandbox/sandbox.ts";
import { playEpisode } from "../loop/episode.ts";
import type { Budget } from "../loop/budget.ts";
import { evolve } from "../loop/evolve.ts";
import { runFounder } from "../loop/run-founder.ts";
import { reproduceNotebook } from "../loop/reproduce.ts";
import { instructions } from "../loop/instructions.ts";
import { imageTokens } from "../models/catalogue/count-tokens.ts";
import { pricingFor } from "../models/catalogue/pricing.ts";
import { tiktokenCounter } from "../models/catalogue/count-tokens.ts";
import { reportNetwork } from "./report-network.ts";
import { directoryAsItIs } from "./fresh-directory.ts";
import { startNotes } from "./start-notes.ts";
import { runDirectory, resolveRunSettings, readRunStarted, readStoredTask } from "./run-settings.ts";
import { taskVerifier } from "./checks/judge-submission.ts";
import { eventStream } from "./event-stream.ts";
import { resultOf, type RunResult } from "./result.ts";
import type { RunHandle, RunOptions } from "./run-options.ts";
import type {
  ImagePart,
  LanguageModel,
  Proposal,
  Pricing,
  Renderer,
  RenderInput,
  Strategy,
  Task,
} from "../contracts/index.ts";
import { openInbox, openRunStore } from "../store/index.ts";
import { loadTask } from "../tasks/load-task.ts";
import { logStructured } from "../../renderers/log-structured.ts";
import { tournament } from "../../strategies/tournament.ts";

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

/** One session; of one that ends before its founder is scored nothing stays. */
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
  const strategy = await strategyOf(options, given ?? (await readStoredTask(store)));
  const isNew = (await readRunStarted(store)) === null;
  const session = await resolveRunSettings(
    store,
    given ?? null,
    { ...options, sandbox },
    { strategy, renderer },
  );
  live.budget = session.budget;
  if (isNew) for (const line of startNotes(session.task, options.model)) progress?.(line);
  const python = await findPython({ signal, ...(options.progress && { progress: options.progress }) });
  await using verifier = taskVerifier(session.task, session.task.verifier, python.python, sandbox);
  const workspacesDir = join(dir, "workspaces");
  using network = reportNetwork(allowNetwork, sandbox, progress);
  if (server !== undefined)
    progress?.(
      `kernels: on ${remoteAddress(server).base}. NO SANDBOX OF NBEVOLVE'S IS AROUND THEM: cells can do what that server lets them do`,
    );
  const { onEvent } = network;
  const durable = { dir: join(dir, "kernels") };
  await using kernels = await jupyterKernels({
    ...{ python, workspacesDir, durable, sandbox, allowNetwork, signal, onEvent },
    ...forking(options, session.task),
    ...(options.limits !== undefined && { limits: options.limits }),
    ...(server !== undefined && { server }),
  });
  using inbox = await openInbox(dir, options.progress ?? (() => undefined));
  const parts = {
    ...session,
    kernels,
    verifier,
    renderer,
    model: options.model,
    ...(options.descriptors !== undefined && { descriptors: options.descriptors }),
    ...(options.policy !== undefined && { policy: options.policy }),
    ...(options.askPerson !== undefined && { askPerson: options.askPerson }),
    blobs: store,
    scene: sceneOf(session.task, options.model, options.pricing),
  };
  const { members = [] } = options.model;
  /** The proposal's own model where several compete; the first, where the list has changed since. */
  const partsFor = ({ model: name }: Proposal) => {
    const model = members.find((member) => member.name === name) ?? members[0];
    return model === undefined ? {} : { model, scene: sceneOf(session.task, model, options.pricing) };
  };
  return await evolve(
    {
      strategy,
      journal: store,
      found: () => runFounder({ ...parts, signal }),
      playEpisode: (proposal, run, record, episodeSignal, purse) =>
        playEpisode({ ...parts, ...partsFor(proposal) }, proposal, run, record, episodeSignal, purse),
      models: members.map(({ name }) => name),
      inbox,
      reproduce: (branch, within) => reproduceNotebook(parts, branch, { signal: within }),
      observe: (run, _event, past) => {
        live.run = run;
        if (past) live.past += 1;
        else wake();
      },
    },
    { ...session, signal },
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
): (notebook: RenderInput["notebook"]) => RenderInput {
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
