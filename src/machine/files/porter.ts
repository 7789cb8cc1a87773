// Owns: the one way of the controller to what code of others can write: a process of ours (nbevolve_files) that copies,
// empties, removes, looks over, measures and keeps folders by descriptors, following no link. Never opens a path there itself.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { KernelLost, messageOf } from "../../core/errors.ts";
import { shippedPath } from "../../shipped.ts";
import { readLines } from "../read-lines.ts";

/** The most that is taken of what others wrote. */
export interface Bounds {
  readonly bytes: number;
  /** Files, folders and links. */
  readonly files: number;
}

/** A folder of the controller's own, which nobody else can move or exchange, and a path of plain names below it. */
export interface FolderPlace {
  readonly root: string;
  readonly name: string;
}

/** What folders hold, counted no further than to the first limit that is passed; or to deep folders that somebody moves meanwhile. */
export interface FolderUse extends Bounds {
  readonly over: "bytes" | "files" | "hidden" | null;
}

/** A file, whose content is in a store under this name; a link; or a folder (null). */
export interface KeptFile {
  /** Below the folder that was saved. */
  readonly path: string;
  readonly mode: number;
  readonly modifiedMs: number;
  readonly content: string | { readonly link: string } | null;
}

/** Files that are new in a store, and their sizes, by name. */
export type Added = Readonly<Record<string, number>>;

/** Others exchange what is there or make it anew, without end: it costs who needs a kernel there, and nobody else. */
export class FolderContested extends KernelLost {}

const START = "import sys; sys.path.insert(0, sys.argv[1]); from nbevolve_files.porter import main; main()";
const COMPLAINT_CHARS = 2000;
/** The most of one answer: names of files are 8 MB at most, and each of their bytes may take six characters. */
const ANSWER_CHARS = 1 << 28;

/** The folder that holds `nbevolve_files`. */
export const filesPath = (): string => shippedPath("src/machine/files");

interface AskedWork {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (problem: Error) => void;
}

/** Started by the first thing that it is asked; it ends when it is disposed of, or with this process. */
export class Porter implements AsyncDisposable {
  readonly #python: string;
  #process: ChildProcess | null = null;
  readonly #waiting = new Map<number, AskedWork>();
  #count = 0;
  #closed = false;

  /** `python`: 3.10 or later, no packages needed. */
  constructor(python: string) {
    this.#python = python;
  }

  /** Makes it an empty folder, whatever was there before. @throws FolderContested where somebody goes on making it anew. */
  async clear(place: FolderPlace): Promise<void> {
    await this.#removeLater(place.root, await this.#ask<readonly string[]>("clear", place));
  }

  /** Makes a link of that plain name in the root lead to a folder below it, in place of what was there and what that led to. */
  async show(place: FolderPlace, to: string): Promise<void> {
    await this.#removeLater(place.root, await this.#ask<readonly string[]>("show", { ...place, to }));
  }

  /** The files of one folder in another, which is made anew; both below the same root. Resolves to why they are not there. */
  async copy(from: FolderPlace, to: string, most: Bounds): Promise<string | null> {
    const { root, name } = from;
    const request = { root, from: name, to, ...most };
    const { gone, trouble } = await this.#ask<{ gone: readonly string[]; trouble: string | null }>(
      "copy",
      request,
    );
    await this.#removeLater(root, trouble === null ? gone : [...gone, to]);
    return trouble;
  }

  /** Why a folder cannot be copied within these bounds; null when it can. Links may not lead out of it. */
  survey(place: FolderPlace, most: Bounds): Promise<string | null> {
    return this.#ask("survey", { ...place, ...most });
  }

  /** Nothing need be there. @throws Error when it cannot be removed. */
  remove(place: FolderPlace): Promise<void> {
    return this.#ask("remove", place);
  }

  /** Removes from the root what an earlier process left half-way, and what begins with one of these words. */
  sweep(root: string, begin: readonly string[]): Promise<void> {
    return this.#ask("sweep", { root, begin });
  }

  /**
   * Removes from a folder, in which nobody works any more, what no link of the root leads to, nor through; and the folder when
   * nothing is left.
   */
  prune(place: FolderPlace): Promise<void> {
    return this.#ask("prune", place);
  }

  /** A place with an empty name is the root. */
  measure(folders: readonly FolderPlace[], most: Bounds): Promise<FolderUse> {
    const places = folders.map(({ root, name }) => [root, name]);
    return this.#ask("measure", { folders: places, ...most });
  }

  /** Keeps the files of a folder in a store of files that are named by their SHA-256; parents come before what they hold. */
  save(
    place: FolderPlace,
    store: string,
    most: Bounds,
  ): Promise<{ readonly saved?: readonly KeptFile[]; readonly trouble?: string; readonly added: Added }> {
    return this.#ask("save", { ...place, store, ...most });
  }

  /** Writes saved files into an empty folder. Resolves to the path of the first that the store does not hold whole. */
  place(saved: readonly KeptFile[], place: FolderPlace, store: string): Promise<string | null> {
    return this.#ask("place", { ...place, store, saved });
  }

  /** Copies files of these names into the store. Not `taken`: one is missing, too large, or not what its name says. */
  adopt(
    names: readonly string[],
    place: FolderPlace,
    store: string,
    bytes: number,
  ): Promise<{ readonly taken: boolean; readonly added: Added }> {
    return this.#ask("adopt", { ...place, names, store, bytes });
  }

  /** Resolves when what was asked is done and the process is gone. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    const process = this.#process;
    if (process === null || process.exitCode !== null || process.signalCode !== null) return;
    const ended = once(process, "exit");
    process.stdin?.end(`${JSON.stringify({ do: "end" })}\n`);
    await ended;
  }

  /** What cannot be removed now is swept away when the root is opened again. */
  async #removeLater(root: string, names: readonly string[]): Promise<void> {
    for (const name of names) void this.remove({ root, name }).catch(() => undefined);
  }

  /** The process is ours, and only it can write to its end of the pipe: its answers have the shape that they are to have. */
  async #ask<T>(what: string, request: object): Promise<T> {
    if (this.#closed)
      throw new Error(`nothing can be done in the workspaces any more (${what}): they are closed`);
    const id = (this.#count += 1);
    this.#process ??= this.#start();
    const { stdin } = this.#process;
    return (await new Promise<unknown>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      stdin?.write(`${JSON.stringify({ id, do: what, ...request })}\n`);
    })) as T;
  }

  #start(): ChildProcess {
    const child = spawn(this.#python, ["-I", "-S", "-c", START, filesPath()], {
      cwd: "/",
      env: { LANG: "C.UTF-8" },
      // Its own session: a Ctrl-C at the terminal is the controller's to handle.
      detached: true,
      stdio: ["pipe", "pipe", "pipe"],
    });
    let complaint = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      complaint = (complaint + text).slice(-COMPLAINT_CHARS);
    });
    // One that ended tells so by its end.
    child.stdin.on("error", () => undefined);
    readLines(child.stdout, ANSWER_CHARS, (line) => this.#hear(line)).catch((problem: unknown) => {
      complaint = `what it said cannot be read: ${messageOf(problem)}`;
      child.kill("SIGKILL");
    });
    const end = (why: string): void => {
      this.#process = null;
      const left = [...this.#waiting.values()];
      this.#waiting.clear();
      const problem = new Error(`the process that works on the workspaces ended: ${complaint.trim() || why}`);
      for (const { reject } of left) reject(problem);
    };
    child.once("error", ({ message }) => end(message));
    child.once("close", (status, signal) => end(signal ?? `exit code ${status}`));
    return child;
  }

  #hear(line: string): void {
    const said: { id: number; answer?: unknown; problem?: string; theirs?: boolean } = JSON.parse(line);
    const waiting = this.#waiting.get(said.id);
    this.#waiting.delete(said.id);
    if (said.problem === undefined) waiting?.resolve(said.answer);
    else waiting?.reject(said.theirs ? new FolderContested(said.problem) : new Error(said.problem));
  }
}
