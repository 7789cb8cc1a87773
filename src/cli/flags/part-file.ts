// Owns: a part of a run from a file of the user's own: a strategy, a renderer, a tool. Runs no more of it than its module
// and its factory.
import { readFile } from "node:fs/promises";
import { basename, extname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { messageOf, RunError } from "../../core/errors.ts";
import type { DescriptorSpec, JsonObject, Renderer, Strategy, Tool } from "../../contracts/index.ts";
import { type DeclaredStrategy, strategyContext } from "../../../strategies/index.ts";

/** A kind of part by what every part of its kind has. */
export interface PartKind<T extends object> {
  /** As errors call it; a file may export its part under this name. */
  readonly name: string;
  readonly fields: { readonly [K in keyof T]?: FieldKind };
}

type FieldKind = "text" | "object" | "function";

export const STRATEGY: PartKind<Strategy> = {
  name: "strategy",
  fields: { name: "text", settings: "object", start: "function", ask: "function", tell: "function" },
};
export const RENDERER: PartKind<Renderer> = {
  name: "renderer",
  fields: { name: "text", open: "function", append: "function", prompt: "function" },
};

export const TOOL: PartKind<Tool> = {
  name: "tool",
  fields: { name: "text", description: "text", parameters: "object", run: "function" },
};

/** Whether the value of a flag names a file: by a slash, or by the ending of a module. */
export function isPartFile(name: string): boolean {
  return /[/\\]/.test(name) || /\.[cm]?[jt]s$/.test(name);
}

/** A function that makes a part. */
type PartFactory = (settings?: JsonObject) => unknown;

/**
 * The part that a file exports, as its default or under the name of its kind: the part itself, or a function that makes
 * it, which `make` calls.
 * @throws RunError `bad-option` that names the file, what is wrong with it, and the remedy.
 */
export async function partFromFile<T extends object>(
  kind: PartKind<T>,
  path: string,
  make: (factory: PartFactory) => unknown = (factory) => factory(),
): Promise<T> {
  const part = await loadExport(kind, path, make);
  if (typeof part !== "object" || part === null)
    throw wrongFile(kind, path, `exports no ${kind.name}. Export it as default, or as \`${kind.name}\`.`);
  if (!isPart(kind, part))
    throw wrongFile(
      kind,
      path,
      `exports an object that is no ${kind.name}: ${problemsOf(kind, part).join("; ")}`,
    );
  return part;
}

/**
 * A strategy with the line of each of its methods, for errors that have no stack. Its factory gets the settings; what
 * `defineStrategy` made checks them first. @throws as `partFromFile`.
 */
export async function strategyFromFile(
  path: string,
  settings: JsonObject = {},
  descriptors: readonly DescriptorSpec[] = [],
): Promise<Strategy> {
  const strategy = await partFromFile(STRATEGY, path, (factory) =>
    isDeclared(factory) ? factory.fromSettings(settings, strategyContext(descriptors)) : factory(settings),
  );
  return {
    name: strategy.name,
    settings: strategy.settings,
    places: placesIn(await readSource(STRATEGY, path), basename(path)),
    start: (founder) => strategy.start(founder),
    ask: (population, now) => strategy.ask(population, now),
    tell: (population, outcome) => strategy.tell(population, outcome),
  };
}

interface AnyKind {
  readonly name: string;
  readonly fields: Readonly<Record<string, FieldKind | undefined>>;
}

const wrongFile = ({ name }: AnyKind, path: string, what: string, cause?: unknown): RunError =>
  new RunError("bad-option", `the ${name} ${path} ${what}`, { cause });

async function readSource(kind: AnyKind, path: string): Promise<string> {
  try {
    return await readFile(resolve(path), "utf8");
  } catch (cause) {
    throw wrongFile(kind, path, `cannot be read: ${messageOf(cause)}`, cause);
  }
}

async function loadExport(
  kind: AnyKind,
  path: string,
  make: (factory: PartFactory) => unknown,
): Promise<unknown> {
  await readSource(kind, path);
  try {
    const module: Readonly<Record<string, unknown>> = await import(pathToFileURL(resolve(path)).href);
    const exported = module["default"] ?? module[kind.name];
    return isFactory(exported) ? await make(exported) : exported;
  } catch (cause) {
    if (codeOf(cause) === "ERR_UNKNOWN_FILE_EXTENSION" && /^\.[cm]?ts$/.test(extname(path))) {
      const remedy = "Compile it (npx tsc) and give the .js, or use Node 22.18 or newer";
      throw wrongFile(
        kind,
        path,
        `is TypeScript, which Node ${process.versions.node} does not run. ${remedy}.`,
        cause,
      );
    }
    const [place] = /^\s*at .*$/m.exec(cause instanceof Error ? (cause.stack ?? "") : "") ?? [""];
    throw wrongFile(kind, path, `cannot be loaded: ${messageOf(cause)} ${place.trim()}`.trim(), cause);
  }
}

function isFactory(exported: unknown): exported is PartFactory {
  return typeof exported === "function";
}

function isDeclared(factory: object): factory is DeclaredStrategy {
  return "declaration" in factory && "fromSettings" in factory;
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : null;
}

function isPart<T extends object>(kind: PartKind<T>, value: object): value is T {
  return problemsOf(kind, value).length === 0;
}

const DEMANDS: Readonly<Record<FieldKind, string>> = {
  text: "must be a text that is not empty",
  object: "must be an object, {} for an empty one",
  function: "must be a function",
};

function problemsOf({ fields }: AnyKind, value: object): readonly string[] {
  return Object.entries(fields).flatMap(([name, kind]) =>
    kind === undefined || fits(Reflect.get(value, name), kind) ? [] : [`\`${name}\` ${DEMANDS[kind]}`],
  );
}

function fits(field: unknown, kind: FieldKind): boolean {
  if (kind === "text") return typeof field === "string" && field !== "";
  return kind === "object" ? typeof field === "object" && field !== null : typeof field === "function";
}

/** Where each method of a strategy begins, as far as the text shows it: what breaks the contract without throwing has no stack. */
function placesIn(source: string, file: string): NonNullable<Strategy["places"]> {
  const lines = source.split("\n");
  const found = ["start", "ask", "tell"].flatMap((method) => {
    const at = lines.findIndex((line) => new RegExp(`^\\s*(?:async\\s+)?${method}\\s*[(:]`).test(line));
    return at < 0 ? [] : [[method, `${file}:${at + 1}`] as const];
  });
  return Object.fromEntries(found);
}
