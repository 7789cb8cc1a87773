// Owns: the flags that name a model, the same for every command that asks one, and the model they stand for.
import { resolve } from "node:path";
import type { Command } from "commander";
import { withEnvFile } from "../../models/openai/endpoint.ts";
import { modelFromSpec } from "../../models/model-from-spec.ts";
import type { NoticeListener } from "../../models/signals/notice.ts";
import { readProfileChanges } from "../../models/catalogue/profile-text.ts";
import { recordedRun } from "../../run/checks/recorded-run.ts";
import type { Json, LanguageModel } from "../../contracts/index.ts";

export interface ModelFlags {
  readonly model?: string;
  readonly baseUrl?: string;
  readonly envFile?: string;
  readonly profile?: string;
}

/** Adds the flags to a command. */
export function asking(command: Command, about: string, model?: string): Command {
  return command
    .option("--model <model>", about, model)
    .option("--base-url <url>", "of the model's server; default: OPENAI_BASE_URL or the provider's own")
    .option("--env-file <file>", "with the key, such as OPENAI_API_KEY=...; goes to the model's client alone")
    .option(
      "--profile <json>",
      "where the model's built-in profile is wrong, as `models check` prints it; or a file",
    );
}

/** @throws RunError `bad-option` | `model-refused`. */
export async function modelNamed(
  model: string,
  flags: ModelFlags,
  onNotice: NoticeListener,
): Promise<LanguageModel> {
  const [, run] = /^recorded:(.+)$/s.exec(model) ?? [];
  if (run !== undefined) {
    const onDifference = (message: string): void => onNotice({ type: "differs", model, message });
    return recordedRun(run, { onDifference });
  }
  const { baseUrl, envFile, profile } = flags;
  return modelFromSpec(model, {
    env: withEnvFile(envFile, process.env),
    ...(baseUrl !== undefined && { baseURL: baseUrl }),
    ...(profile !== undefined && { profile: readProfileChanges(profile) }),
    onNotice,
  });
}

/** What the journal keeps of the flags, for whoever resumes: where the key lies, never the key. */
export function modelOrigin(
  model: string,
  { baseUrl, envFile, profile }: ModelFlags,
): Readonly<Record<string, Json>> {
  return {
    model,
    ...(baseUrl !== undefined && { baseUrl }),
    ...(envFile !== undefined && { envFile: resolve(envFile) }),
    ...(profile !== undefined && { profile: JSON.stringify(readProfileChanges(profile)) }),
  };
}
