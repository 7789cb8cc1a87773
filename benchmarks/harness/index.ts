// Owns: `nbevolve bench harness`: what a language model gets done with a notebook, with files, and alone, for as many tokens.
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RunError } from "../../src/core/errors.ts";
import { openRuntime } from "../../src/run/runtime.ts";
import type { LanguageModel, Task } from "../../src/contracts/index.ts";
import type { Bench } from "../bench.ts";
import { founderScore, playFiles } from "./file-arm.ts";
import { playNotebook } from "./notebook-arm.ts";
import type { Played, PlayOptions } from "./play.ts";
import {
  summarisePlays,
  writeReport,
  type HarnessFigures,
  type HarnessPlay,
  type TaskFacts,
} from "./report.ts";
import { SMALL_TASKS, type SmallTask } from "./tasks.ts";

type Arm = (model: LanguageModel, options: PlayOptions) => Promise<Played>;

/** The first is compared with each of the others. */
const ARMS: Readonly<Record<string, Arm>> = {
  lean: (model, options) => playNotebook(model, "lean", options),
  file: (model, options) => playFiles(model, true, options),
  full: (model, options) => playNotebook(model, "full", options),
  alone: (model, options) => playFiles(model, false, options),
};

interface HarnessFlags {
  readonly tasks: string;
  readonly arms: string;
  readonly seeds: number;
  readonly tokens: number;
}

export const harnessBench: Bench<HarnessFlags> = {
  name: "harness",
  description:
    "What a language model gets done on small tasks with a notebook (lean, full), with files (file) and without feedback (alone).",
  flags: [
    {
      flag: "--tasks <names>",
      description: "Names of tasks with commas between them.",
      value: "text",
      default: SMALL_TASKS.map(({ task }) => task.name).join(","),
    },
    {
      flag: "--arms <names>",
      description: "Names of arms with commas between them; the first is compared with the others.",
      value: "text",
      default: Object.keys(ARMS).join(","),
    },
    { flag: "--seeds <n>", description: "How often each arm plays each task.", value: "count", default: 5 },
    {
      flag: "--tokens <n>",
      description: "Input and output tokens after which a play asks for no further reply.",
      value: "count",
      default: 8000,
    },
  ],
  defaultModel: "offline",
  canBeInterrupted: true,
  async run({ tasks, arms, seeds, tokens }, { signal, progress, model: openModel }) {
    const model = await openModel();
    if (model.name === "offline")
      throw new RunError(
        "bad-option",
        "the offline model plays by its own rules and is no measure of a harness: give --model openai:<name> --base-url <url>",
      );
    const names = pickNames("--arms", arms, Object.keys(ARMS));
    const wanted = pickNames(
      "--tasks",
      tasks,
      SMALL_TASKS.map(({ task }) => task.name),
    );
    const chosen = await Promise.all(
      SMALL_TASKS.filter(({ task }) => wanted.includes(task.name)).map(async (one) => ({
        task: one.task,
        facts: await factsOf(one, signal),
      })),
    );
    const facts = chosen.map((one) => one.facts);
    const dir = await mkdtemp(join(tmpdir(), "nbevolve-harness-"));
    try {
      const plays: HarnessPlay[] = [];
      for (const { seed, task, first, arm } of scheduleOf(seeds, chosen, names)) {
        const play = await playArm(arm, model, { task, first, seed, tokens, dir, signal }).catch(
          (error: unknown) => {
            if (signal.aborted) return null;
            throw error;
          },
        );
        if (play === null) break; // interrupted: what was played so far is reported
        plays.push(play);
        progress(describePlay(play));
      }
      const figures: HarnessFigures = {
        model: model.name,
        tokens,
        plays,
        ...summarisePlays(plays, facts, names),
      };
      return { figures, report: writeReport(figures, facts) };
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  },
};

interface ScheduledPlay extends Pick<PlayOptions, "seed" | "task" | "first"> {
  readonly arm: string;
}

/** Seed by seed, so that what was played when it is interrupted has every task and arm. */
function scheduleOf(
  seeds: number,
  tasks: readonly { readonly task: Task; readonly facts: TaskFacts }[],
  arms: readonly string[],
): readonly ScheduledPlay[] {
  return Array.from({ length: seeds }, (_, at) => at + 1).flatMap((seed) =>
    tasks.flatMap(({ task, facts: { first } }) => arms.map((arm) => ({ seed, task, first, arm }))),
  );
}

async function playArm(arm: string, model: LanguageModel, options: PlayOptions): Promise<HarnessPlay> {
  const { task, seed } = options;
  const play = ARMS[arm];
  if (play === undefined) throw new Error(`no arm ${arm}`);
  const dir = join(options.dir, `${arm}-${task.name}-${seed}`);
  await mkdir(dir);
  return { arm, task: task.name, seed, ...(await play(model, { ...options, dir })) };
}

function describePlay({ arm, task, seed, score, cells, replies, wasted, seconds }: HarnessPlay): string {
  const done = `${replies} replies, ${cells} cells, ${wasted} wasted, ${seconds.toFixed(0)} s`;
  return `${task}, seed ${seed}, ${arm}: ${score ?? "none"} (${done})`;
}

async function factsOf({ task, optimum }: SmallTask, signal: AbortSignal): Promise<TaskFacts> {
  await using runtime = await openRuntime(task, {});
  const { name, direction } = task;
  return { name, direction, optimum, first: await founderScore(runtime, task, signal) };
}

function pickNames(flag: string, given: string, known: readonly string[]): readonly string[] {
  const names = given.split(",").map((name) => name.trim());
  const odd = names.find((name) => !known.includes(name));
  if (odd !== undefined)
    throw new RunError("bad-option", `${flag}: there is no "${odd}"; there are ${known.join(", ")}`);
  return names;
}
