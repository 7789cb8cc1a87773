// Owns: a part of a run from a file of the user's own: a strategy, a renderer, a tool. Runs no more of it than its module
// and its factory.
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { basename, dirname, extname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { isDeepStrictEqual, promisify } from "node:util";
import { errorCode, messageOf, RunError } from "../../core/errors.ts";
import { didYouMean } from "../../core/nearest-word.ts";
import { placeOf } from "../../core/own-part.ts";
import { findPartFault, isPart, type PartKind, RENDERER, STRATEGY, TOOL } from "../../core/part-kinds.ts";
import { isRecord, type LooseRecord, stringOf } from "../../core/untrusted.ts";
import { findToolFault } from "../../environment/tools/index.ts";
import type { DescriptorSpec, JsonObject, Renderer, Strategy, Tool } from "../../contracts/index.ts";
import { type DeclaredStrategy, strategyContext } from "../../../strategies/index.ts";
import { decodeText } from "../../core/decode-text.ts";

const execute = promisify(execFile);

/** Whether the value of a flag names a file: by a slash, or by the ending of a module. */
export function isPartFile(name: string): boolean {
  return /[/\\]/.test(name) || /\.[cm]?[jt]s$/.test(name);
}

/**
 * A strategy with the line of each of its methods, for errors that have no stack. Its factory gets the settings; what
 * `defineStrategy` made checks them first.
 * @throws RunError `bad-option` that names the file, what is wrong with it, and the remedy.
 */
export async function strategyFromFile(
  path: string,
  settings: JsonObject = {},
  descriptors: readonly DescriptorSpec[] = [],
): Promise<Strategy> {
  const exported = await loadExport(STRATEGY, path);
  const strategy = await makePart(STRATEGY, path, exported, (factory) =>
    isDeclared(factory) ? factory.fromSettings(settings, strategyContext(descriptors)) : factory(settings),
  );
  checkSettings(path, settings, strategy.settings, isFactory(exported));
  return {
    name: strategy.name,
    settings: strategy.settings,
    places: placesIn(await readSource(STRATEGY, path), basename(path)),
    start: (founder) => strategy.start(founder),
    ask: (population, now) => strategy.ask(population, now),
    tell: (population, outcome) => strategy.tell(population, outcome),
  };
}

/** @throws as `strategyFromFile`. */
export async function rendererFromFile(path: string): Promise<Renderer> {
  const renderer = await makePart(RENDERER, path, await loadExport(RENDERER, path));
  return {
    name: renderer.name,
    place: path,
    open: (input) => renderer.open(input),
    append: (log, event, input) => renderer.append(log, event, input),
    prompt: (log, input) => renderer.prompt(log, input),
  };
}

/** @throws as `strategyFromFile`. */
export async function toolFromFile(path: string): Promise<Tool> {
  const tool = await makePart(TOOL, path, await loadExport(TOOL, path));
  const fault = findToolFault(tool);
  if (fault !== null) throw wrongFile(TOOL, path, `cannot be offered to a model: ${fault}`);
  const own: { readonly [K in keyof Required<Tool>]: Tool[K] } = {
    name: tool.name,
    place: path,
    description: tool.description,
    parameters: tool.parameters,
    closesRound: tool.closesRound,
    codeParameter: tool.codeParameter,
    instructions: tool.instructions,
    run: (args, context) => tool.run(args, context),
  };
  return own;
}

/** A function that makes a part. */
type PartFactory = (settings?: JsonObject) => unknown;

/** What was exported, or what it makes. */
async function makePart<T extends object>(
  kind: PartKind<T>,
  path: string,
  exported: unknown,
  make: (factory: PartFactory) => unknown = (factory) => factory(),
): Promise<T> {
  let part: unknown = exported;
  try {
    if (isFactory(exported)) part = await make(exported);
  } catch (cause) {
    // A setting is refused with all that is to be said of it.
    if (cause instanceof RunError) throw wrongFile(kind, path, `cannot be made: ${cause.message}`, cause);
    throw wrongFile(kind, path, `cannot be made: ${describeThrown(cause)}`, cause);
  }
  if (isPart(kind, part)) return part;
  if (typeof part !== "object" || part === null || Object.keys(part).length === 0)
    throw wrongFile(kind, path, `exports no ${kind.name}. Export it as default, or as \`${kind.name}\`.`);
  throw wrongFile(
    kind,
    path,
    `exports an object that is no ${kind.name}: ${findPartFault(kind, part) ?? ""}`,
  );
}

/** A setting that a strategy does not have would be without effect. */
function checkSettings(path: string, given: JsonObject, own: JsonObject, takesSettings: boolean): void {
  const known = Object.keys(own);
  for (const [name, value] of Object.entries(given)) {
    if (!known.includes(name)) {
      const has =
        known.length === 0
          ? ". It has none; list those that it takes in its `settings`"
          : didYouMean(name, known) || `. It has ${known.join(", ")}`;
      throw wrongFile(STRATEGY, path, `has no setting "${name}"${has}`);
    }
    if (takesSettings || isDeepStrictEqual(own[name], value)) continue;
    const remedy = "it is an object. Export a function that makes it from its settings";
    throw wrongFile(STRATEGY, path, `has ${name} fixed at ${JSON.stringify(own[name])}: ${remedy}`);
  }
}

const wrongFile = ({ name }: { readonly name: string }, path: string, what: string, cause?: unknown) =>
  new RunError("bad-option", `the ${name} ${path} ${what}`, { cause });

async function readSource(kind: { readonly name: string }, path: string): Promise<string> {
  try {
    return decodeText(await readFile(resolve(path)));
  } catch (cause) {
    throw wrongFile(kind, path, `cannot be read: ${messageOf(cause)}`, cause);
  }
}

/** What a file exports as its part, or as what makes it; undefined where it exports neither. */
async function loadExport<T extends object>(kind: PartKind<T>, path: string): Promise<unknown> {
  await readSource(kind, path);
  let module: LooseRecord;
  try {
    module = await import(pathToFileURL(resolve(path)).href);
  } catch (cause) {
    throw wrongFile(kind, path, await whyNotLoaded(path, cause), cause);
  }
  // What a CommonJS module exports by name may stand in its default alone.
  const inner = isRecord(module["default"]) ? module["default"] : {};
  const places = [module["default"], module[kind.name], inner[kind.name], inner["default"]];
  const found = places.find((one) => isFactory(one) || isPart(kind, one));
  if (found !== undefined) return found;
  const declared = [...new Set([...Object.values(module), ...Object.values(inner)])].filter(
    (one) => isFactory(one) && isDeclared(one),
  );
  if (declared.length > 1)
    throw wrongFile(
      kind,
      path,
      `exports ${declared.length} of them. Export the one that is meant as default.`,
    );
  return declared[0] ?? places.find((one) => one !== undefined);
}

async function whyNotLoaded(path: string, cause: unknown): Promise<string> {
  const message = messageOf(cause);
  if (errorCode(cause) === "ERR_UNKNOWN_FILE_EXTENSION" && /^\.[cm]?ts$/.test(extname(path))) {
    const remedy = "Compile it (npx tsc) and give the .js, or use Node 22.18 or newer";
    return `is TypeScript, which Node ${process.versions.node} does not run. ${remedy}.`;
  }
  const [, missing] = /^Cannot find (?:package|module) '([^'./][^']*)'/.exec(message) ?? [];
  if (missing === undefined)
    return `cannot be loaded: ${describeThrown(cause, await syntaxPlace(path, cause))}`;
  const name = missing
    .split("/")
    .slice(0, missing.startsWith("@") ? 2 : 1)
    .join("/");
  const remedy = `npm install ${name} in ${dirname(resolve(path))}, or move the file into a project that has it`;
  return `cannot be loaded: it imports ${name}, which is not installed where the file lies: ${remedy}.`;
}

/** The line of a syntax error. Node tells it of an ES module only when it prints the error, so the file is checked once more. */
async function syntaxPlace(path: string, thrown: unknown): Promise<string | undefined> {
  if (!(thrown instanceof Error) || thrown.name !== "SyntaxError") return undefined;
  const file = resolve(path);
  const printed = await execute(process.execPath, ["--check", file]).then(
    () => "", // the error is in a file that it imports
    (failed: unknown) => (isRecord(failed) ? stringOf(failed["stderr"]) : ""),
  );
  return [thrown.stack ?? "", printed].flatMap(
    (text) => /^(?:file:\/\/)?(\/?[^\n]+\.\w+:\d+)\n/.exec(text)?.[1] ?? [],
  )[0];
}

/** The words of what was thrown, with the line of the user's file. */
function describeThrown(thrown: unknown, place = placeOf(thrown)): string {
  return `${messageOf(thrown)}${place === undefined ? "" : ` (${place})`}`;
}

function isFactory(exported: unknown): exported is PartFactory {
  return typeof exported === "function";
}

function isDeclared(factory: object): factory is DeclaredStrategy {
  return "declaration" in factory && "fromSettings" in factory;
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
