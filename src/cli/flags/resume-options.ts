// Owns: building the parts of a run again from what its journal says of them.
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
import { rendererNamed, strategyNamed } from "./parts.ts";
import { serverFrom, type ServerFlags } from "./server-flags.ts";

/** `model`: in place of the one that the run was started with. */
export interface ResumeFlags extends ModelFlags, ServerFlags {
  readonly proposals?: number;
  readonly parallel?: number;
  /** As on the command line: `tokens=50000`, `usd=none`. */
  readonly budget?: readonly string[];
  /** In place of the rules that the run was started with. */
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
  const started = known(await readRunStarted(store), dir);
  const origin = recordOf(started.settings["origin"]);
  const model = flags.model ?? origin["model"];
  if (typeof model !== "string") {
    throw new RunError(
      "bad-option",
      `${dir} was started by a script: resume it with startRun({ dir, model, ... })`,
    );
  }
  const baseUrl = flags.baseUrl ?? (flags.model === undefined ? origin["baseUrl"] : undefined);
  const envFile = flags.envFile ?? origin["envFile"];
  const profile = flags.profile ?? (flags.model === undefined ? origin["profile"] : undefined);
  const where = {
    ...(typeof baseUrl === "string" && { baseUrl }),
    ...(typeof envFile === "string" && { envFile }),
    ...(typeof profile === "string" && { profile }),
  };
  const server = serverFrom({ ...keptServer(origin), ...flags });
  const options: RunOptions = {
    dir,
    model: await modelNamed(model, where, onNotice),
    strategy: await journalledStrategy(started, dir),
    renderer: rendererNamed(textOf(started.settings["renderer"])),
    ...(flags.proposals !== undefined && { proposals: flags.proposals }),
    ...(flags.budget !== undefined && { budget: limitsFrom(flags.budget) }),
    ...(flags.reproduce !== undefined && { reproduce: flags.reproduce }),
    ...(flags.parallel !== undefined && { parallel: flags.parallel }),
    ...(server !== undefined && { server }),
  };
  const given = flags.approve ?? [];
  return { options, approve: given.length > 0 ? given : textsOf(origin["approve"]) };
}

function keptServer({ server, kernel }: JsonObject): ServerFlags {
  return {
    ...(typeof server === "string" && { server }),
    ...(typeof kernel === "string" && { kernel }),
  };
}

function textsOf(value: Json | undefined): readonly string[] {
  return Array.isArray(value) ? value.filter((text) => typeof text === "string") : [];
}

/** The strategy of a run, with its settings. @throws RunError `run-missing` | `bad-option`. */
export async function journalledStrategy(started: Started | null, dir: string): Promise<Strategy> {
  const { settings: run } = known(started, dir);
  const { name, ...settings } = recordOf(run["strategy"]);
  return strategyNamed(textOf(recordOf(run["origin"])["strategy"] ?? name), settings);
}

type Started = NonNullable<Awaited<ReturnType<typeof readRunStarted>>>;

function known(started: Started | null, dir: string): Started {
  if (started !== null) return started;
  throw new RunError(
    "run-missing",
    `${dir} holds no scored founder yet: start it again with \`nbevolve run --dir\``,
  );
}

function textOf(value: Json | undefined): string {
  return typeof value === "string" ? value : JSON.stringify(value ?? null);
}
