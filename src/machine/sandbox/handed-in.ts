// Owns: what of the user's own gets to cells and verifiers, by name: variables of the environment, and folders or files to read.
// Never hands in what was not named, but for what chooses devices and libraries where there is no sandbox.
import { existsSync } from "node:fs";
import { dirname, isAbsolute, resolve } from "node:path";
import { env as own } from "node:process";
import { RunError } from "../../core/errors.ts";
import { nameOption, writeCommand } from "../../core/shell-words.ts";
import { recordOf, textsOf } from "../../core/untrusted.ts";
import type { Task } from "../../contracts/index.ts";

export interface HandedIn {
  /** Names of variables that cells and verifiers see with their values here, boxed or not. Default none. */
  readonly env?: readonly string[] | undefined;
  /** Absolute paths of folders and files that cells and verifiers may read in their boxes. Default none. */
  readonly read?: readonly string[] | undefined;
}

/** They choose devices and libraries, and hold no secret. */
const OF_THE_MACHINE = [
  "CUDA_VISIBLE_DEVICES",
  "CUDA_DEVICE_ORDER",
  "CUDA_HOME",
  "CUDA_PATH",
  "NVIDIA_VISIBLE_DEVICES",
  "HIP_VISIBLE_DEVICES",
  "ROCR_VISIBLE_DEVICES",
  "ROCM_PATH",
  "HSA_OVERRIDE_GFX_VERSION",
  "GPU_DEVICE_ORDINAL",
  "ZE_AFFINITY_MASK",
  "ONEAPI_DEVICE_SELECTOR",
  "SYCL_DEVICE_FILTER",
  "TPU_VISIBLE_CHIPS",
  "JAX_PLATFORMS",
  "LD_LIBRARY_PATH",
  "DYLD_LIBRARY_PATH",
  "DYLD_FALLBACK_LIBRARY_PATH",
];
/** Cells could not run with another value, or would run otherwise each time. */
const OURS =
  /^(?:NBEVOLVE_.*|JUPYTER_.*|PYTHON(?!HASHSEED$).*|IPYTHONDIR|HOME|PATH|TMPDIR|USER|LOGNAME|LD_PRELOAD)$/;

/** The variables with their values. @throws RunError `bad-option` for one that is not set here, or that nbevolve sets. */
export function variablesFor({ env = [] }: HandedIn, isBoxed: boolean): Readonly<Record<string, string>> {
  const named = env.map((name) => [name, valueOf(name)] as const);
  const usual = isBoxed ? [] : setHere().map((name) => [name, own[name] ?? ""] as const);
  return Object.fromEntries([...usual, ...named]);
}

function valueOf(name: string): string {
  const wrong = (why: string): RunError =>
    new RunError("bad-option", `${nameOption(`--env ${name}`, "env")}: ${why}`);
  if (!/^[A-Za-z_]\w*$/.test(name))
    throw wrong("write the name of a variable alone; its value is taken from your environment");
  if (OURS.test(name)) throw wrong("nbevolve sets this variable for cells itself; leave it out");
  const value = own[name];
  if (value === undefined)
    throw wrong(
      `${name} is not set here: set it, or leave it out (where a run had it: ${nameOption("--env none", "env: []")})`,
    );
  return value;
}

const setHere = (): readonly string[] => OF_THE_MACHINE.filter((name) => own[name] !== undefined);

/** Those that choose devices and libraries here and do not get into a box. */
export function leftOutOfBox({ env = [] }: HandedIn): readonly string[] {
  return setHere().filter((name) => !env.includes(name));
}

/** The paths, checked. @throws RunError `bad-option`. */
export function foldersFor({ read = [] }: HandedIn): readonly string[] {
  for (const path of read) {
    const wrong = (why: string): RunError =>
      new RunError("bad-option", `${nameOption(`--read ${path}`, "read")}: ${why}`);
    if (!isAbsolute(path)) throw wrong("give an absolute path, since cells see it there");
    if (/^\/+$/.test(path))
      throw wrong(
        `that is all of this machine; name what cells are to read, or say ${nameOption("--sandbox off", 'sandbox: "off"')}`,
      );
    if (path.includes(":"))
      throw wrong("a path with a colon cannot be shown in the sandbox; rename it, or link to it");
    if (!existsSync(path)) throw wrong("there is no such file or folder here");
  }
  return read;
}

/**
 * A task that somebody else wrote names what it needs; only the user hands it in. Without a box cells read all that the user can.
 * @throws RunError `bad-option` with the flags that are missing.
 */
export function requireNeeds(
  { name, needs, parameters }: Pick<Task, "name" | "needs" | "parameters">,
  { env = [], read = [] }: HandedIn,
  isBoxed: boolean,
): void {
  // A journal may hold any task.
  const named = recordOf(needs);
  const variables = textsOf(named["env"]).filter((one) => !env.includes(one));
  const paths = (isBoxed ? textsOf(named["read"]) : []).flatMap((one) => {
    const path = parameters[one];
    if (typeof path !== "string" || (isAbsolute(path) && isShown(resolve(path), read))) return [];
    return [{ one, path, place: resolve(path) }];
  });
  const absent = paths.find(({ place }) => !existsSync(place));
  if (absent !== undefined) {
    const from = isAbsolute(absent.path) ? "" : ` (a path that begins with no / counts from ${resolve(".")})`;
    throw new RunError(
      "bad-option",
      `${name} needs what lies at its parameter ${absent.one}, and there is no such file or folder: ` +
        `${JSON.stringify(absent.path)}${from}; name the right one with ` +
        nameOption(`--param ${absent.one}=PATH`, "parameters") +
        `, and add ${nameOption("--read PATH", "read: [PATH]")}`,
    );
  }
  const wanted = [
    ...variables.map((one) => ({ what: `the variable ${one}`, words: ["--env", one], options: ["env"] })),
    ...paths.map(({ one, path, place }) => ({
      what: `what lies at its parameter ${one}, ${JSON.stringify(path)}`,
      words: [...(isAbsolute(path) ? [] : ["--param", `${one}=${place}`]), "--read", place],
      options: [...(isAbsolute(path) ? [] : ["parameters"]), "read"],
    })),
  ];
  if (wanted.length === 0) return;
  const what = wanted.map((one) => one.what).join(", and ");
  const flags = writeCommand(wanted.flatMap(({ words }) => words));
  const options = [...new Set(wanted.flatMap((one) => one.options))];
  throw new RunError(
    "bad-option",
    // The flags are the end: a person pastes them.
    `${name} needs ${what}, and a task may not read your files or variables unless you allow it ` +
      `(in code: ${options.join(", ")}): add ${flags}`,
  );
}

const isShown = (path: string, read: readonly string[]): boolean =>
  read.some((root) => path === root || path.startsWith(`${root}/`));

/** For a failure with these words: what is there outside and could not be seen, with the flag that shows it. */
export function hiddenThings(
  words: string,
  { env = [], read = [] }: HandedIn,
  isBoxed: boolean,
): readonly string[] {
  const quoted = [...words.matchAll(/['"]([^'"\n]{1,4096})['"]/g)].map(([, text = ""]) => text);
  const isMissing = /FileNotFoundError|NotADirectoryError|PermissionError|No such file|cannot open/i.test(
    words,
  );
  const paths = isMissing ? quoted.filter((text) => text.includes("/") || /\.\w+$/.test(text)) : [];
  const hidden = paths.filter(
    (path) => isBoxed && isAbsolute(path) && existsSync(path) && !isShown(path, read),
  );
  const beside = paths.filter((path) => !isAbsolute(path) && existsSync(path));
  const passed = Object.keys(variablesFor({ env }, isBoxed));
  const named = [...quoted, ...(isMissing && /\.(?:so|dylib)\b/.test(words) ? setHere() : [])];
  const unseen = named.filter(
    (name) => own[name] !== undefined && !passed.includes(name) && !OURS.test(name),
  );
  return [
    ...unique(hidden).map(
      (path) => `${path} is there, but the sandbox does not show it: add ${readOption(dirname(path))}`,
    ),
    ...unique(beside).map(
      (path) =>
        `${path} is there where you are, but cells run in a folder of their own: read it as ${resolve(path)}` +
        (isBoxed ? `, and add ${readOption(dirname(resolve(path)))}` : ""),
    ),
    ...unique(unseen).map(
      (name) => `${name} is set here, but cells do not see it: add ${nameOption(`--env ${name}`, "env")}`,
    ),
  ];
}

const readOption = (folder: string): string => nameOption(writeCommand(["--read", folder]), "read");

const unique = (texts: readonly string[]): readonly string[] => [...new Set(texts)].slice(0, 5);
