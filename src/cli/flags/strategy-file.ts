// Owns: a strategy from a file of the user's own. Never runs more of it than its module and its factory.
import { readFile } from "node:fs/promises";
import { basename, extname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { messageOf, RunError } from "../../core/errors.ts";
import type { JsonObject, Strategy } from "../../contracts/index.ts";

const METHODS = ["start", "ask", "tell"] as const;

/** Whether `--strategy` names a file: by a slash, or by the ending of a module. */
export function isStrategyFile(name: string): boolean {
  return /[/\\]/.test(name) || /\.[cm]?[jt]s$/.test(name);
}

/**
 * The default export of the file: a Strategy, or a function from settings to one.
 * @throws RunError `bad-option` that names the file and what is wrong with it.
 */
export async function strategyFromFile(path: string, settings: JsonObject = {}): Promise<Strategy> {
  const file = resolve(path);
  const wrong = (what: string, cause?: unknown): RunError =>
    new RunError("bad-option", `the strategy ${path} ${what}`, { cause });
  let source: string;
  try {
    source = await readFile(file, "utf8");
  } catch (cause) {
    throw wrong(`cannot be read: ${messageOf(cause)}`, cause);
  }
  const value = await defaultExport(file, settings, wrong);
  if (typeof value !== "object" || value === null) throw wrong("has no strategy as its default export");
  if (!isStrategy(value)) throw wrong(`is no strategy: ${missing(value).join("; ")}`);
  return { ...value, places: placesIn(source, basename(file)) };
}

async function defaultExport(
  file: string,
  settings: JsonObject,
  wrong: (what: string, cause?: unknown) => RunError,
): Promise<unknown> {
  try {
    const module: { readonly default?: unknown } = await import(pathToFileURL(file).href);
    const made: unknown = module.default;
    return typeof made === "function" ? made(settings) : made;
  } catch (cause) {
    if (codeOf(cause) === "ERR_UNKNOWN_FILE_EXTENSION" && /^\.[cm]?ts$/.test(extname(file))) {
      const remedy = "Compile it (npx tsc) and give the .js, or use Node 22.18 or newer";
      throw wrong(`is TypeScript, which Node ${process.versions.node} does not run. ${remedy}.`, cause);
    }
    const [place] = /^\s*at .*$/m.exec(cause instanceof Error ? (cause.stack ?? "") : "") ?? [""];
    throw wrong(`cannot be loaded: ${messageOf(cause)} ${place.trim()}`.trim(), cause);
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : null;
}

function isStrategy(value: object): value is Strategy {
  return missing(value).length === 0;
}

function missing(value: object): readonly string[] {
  const entries = new Map<string, unknown>(Object.entries(value));
  const name = entries.get("name");
  const settings = entries.get("settings");
  return [
    ...(typeof name === "string" && name !== "" ? [] : ["`name` must be a text"]),
    ...(typeof settings === "object" && settings !== null
      ? []
      : ["`settings` must be an object, {} for none"]),
    ...METHODS.filter((method) => typeof entries.get(method) !== "function").map(
      (method) => `\`${method}\` must be a function`,
    ),
  ];
}

/** Where each method begins, as far as the text shows it: what breaks the contract without throwing has no stack. */
function placesIn(source: string, file: string): NonNullable<Strategy["places"]> {
  const lines = source.split("\n");
  const found = METHODS.flatMap((method) => {
    const at = lines.findIndex((line) => new RegExp(`^\\s*(?:async\\s+)?${method}\\s*[(:]`).test(line));
    return at < 0 ? [] : [[method, `${file}:${at + 1}`] as const];
  });
  return Object.fromEntries(found);
}
