// Owns: what a person may ask of a run from outside, from this process or another. The run carries it out by itself.
import { readFile } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { checkOptions, OPTION } from "../core/options.ts";
import { messageOf, RunError } from "../core/errors.ts";
import { parseNotebook } from "../core/notebook/load-notebook.ts";
import { findBranch, readHistory } from "../history/index.ts";
import type { BranchId, RunCommand, Notebook } from "../contracts/index.ts";
import { isWaiting, openRunStore, sendCommand, liveSession } from "../store/index.ts";
import { decodeText } from "../core/decode-text.ts";

/** Which proposals a note is for. */
export interface SteerOptions {
  /** Only proposals that go on from this branch, or from what descends from it by first parents. */
  readonly branch?: BranchId | undefined;
  /** How many proposals carry it, 1 or more. Default 5. */
  readonly proposals?: number | undefined;
}

/** What became of a command. */
export interface Sent {
  readonly command: RunCommand;
  /** Whether a process is at work on the run now; a command to one that rests waits for `resume`. */
  readonly isLive: boolean;
  /** Whether the run has not carried it out yet. */
  isWaiting(): boolean;
}

/** A note that reaches the model. @throws RunError `run-missing` | `bad-option`. */
export async function steerRun(dir: string, note: string, options: SteerOptions = {}): Promise<Sent> {
  checkOptions<SteerOptions>("steerRun", options, { branch: OPTION.text, proposals: OPTION.any });
  const { branch = null, proposals = 5 } = options;
  const words = note.trim();
  if (words === "") throw new RunError("bad-option", "the note is empty: say what the model should try");
  if (!Number.isInteger(proposals) || proposals < 1)
    throw new RunError(
      "bad-option",
      `a note for ${proposals} proposals; it must be a whole number of 1 or more`,
    );
  await checkRun(dir, branch);
  return send(dir, { kind: "steer", note: words, branch, proposals });
}

/**
 * A notebook that is run, scored and told to the strategy as a branch without parents. `notebook`: its value, or the
 * path of a file of any nbformat. @throws RunError `run-missing` | `bad-notebook` | `bad-option`.
 */
export async function injectNotebook(dir: string, notebook: Notebook | string): Promise<Sent> {
  await checkRun(dir, null);
  const value = typeof notebook === "string" ? await notebookIn(notebook) : notebook;
  if (!value.cells.some(({ cell_type }) => cell_type === "code"))
    throw new RunError("bad-notebook", "the notebook has no code cell: there would be nothing to score");
  const bare = {
    ...value,
    cells: value.cells.map((cell) => ("outputs" in cell ? { ...cell, outputs: [] } : cell)),
  };
  return send(dir, { kind: "inject", notebook: JSON.stringify(bare) });
}

/** No episode begins until `unpauseRun`; open ones end. Null when no process is at work on the run. */
export function pauseRun(dir: string): Promise<Sent | null> {
  return sendToSession(dir, "pause");
}

/** The opposite of `pauseRun`. */
export function unpauseRun(dir: string): Promise<Sent | null> {
  return sendToSession(dir, "unpause");
}

/** The run ends once its open episodes have, and can be resumed. Null when no process is at work on it. */
export function stopRun(dir: string): Promise<Sent | null> {
  return sendToSession(dir, "stop");
}

async function sendToSession(dir: string, kind: "pause" | "unpause" | "stop"): Promise<Sent | null> {
  await checkRun(dir, null);
  const session = await liveSession(resolve(dir));
  return session === null ? null : send(dir, { kind, session });
}

async function send(dir: string, draft: Parameters<typeof sendCommand>[1]): Promise<Sent> {
  const run = resolve(dir);
  const command = await sendCommand(run, draft);
  return { command, isLive: (await liveSession(run)) !== null, isWaiting: () => isWaiting(run, command) };
}

/** @throws RunError `run-missing`, or `bad-option` where the run has no such branch. */
async function checkRun(dir: string, branch: BranchId | null): Promise<void> {
  await using store = await openRunStore(dir, { mode: "read" });
  if (branch !== null) findBranch(await readHistory(store), branch, dir);
}

async function notebookIn(path: string): Promise<Notebook> {
  let text: string;
  try {
    text = decodeText(await readFile(path));
  } catch (cause) {
    throw new RunError("bad-notebook", `cannot read ${path}: ${messageOf(cause)}`, { cause });
  }
  return parseNotebook(text, basename(path));
}
