// Owns: the errors that cross rooms. A bad branch is data; what is thrown from here stops something.

/** Why a run cannot go on (or begin). Each has its remedy in the message. */
export type RunErrorCode =
  /** The task, a parameter or an option is wrong: nothing was started. */
  | "bad-task"
  | "bad-option"
  /** A notebook file cannot be read as one. */
  | "bad-notebook"
  /** The verifier rejects the founder, or fails on it. */
  | "founder-rejected"
  | "verifier-unavailable"
  /** No Python, no environment, no server, no kernel. */
  | "python-unavailable"
  | "kernel-unavailable"
  /** No folder for temporary files, or too few files that may be open. */
  | "machine-lacks"
  /** No box can be made here, and none was asked to be left out. */
  | "sandbox-unavailable"
  /** 401, 403, unknown model, no key. */
  | "model-refused"
  /** The model's server cannot be reached for minutes, or no server listens on this machine. */
  | "model-unreachable"
  /** It replies, but nothing in its replies can be carried out. */
  | "model-idle"
  /** The run directory. */
  | "run-locked"
  | "run-missing"
  | "run-newer"
  | "run-corrupt"
  /** Somebody else made it, and it asks for what its maker must be trusted with. */
  | "run-untrusted"
  | "journal-unwritable"
  | "disk-full"
  | "blob-missing"
  | "sqlite-unavailable"
  /** A model threw what is neither a ModelError nor a RunError, or gave no reply: its code is at fault, not its server. */
  | "model-failed"
  /** A strategy, a renderer, a tool, an action policy or a function for descriptors threw, or broke its contract. */
  | "strategy-failed"
  | "renderer-failed"
  | "tool-failed"
  | "descriptors-failed"
  | "policy-failed"
  /** A function that was given to `run.on` threw, or rejected. */
  | "listener-failed";

/** A word of the user's that is wrong, as what it was given for; `right`: what was meant; null where that is not known. */
export interface WrongWord {
  readonly option: "model" | "base-url";
  readonly word: string;
  readonly right: string | null;
}

/** The run stops; nothing is lost; `resume` works. The message names the thing, the reason and the remedy. */
export class RunError extends Error {
  override readonly name = "RunError";
  readonly code: RunErrorCode;
  /** What the same run needs another word for, before it can go on; null for most. */
  readonly wrongWord: WrongWord | null;
  constructor(
    code: RunErrorCode,
    message: string,
    options: { readonly cause?: unknown; readonly wrongWord?: WrongWord } = {},
  ) {
    super(message, "cause" in options ? { cause: options.cause } : {});
    this.code = code;
    this.wrongWord = options.wrongWord ?? null;
  }
}

/** The lease's kernel is gone; lease again from a known state. */
export class KernelLost extends Error {
  override readonly name = "KernelLost";
}

/** No reply can be had from the model for this turn; the episode fails, the run goes on. */
export class ModelError extends Error {
  override readonly name = "ModelError";
  /** The prompt did not fit, and a shorter one may: `tokens` as far as the server said what fits, else null. */
  readonly promptWindow: { readonly tokens: number | null } | null;
  constructor(message: string, details: { readonly promptWindow?: ModelError["promptWindow"] } = {}) {
    super(message);
    this.promptWindow = details.promptWindow ?? null;
  }
}

/** The words of anything thrown. */
export function messageOf(thrown: unknown): string {
  if (thrown instanceof Error) return thrown.message || thrown.name;
  return typeof thrown === "object" && thrown !== null ? describeObject(thrown) : String(thrown);
}

function describeObject(thrown: object): string {
  if ("message" in thrown && typeof thrown.message === "string") return thrown.message;
  try {
    return JSON.stringify(thrown) ?? "an object";
  } catch {
    return "an object"; // it has no words
  }
}

/** Whether this is the system's word that there is no such file or folder. */
export function isMissingFile(problem: unknown): boolean {
  return errorCode(problem) === "ENOENT";
}

/** Whether this is the system's word that too many files are open. */
export function isShortOfFiles(problem: unknown): boolean {
  return ["EMFILE", "ENFILE"].some((code) => code === errorCode(problem));
}

/** What the system, or Node, calls a problem, such as `EEXIST`; null where it has no such name. */
export function errorCode(problem: unknown): string | null {
  return problem instanceof Error && "code" in problem && typeof problem.code === "string"
    ? problem.code
    : null;
}

/** `may`: what is allowed, such as `only 64 files at a time`. */
export function openFilesError(may: string, needed: string, cause?: unknown): RunError {
  return new RunError(
    "machine-lacks",
    `This process may open ${may}, and ${needed}. ` +
      "Raise the limit in the shell or the service that starts it, such as by: ulimit -n 4096",
    { cause },
  );
}

const NO_FOLDER: Readonly<Record<string, string>> = {
  ENOENT: "there is no such folder",
  ENOTDIR: "it is no folder",
  EACCES: "it cannot be written to",
  EPERM: "it cannot be written to",
  EROFS: "it cannot be written to",
  ENOSPC: "its disk is full",
  EDQUOT: "its disk is full",
};

/** For a folder that was to be made in `parent`, as `TMPDIR` has it. What the system did not refuse comes back as it is. */
export function temporaryFolderError(parent: string, problem: unknown): unknown {
  const code = errorCode(problem);
  if (code === null || isShortOfFiles(problem)) return problem;
  const message =
    `No temporary folder can be made in ${parent}: ${NO_FOLDER[code] ?? messageOf(problem)}. ` +
    "Make it one that you can write to, with room, or name another in TMPDIR.";
  return new RunError("machine-lacks", message, { cause: problem });
}
