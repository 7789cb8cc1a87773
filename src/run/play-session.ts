// Owns: one session of a run: everything that it holds open is opened here, the loop runs on it, and it is closed here.
import { join } from "node:path";
import { isCode } from "../core/notebook/notebook.ts";
import type { Run } from "../core/run/run.ts";
import { notebookTools } from "../environment/tools/index.ts";
import { playEpisode } from "../loop/episode.ts";
import type { Budget } from "../loop/budget.ts";
import { evolve } from "../loop/evolve.ts";
import { playFounder } from "../loop/root-branch.ts";
import { reproduceNotebook } from "../loop/reproduce.ts";
import type { JsonObject, RunEvent, Task } from "../contracts/index.ts";
import { watchChain, watchedJournal } from "../history/index.ts";
import { makePrivateFolder, openInbox, openRunStore } from "../store/index.ts";
import { loadTask } from "../tasks/load-task.ts";
import { remoteAddress } from "../kernels/remote/remote-address.ts";
import { requireOpenFiles } from "../machine/open-files.ts";
import type { WorkWatch } from "../loop/at-work.ts";
import { modelParts } from "./model-parts.ts";
import { machineClaims, machineFor } from "./machine-settings.ts";
import { chooseParts, partClaims } from "./parts/journalled-parts.ts";
import { requireTrust, unboxedClaims } from "./received.ts";
import type { RunDirectory } from "./run-directory.ts";
import type { RunOptions } from "./run-options.ts";
import { readRunStarted, readStoredTask, resolveRunSettings, type RunStarted } from "./run-settings.ts";
import { withFailureHints } from "./task/failure-hints.ts";
import { findTaskPython } from "./task/task-python.ts";
import { decideSandbox, openRuntime, type RuntimeOptions } from "./runtime.ts";
import { tryServers } from "./try-servers.ts";
import {
  directoryNotes,
  goalNote,
  searchNotes,
  markNotes,
  kernelNotes,
  reportNetwork,
  withNextStep,
} from "./session-notes.ts";

/** What is known of a session while it goes on. */
export interface SessionState {
  /** Null until the founder is scored. */
  run: Run | null;
  /** What earlier sessions left; null where there were none. */
  before: Run | null;
  /** Null until the settings are known. */
  budget: Budget | null;
  /** When the time began that the budget counts, on the monotonic clock; null until it did. */
  playingSince: number | null;
  task: Task | null;
  readonly work: WorkWatch;
}

export interface SessionParts {
  readonly directory: RunDirectory;
  readonly live: SessionState;
  readonly signal: AbortSignal;
  /** Called with each event once it is durable. `past`: it is of an earlier session. */
  readonly see: (run: Run, event: RunEvent, past: boolean) => void;
}

interface Session extends SessionParts {
  /** Called once the run directory is ours, with how the run in it was started; null: it holds none yet. */
  readonly opened: (started: RunStarted | null) => void;
}

/** Plays a session to its end. One that ends before its founder is scored leaves nothing behind. @throws RunError. */
export async function playSession(options: RunOptions, parts: SessionParts): Promise<Run> {
  const { dir } = parts.directory;
  let isOurs = false;
  let settings: JsonObject | null = null;
  const opened = (started: RunStarted | null): void => {
    isOurs = true;
    settings = started?.settings ?? null;
  };
  try {
    return await play(options, { ...parts, opened });
  } catch (error) {
    if (parts.live.run === null) await parts.directory.restore(isOurs);
    throw withNextStep(error, dir, parts.live.run?.settings ?? settings);
  }
}

/** Everything that is held open is opened here and closed here. */
async function play(options: RunOptions, session: Session): Promise<Run> {
  const { live, signal } = session;
  const { dir } = session.directory;
  const tell = options.progress ?? (() => undefined);
  const given = await loadGivenTask(options);
  await using store = await openRunStore(dir, { mode: "write", mustExist: given === null });
  const started = await readRunStarted(store);
  session.opened(started);
  const isNew = started === null;
  const machine = machineFor(started?.settings ?? null, options);
  // Before anything else is opened: a run that cannot have its sandbox leaves nothing behind.
  const sandbox = await decideSandbox({ ...machine, server: options.server, progress: tell });
  const server = options.server === undefined ? null : remoteAddress(options.server).base;
  const journalled = isNew ? [] : [...machineClaims(machine, options), ...partClaims(started, options)];
  const claims = [...unboxedClaims({ sandbox, server }), ...journalled];
  requireTrust(store, claims, options.trust === true);
  if (options.trust === true) store.trust();
  const known = given ?? (await readStoredTask(store));
  const chosen = await chooseParts(options, started, known);
  const { strategy, renderer } = chosen;
  const packages = await packagesFor(known, { ...machine, signal, progress: tell });
  const settings = await resolveRunSettings(
    store,
    given,
    { ...options, ...machine, sandbox, packages, tools: chosen.tools },
    chosen,
  );
  const { task } = settings;
  requireOpenFiles(settings.parallel);
  live.budget = settings.budget;
  live.task = task;
  const notes = kernelNotes({ ...machine, server: options.server }, sandbox);
  const goal = isNew ? [goalNote(task, settings.target)] : [];
  for (const line of [...directoryNotes(store), ...goal, ...notes]) tell(line);
  await tryServers(options.model, settings, { store: isNew ? null : store, signal, tell });
  using network = reportNetwork(tell);
  for (const folder of ["workspaces", "kernels"]) makePrivateFolder(join(dir, folder));
  const own = {
    ...kernelOptions({ ...options, ...machine }, task, dir),
    ...{ sandbox, packages },
    signal,
    onEvent: network.onEvent,
  };
  await using runtime = await openRuntime(task, own);
  const kernels = await runtime.openKernels();
  using inbox = await openInbox(dir, tell);
  const { policy, askPerson, descriptors, model } = options;
  const { harness } = settings;
  const tools = notebookTools(task, chosen.tools, harness);
  const partsOf = modelParts(task, tools, { ...options, harness });
  const { verifier } = runtime;
  const parts = {
    ...{ ...settings, kernels, verifier, tools, renderer, policy, askPerson, descriptors, blobs: store },
    ...partsOf(null),
  };
  live.playingSince = performance.now();
  const run = await evolve(
    {
      strategy,
      journal: watchedJournal(store, watchChain(tell)),
      async playFounder() {
        const founder = await withFailureHints(playFounder({ ...parts, signal }), machine, sandbox);
        for (const line of searchNotes(task, model)) tell(line);
        return founder;
      },
      playEpisode: (proposal, ...rest) => {
        const watched = live.work.watchEpisode(proposal.id, parts);
        return playEpisode({ ...parts, ...partsOf(proposal), ...watched }, proposal, ...rest);
      },
      models: model.members?.map(({ name }) => name) ?? [],
      inbox,
      reproduce: (branch, within) =>
        live.work.watchReproduction(branch.id, () => reproduceNotebook(parts, branch, { signal: within })),
      observe: (run, event, past) => {
        live.run = run;
        if (past) live.before = run;
        session.see(run, event, past);
      },
    },
    { ...settings, signal },
  );
  for (const line of isNew ? markNotes(store) : []) tell(line);
  return run;
}

async function loadGivenTask({ task, parameters = {} }: RunOptions): Promise<Task | null> {
  return typeof task === "string" ? await loadTask(task, { parameters }) : (task ?? null);
}

/** The run's kernels: their workspaces and their kept states lie in the run directory. */
function kernelOptions(options: RunOptions, task: Task, dir: string): RuntimeOptions {
  const { allowNetwork, isolation, env, read, progress, server, limits, fork } = options;
  const { kernelMemoryBytes: bytes } = options;
  return {
    ...{ allowNetwork, isolation, env, read, progress, server, limits, fork },
    templates: bytes === undefined ? undefined : { bytes },
    preload: task.founder.cells.filter(isCode).map(({ source }) => source),
    workspacesDir: join(dir, "workspaces"),
    durable: { dir: join(dir, "kernels") },
  };
}

/** What is installed for the run, in exact versions: its journal keeps them. */
async function packagesFor(task: Task | null, options: RuntimeOptions): Promise<readonly string[]> {
  const isAsked = [task?.packages, options.packages].some((list) => list !== undefined && list.length > 0);
  return task !== null && isAsked ? (await findTaskPython(task, options)).added : [];
}
