// Owns: a strategy from a file of the user's own. Never runs more of it than its module and its factory.
import { readFile } from "node:fs/promises";
import { basename, extname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { messageOf, RunError } from "../../core/errors.ts";
import type { DescriptorSpec, JsonObject, Strategy } from "../../contracts/index.ts";
import type { DeclaredStrategy } from "../../../strategies/index.ts";
import { strategyContext } from "../../../strategies/shipped.ts";

const METHODS = ["start", "ask", "tell"] as const;

/** Whether `--strategy` names a file: by a slash, or by the ending of a module. */
export function isStrategyFile(name: string): boolean {
  return /[/\\]/.test(name) || /\.[cm]?[jt]s$/.test(name);
}

/**
 * The default export of the file: a strategy, what `defineStrategy` makes, or a function from settings to a strategy.
 * @throws RunError `bad-option` that names the file and what is wrong with it.
 */
export async function strategyFromFile(
  path: string,
  settings: JsonObject = {},
  descriptors: readonly DescriptorSpec[] = [],
): Promise<Strategy> {
  const file = resolve(path);
  const wrong = (what: string, cause?: unknown): RunError =>
    new RunError("bad-option", `the strategy ${path} ${what}`, { cause });
  let source: string;
  try {
    source = await readFile(file, "utf8");
  } catch (cause) {
    throw wrong(`cannot be read: ${messageOf(cause)}`, cause);
  }
  const value = await defaultExport(file, settings, descriptors, wrong);
  if (typeof value !== "object" || value === null) throw wrong("has no strategy as its default export");
  if (!isStrategy(value)) throw wrong(`is no strategy: ${missing(value).join("; ")}`);
  return { ...value, places: placesIn(source, basename(file)) };
}

async function defaultExport(
  file: string,
  settings: JsonObject,
  descriptors: readonly DescriptorSpec[],
  wrong: (what: string, cause?: unknown) => RunError,
): Promise<unknown> {
  try {
    const module: { readonly default?: unknown } = await import(pathToFileURL(file).href);
    const made: unknown = module.default;
    if (isDeclared(made)) return made.fromSettings(settings, strategyContext(descriptors));
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

/** Whether it was made by `defineStrategy`. */
function isDeclared(made: unknown): made is DeclaredStrategy {
  return typeof made === "function" && "declaration" in made && "fromSettings" in made;
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
