// Owns: the strategy, the renderer and the tools that a run was begun with, made again from its journal for a later session.
import { RunError } from "../../core/errors.ts";
import { recordOf, textsOf } from "../../core/untrusted.ts";
import type { Json, JsonObject, Renderer, Strategy, Task, Tool } from "../../contracts/index.ts";
import { logStructured } from "../../../renderers/log-structured.ts";
import { SHIPPED_RENDERERS } from "../../../renderers/shipped.ts";
import { SHIPPED_STRATEGIES } from "../../../strategies/shipped.ts";
import { tournament } from "../../../strategies/tournament.ts";
import { checkValue } from "../../core/options.ts";
import type { Claim } from "../received.ts";
import { STRATEGY_OPTION, type RunOptions } from "../run-options.ts";
import type { RunStarted } from "../run-settings.ts";
import { rendererNamed, strategyNamed, toolsFrom } from "./named-parts.ts";
import { isPartFile } from "./part-file.ts";

type RunStart = Pick<RunStarted, "settings">;
type SessionOptions = Pick<RunOptions, "strategy" | "renderer" | "tools">;

interface ChosenParts {
  readonly strategy: Strategy;
  readonly renderer: Renderer;
  readonly tools: readonly Tool[];
}

/**
 * The parts of a session: what is given, else what the run was begun with, else the defaults. `started` and `task`: null where
 * there is none yet. Loads the files that `partClaims` names. @throws RunError `bad-option`.
 */
export async function chooseParts(
  options: SessionOptions,
  started: RunStart | null,
  task: Task | null,
): Promise<ChosenParts> {
  return {
    strategy: await strategyFor(options, started, task),
    renderer: options.renderer ?? (started === null ? logStructured() : await journalledRenderer(started)),
    tools: options.tools ?? (started === null ? [] : await journalledTools(started)),
  };
}

async function strategyFor(
  { strategy }: SessionOptions,
  started: RunStart | null,
  task: Task | null,
): Promise<Strategy> {
  if (strategy === undefined) return started === null ? tournament() : await journalledStrategy(started);
  if (typeof strategy !== "function") return strategy;
  // Without a task there is no run: what comes next says so.
  if (task === null) return tournament();
  const made = await strategy(task);
  checkValue("startRun: what the function `strategy` gives", made, STRATEGY_OPTION);
  return made;
}

/** The files of parts that would be run on the word of the journal alone, where none is given. */
export function partClaims(started: RunStart, given: SessionOptions): readonly Claim[] {
  return [
    ...(given.strategy === undefined ? strategyClaims(started) : []),
    ...(given.renderer === undefined ? rendererClaims(started) : []),
    ...(given.tools === undefined ? toolClaims(started) : []),
  ];
}

/** The strategy of a run, with its settings. @throws RunError `bad-option` where it is neither a shipped one nor in a file. */
export async function journalledStrategy({ settings: run }: RunStart): Promise<Strategy> {
  const { name: _, ...settings } = recordOf(run["strategy"]);
  const name = strategyIn(run);
  const isShipped = SHIPPED_STRATEGIES.some(({ declaration }) => declaration.name === name);
  if (!isShipped && !isPartFile(name)) throw ownPartError("strategy", name);
  try {
    return await strategyNamed(name, settings);
  } catch (cause) {
    if (!isShipped || !(cause instanceof RunError)) throw cause;
    throw ownPartError("strategy", name, cause);
  }
}

async function journalledRenderer({ settings }: RunStart): Promise<Renderer> {
  const name = rendererIn(settings);
  const isShipped = SHIPPED_RENDERERS.some((make) => make().name === name);
  if (!isShipped && !isPartFile(name)) throw ownPartError("renderer", name);
  return await rendererNamed(name);
}

/** The tools of a run besides the notebook's own, from their files. @throws RunError `bad-option`. */
export function journalledTools({ settings }: RunStart): Promise<readonly Tool[]> {
  return toolsFrom(toolFiles(settings));
}

export function strategyClaims({ settings }: RunStart): readonly Claim[] {
  return claimsOf("load the strategy", [strategyIn(settings)].filter(isPartFile));
}

function rendererClaims({ settings }: RunStart): readonly Claim[] {
  return claimsOf("load the renderer", [rendererIn(settings)].filter(isPartFile));
}

export function toolClaims({ settings }: RunStart): readonly Claim[] {
  return claimsOf("load the tool", toolFiles(settings));
}

const claimsOf = (act: string, files: readonly string[]): readonly Claim[] =>
  files.map((what) => ({ act, what, isCode: true }));

/** A name that ships, or the path of a file. */
function strategyIn(settings: JsonObject): string {
  return textOf(recordOf(settings["origin"])["strategy"] ?? recordOf(settings["strategy"])["name"]);
}

/** A name that ships, or the path of a file. */
function rendererIn(settings: JsonObject): string {
  const file = recordOf(settings["origin"])["renderer"];
  return typeof file === "string" ? file : textOf(settings["renderer"]);
}

function toolFiles(settings: JsonObject): readonly string[] {
  return textsOf(recordOf(settings["origin"])["tools"]);
}

function textOf(value: Json | undefined): string {
  return typeof value === "string" ? value : JSON.stringify(value ?? null);
}

/** `cause`: why the shipped one of that name cannot be meant. */
function ownPartError(kind: "strategy" | "renderer", name: string, cause?: RunError): RunError {
  const why = cause === undefined ? "" : ` (it is not the shipped one: ${cause.message})`;
  const words = `the run was begun with the ${kind} ${JSON.stringify(name)} of your own${why}`;
  return new RunError("bad-option", `${words}: give it again as \`${kind}\` of startRun`, { cause });
}
