// Owns: the flags that name a model, for every command that asks one, and the model that they stand for.
import { resolve } from "node:path";
import type { Command } from "commander";
import { withEnvFile } from "../../models/openai/endpoint.ts";
import { modelFromSpec } from "../../models/model-from-spec.ts";
import type { NoticeListener } from "../../models/signals/notice.ts";
import type { RetryOptions } from "../../models/wrappers/retry.ts";
import { readProfileChanges } from "../../models/catalogue/profile-text.ts";
import { recordedRun } from "../../run/checks/recorded-run.ts";
import type { JsonObject, LanguageModel } from "../../contracts/index.ts";
import { withoutAbsent } from "./flag-values.ts";

export interface ModelFlags {
  readonly model?: string | undefined;
  readonly baseUrl?: string | undefined;
  readonly envFile?: string | undefined;
  readonly profile?: string | undefined;
}

/** `about`: what the model is for, as a sentence; `model`: the default. */
export function addModelFlags(command: Command, about: string, model?: string): void {
  command
    .option("--model <model>", about, model)
    .option(
      "--base-url <url>",
      "Address of the model's server. Default: OPENAI_BASE_URL, or the provider's own.",
    )
    .option(
      "--env-file <file>",
      "File with the key, such as OPENAI_API_KEY=... Only the client of the model reads it.",
    )
    .option(
      "--profile <json>",
      "Corrections of the model's built-in profile: JSON as `nbevolve models check` prints it, or a file with it.",
    );
}

/** @throws RunError `bad-option` | `model-refused`. */
export async function modelNamed(
  model: string,
  { baseUrl, envFile, profile }: ModelFlags,
  onNotice: NoticeListener,
  retries: Pick<RetryOptions, "maxOutageMs"> = {},
): Promise<LanguageModel> {
  const [, run] = /^recorded:(.+)$/s.exec(model) ?? [];
  if (run !== undefined) {
    const onDifference = (message: string): void => onNotice({ type: "differs", model, message });
    return recordedRun(run, { onDifference });
  }
  return modelFromSpec(model, {
    ...retries,
    env: withEnvFile(envFile, process.env),
    baseURL: baseUrl,
    profile: profile === undefined ? undefined : readProfileChanges(profile),
    onNotice,
  });
}

/** What the journal keeps of the flags for a later resume: where the key lies, never the key. */
export function modelOrigin(model: string, { baseUrl, envFile, profile }: ModelFlags): JsonObject {
  return withoutAbsent({
    model,
    baseUrl,
    envFile: envFile === undefined ? undefined : resolve(envFile),
    profile: profile === undefined ? undefined : JSON.stringify(readProfileChanges(profile)),
  });
}
