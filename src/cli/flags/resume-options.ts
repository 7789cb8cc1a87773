// Owns: the options with which a run is resumed: its parts, built again from what its journal says about them.
import { RunError } from "../../core/errors.ts";
import { recordOf } from "../../core/untrusted.ts";
import type { NoticeListener } from "../../models/signals/notice.ts";
import type { ReproduceMode } from "../../loop/types.ts";
import { readRunStarted } from "../../run/run-settings.ts";
import type { RunOptions } from "../../run/run-options.ts";
import type { Json, JsonObject, Strategy } from "../../contracts/index.ts";
import { openRunStore } from "../../store/index.ts";
import { limitsFrom } from "./run-limits.ts";
import { modelNamed, type ModelFlags } from "./model-flags.ts";
import { rendererNamed, strategyNamed, toolsFrom } from "./parts.ts";
import { serverFrom, type ServerFlags } from "./server-flags.ts";

/** Each replaces what the run was started with. */
export interface ResumeFlags extends ModelFlags, ServerFlags {
  readonly proposals?: number;
  readonly parallel?: number;
  /** As on the command line: `tokens=50000`, `usd=none`. */
  readonly budget?: readonly string[];
  readonly approve?: readonly string[];
  readonly reproduce?: ReproduceMode;
}

export interface Resumed {
  readonly options: RunOptions;
  readonly approve: readonly string[];
}

/** @throws RunError `run-missing`, or `bad-option` when a part came from a script and not from the command line. */
export async function resumeOptions(
  dir: string,
  flags: ResumeFlags,
  onNotice: NoticeListener,
): Promise<Resumed> {
  await using store = await openRunStore(dir, { mode: "read" });
  const started = requireStarted(await readRunStarted(store), dir);
  const origin = recordOf(started.settings["origin"]);
  const model = flags.model ?? textAt(origin, "model");
  if (model === undefined) {
    throw new RunError(
      "bad-option",
      `${dir} was started by a script: resume it with startRun({ dir, model, ... })`,
    );
  }
  // Address and profile belong to the model that the run was started with.
  const ofModel = flags.model === undefined ? origin : {};
  const { proposals, parallel, reproduce, token, approve = [] } = flags;
  const options: RunOptions = {
    ...{ dir, proposals, parallel, reproduce },
    model: await modelNamed(
      model,
      {
        baseUrl: flags.baseUrl ?? textAt(ofModel, "baseUrl"),
        envFile: flags.envFile ?? textAt(origin, "envFile"),
        profile: flags.profile ?? textAt(ofModel, "profile"),
      },
      onNotice,
    ),
    strategy: await journalledStrategy(started, dir),
    renderer: await rendererNamed(textAt(origin, "renderer") ?? textOf(started.settings["renderer"])),
    tools: await toolsFrom(textsOf(origin["tools"])),
    budget: flags.budget && limitsFrom(flags.budget),
    server: serverFrom({
      server: flags.server ?? textAt(origin, "server"),
      kernel: flags.kernel ?? textAt(origin, "kernel"),
      token,
    }),
  };
  return { options, approve: approve.length > 0 ? approve : textsOf(origin["approve"]) };
}

function textsOf(value: Json | undefined): readonly string[] {
  return Array.isArray(value) ? value.filter((text) => typeof text === "string") : [];
}

/** The strategy of a run, with its settings. @throws RunError `run-missing` | `bad-option`. */
export async function journalledStrategy(started: RunStart | null, dir: string): Promise<Strategy> {
  const { settings: run } = requireStarted(started, dir);
  const { name, ...settings } = recordOf(run["strategy"]);
  return strategyNamed(textOf(recordOf(run["origin"])["strategy"] ?? name), settings);
}

type RunStart = NonNullable<Awaited<ReturnType<typeof readRunStarted>>>;

function requireStarted(started: RunStart | null, dir: string): RunStart {
  if (started !== null) return started;
  throw new RunError(
    "run-missing",
    `${dir} holds no scored founder yet: start it again with \`nbevolve run --dir\``,
  );
}

function textAt(settings: JsonObject, name: string): string | undefined {
  const value = settings[name];
  return typeof value === "string" ? value : undefined;
}

function textOf(value: Json | undefined): string {
  return typeof value === "string" ? value : JSON.stringify(value ?? null);
}
