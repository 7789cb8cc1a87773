// Owns: the options with which a run is resumed: its model, tools and server, built again from what its journal says about them.
import { RunError } from "../../core/errors.ts";
import { ownCommand } from "../../core/shell-words.ts";
import { recordOf, textsOf } from "../../core/untrusted.ts";
import type { NoticeListener } from "../../models/signals/notice.ts";
import type { ReproduceMode } from "../../loop/types.ts";
import { journalledTools } from "../../run/parts/journalled-parts.ts";
import { readRunStarted, type RunStarted } from "../../run/run-settings.ts";
import { requireTrust } from "../../run/received.ts";
import type { RunOptions } from "../../run/run-options.ts";
import type { JsonObject } from "../../contracts/index.ts";
import { openRunStore, type RunStore } from "../../store/index.ts";
import { journalClaims, textAt } from "./journal-claims.ts";
import { kernelOptionsFrom, type KernelFlags } from "./kernel-flags.ts";
import { targetFrom } from "./flag-values.ts";
import { limitsFrom } from "./run-limits.ts";
import { modelNamed, modelOrigin, type ModelFlags } from "./model-flags.ts";
import { sandboxOptionsFrom, type SandboxFlags } from "./sandbox-flags.ts";
import { serverFrom, type ServerFlags } from "./server-flags.ts";
import type { TrustFlag } from "./trust-flag.ts";

/** Each replaces what the run was started with. */
export interface ResumeFlags extends ModelFlags, ServerFlags, TrustFlag, SandboxFlags, KernelFlags {
  readonly proposals?: number;
  readonly parallel?: number;
  /** As on the command line: `tokens=50000`, `usd=none`. */
  readonly budget?: readonly string[];
  readonly approve?: readonly string[];
  readonly reproduce?: ReproduceMode;
  readonly target?: string;
}

interface Resumed {
  readonly options: RunOptions;
  readonly approve: readonly string[];
  /** How its model was named: see `modelOrigin`. */
  readonly model: JsonObject;
}

/**
 * The strategy and the renderer are left to `startRun`, which has those of the run.
 * @throws RunError `run-missing`, or `bad-option` when the model or a tool came from a script and not from the command line.
 */
export async function resumeOptions(
  dir: string,
  flags: ResumeFlags,
  onNotice: NoticeListener,
): Promise<Resumed> {
  await using store = await openRunStore(dir, { mode: "read" });
  const started = await requireStarted(store);
  const origin = recordOf(started.settings["origin"]);
  const model = flags.model ?? textAt(origin, "model");
  if (model === undefined) {
    throw new RunError(
      "bad-option",
      `${dir} was started by a script: resume it with startRun({ dir, model, ... })`,
    );
  }
  requireTrust(store, journalClaims(started, flags), flags.trust === true);
  // Address and profile belong to the model that the run was started with.
  const ofModel = flags.model === undefined ? origin : {};
  const { proposals, parallel, reproduce, token, approve = [] } = flags;
  const modelFlags: ModelFlags = {
    ...flags,
    baseUrl: flags.baseUrl ?? textAt(ofModel, "baseUrl"),
    envFile: flags.envFile ?? textAt(origin, "envFile"),
    profile: flags.profile ?? textAt(ofModel, "profile"),
    price: flags.price ?? textsOf(ofModel["price"]),
  };
  const options: RunOptions = {
    ...{ dir, proposals, parallel, reproduce, trust: flags.trust },
    target: targetFrom(flags.target),
    ...sandboxOptionsFrom(flags),
    ...kernelOptionsFrom(flags),
    model: await modelNamed(model, modelFlags, onNotice),
    tools: await journalledTools(started),
    budget: flags.budget && limitsFrom(flags.budget),
    server: serverFrom({
      server: flags.server ?? textAt(origin, "server"),
      kernel: flags.kernel ?? textAt(origin, "kernel"),
      token,
    }),
  };
  const approves = approve.length > 0 ? approve : textsOf(origin["approve"]);
  return { options, approve: approves, model: modelOrigin(model, modelFlags) };
}

/** The first event of a run. @throws RunError `run-missing`. */
export async function requireStarted(store: RunStore): Promise<RunStarted> {
  const started = await readRunStarted(store);
  if (started !== null) return started;
  throw new RunError(
    "run-missing",
    `${store.dir} holds no scored founder yet: start it again with: ${ownCommand("run", "TASK", "--dir", store.dir)}`,
  );
}
