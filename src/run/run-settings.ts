// Owns: what one session of a run goes by - the journal's own settings first, then the caller's, checked against them.
import { randomInt } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { RunError } from "../core/errors.ts";
import { didYouMean } from "../core/nearest-word.ts";
import { recordOf, textsOf } from "../core/untrusted.ts";
import { remoteAddress } from "../kernels/remote/remote-address.ts";
import type { Budget } from "../loop/budget.ts";
import type { EvolveOptions, ReproduceMode } from "../loop/types.ts";
import { readJson } from "../loop/json-blob.ts";
import type {
  BlobReader,
  Harness,
  Journal,
  Json,
  JsonObject,
  Renderer,
  RunEvent,
  Strategy,
  Task,
} from "../contracts/index.ts";
import { fitnessOfTarget, targetOf } from "../history/index.ts";
import { machineSettings } from "./machine-settings.ts";
import type { RunLimits, RunOptions } from "./run-options.ts";

export type RunStarted = Extract<RunEvent, { type: "run-started" }>;

/** What one session of a run goes by. */
export interface RunSettings {
  readonly task: Task;
  readonly seed: number;
  /** As journalled with `run-started`. */
  readonly settings: JsonObject;
  readonly rounds: number;
  readonly parallel: number;
  readonly order: EvolveOptions["order"];
  readonly reproduce: ReproduceMode;
  readonly harness: Harness;
  readonly budget: Budget;
  /** The score at which the run stops, in the task's own direction; null for none. */
  readonly target: number | null;
}

const DEFAULTS = { proposals: 20, parallel: 2, rounds: 1, order: "as-finished", reproduce: "best" } as const;
const LIMITS: readonly string[] = ["rounds", "tokens", "costUsd", "seconds", "cells", "stagnation"];
/** What a resumed run may not change: its past was made with it. */
const FIXED = ["seed", "order", "rounds", "strategy", "renderer", "harness"] as const;

/** @throws RunError `bad-option` | `run-missing`. */
export async function resolveRunSettings(
  store: Journal & BlobReader,
  given: Task | null,
  options: RunOptions,
  parts: { readonly strategy: Strategy; readonly renderer: Renderer },
): Promise<RunSettings> {
  const started = await readRunStarted(store);
  const wanted = wantedSettings(options, parts);
  if (started === null) {
    if (given === null)
      throw new RunError("run-missing", "there is no run to resume here, and no task to start one with");
    const settings = { ...DEFAULTS, harness: options.model.harness ?? "full", ...wanted };
    return makeSettings(given, options.seed ?? randomInt(2 ** 32), settings, settings);
  }
  const task = await readJson<Task>(store, started.task);
  // Which task it is, before what else may differ.
  if (given !== null && given.name !== task.name)
    throw differenceError(`the task ${JSON.stringify(task.name)}`, JSON.stringify(given.name));
  checkSame(started, wanted, options);
  if (given !== null && !isDeepStrictEqual(JSON.parse(JSON.stringify(given)), task))
    throw differenceError(`an earlier version of the task ${JSON.stringify(task.name)}`, "the one given now");
  const budget = { ...recordOf(started.settings["budget"]), ...recordOf(wanted["budget"]) };
  return makeSettings(task, started.seed, started.settings, { ...started.settings, ...wanted, budget });
}

/** The first event, or null when the journal is empty. */
export async function readRunStarted(journal: Journal): Promise<RunStarted | null> {
  for await (const event of journal.read(0)) {
    if (event.type === "run-started") return event;
    throw new RunError("run-corrupt", "the journal does not begin with run-started");
  }
  return null;
}

/** The task that a run was started with, or null when there is none yet. */
export async function readStoredTask(store: Journal & BlobReader): Promise<Task | null> {
  const started = await readRunStarted(store);
  return started === null ? null : readJson<Task>(store, started.task);
}

function makeSettings(task: Task, seed: number, settings: JsonObject, now: JsonObject): RunSettings {
  const target = targetOf(task, now["target"]);
  const order = now["order"] === "as-proposed" ? "as-proposed" : "as-finished";
  return {
    task,
    seed,
    settings,
    rounds: checkCount("rounds", now["rounds"]),
    parallel: checkCount("parallel", now["parallel"]),
    order,
    reproduce: checkMode(now["reproduce"] ?? "none"),
    harness: harnessIn(now),
    budget: {
      ...limitsOf(recordOf(now["budget"])),
      proposals: checkCount("proposals", now["proposals"]),
      targetFitness: target === null ? null : fitnessOfTarget(target, task.direction),
    },
    target,
  };
}

/** Absent and null alike: no limit. */
function limitsOf(given: JsonObject): RunLimits {
  const entries = Object.entries(given).map(([name, value]) => {
    if (!LIMITS.includes(name)) {
      const hint = `there are ${LIMITS.join(", ")}${didYouMean(name, LIMITS)}`;
      throw new RunError("bad-option", `budget: there is no "${name}"; ${hint}`);
    }
    const whole = name !== "costUsd" && name !== "seconds";
    if (value === null || (typeof value === "number" && value > 0 && (!whole || Number.isInteger(value))))
      return [name, value] as const;
    const range = `a ${whole ? "whole " : ""}number above 0, or null`;
    throw new RunError("bad-option", `budget: ${name} is ${JSON.stringify(value)}; it must be ${range}`);
  });
  return Object.fromEntries(entries);
}

/** Runs of before had the full one alone. */
export function harnessIn({ harness = "full" }: JsonObject): Harness {
  if (harness === "full" || harness === "lean") return harness;
  throw new RunError("bad-option", `harness is ${JSON.stringify(harness)}; it must be full, lean or auto`);
}

function wantedSettings(options: RunOptions, parts: { strategy: Strategy; renderer: Renderer }): JsonObject {
  const { proposals, parallel, rounds, order, seed, budget, harness } = options;
  if (order !== undefined && order !== "as-finished" && order !== "as-proposed") {
    throw new RunError(
      "bad-option",
      `order is ${JSON.stringify(order)}; it must be as-finished or as-proposed`,
    );
  }
  if (seed !== undefined && (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32)) {
    throw new RunError("bad-option", `seed is ${seed}; it must be a whole number of 0 to 4294967295`);
  }
  const pricing = options.pricing ?? options.model.pricing;
  return withoutAbsent({
    proposals: proposals === undefined ? undefined : checkCount("proposals", proposals),
    parallel: parallel === undefined ? undefined : checkCount("parallel", parallel),
    rounds: rounds === undefined ? undefined : checkCount("rounds", rounds),
    order,
    target: options.target,
    reproduce: options.reproduce === undefined ? undefined : checkMode(options.reproduce),
    harness: harness === undefined || harness === "auto" ? undefined : harnessIn({ harness }),
    budget: budget === undefined ? undefined : { ...limitsOf(withoutAbsent({ ...budget })) },
    model: options.model.name,
    // Prompts depend on this too: an audit of the run needs it.
    seesImages: options.model.seesImages,
    pricing: pricing === undefined ? undefined : { ...pricing },
    strategy: { name: parts.strategy.name, ...parts.strategy.settings },
    renderer: parts.renderer.name,
    // Names of those that are not the notebook's own.
    tools: (options.tools ?? []).map(({ name }) => name).toSorted(),
    ...machineSettings(options),
    server: options.server === undefined ? undefined : remoteAddress(options.server).base,
    origin: options.origin,
  });
}

function withoutAbsent(settings: Readonly<Record<string, Json | undefined>>): JsonObject {
  return Object.fromEntries(
    Object.entries(settings).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value] as const],
    ),
  );
}

function checkMode(value: unknown): ReproduceMode {
  if (value === "best" || value === "all" || value === "none") return value;
  throw new RunError("bad-option", `reproduce is ${JSON.stringify(value)}; it must be best, all or none`);
}

function checkSame(started: RunStarted, wanted: JsonObject, options: RunOptions): void {
  // Runs of before had the notebook's own tools alone, and the full harness.
  const was: JsonObject = { tools: [], harness: "full", ...started.settings, seed: started.seed };
  const now = withoutAbsent({ ...wanted, seed: options.seed });
  checkSameTools(textsOf(was["tools"]), textsOf(now["tools"]));
  for (const name of FIXED) {
    const [a, b] = [was[name], now[name]];
    if (b !== undefined && !isDeepStrictEqual(a, b))
      throw differenceError(`${name} ${JSON.stringify(a)}`, JSON.stringify(b));
  }
}

/** The names that a resumed run is given must be those that it was started with: its prompts tell of them. */
function checkSameTools(was: readonly string[], now: readonly string[]): void {
  const missing = was.filter((name) => !now.includes(name));
  const added = now.filter((name) => !was.includes(name));
  const faults = [
    ...missing.map((name) => `was started with the tool ${name}: give it again in \`tools\``),
    ...added.map((name) => `was started without the tool ${name}: leave it out of \`tools\``),
  ];
  if (faults.length === 0) return;
  const remedy = "Or start a new run in another directory.";
  throw new RunError("bad-option", `this directory holds a run that ${faults.join(", and ")}. ${remedy}`);
}

function differenceError(was: string, now: string): RunError {
  const remedy = "Resume it with the same, or start a new run in another directory.";
  return new RunError("bad-option", `this directory holds a run with ${was}, not ${now}. ${remedy}`);
}

function checkCount(name: string, value: unknown): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= 1) return value;
  throw new RunError(
    "bad-option",
    `${name} is ${JSON.stringify(value)}; it must be a whole number of 1 or more`,
  );
}
