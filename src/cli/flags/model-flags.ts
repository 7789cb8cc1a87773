// Owns: the flags that name a model, for every command that asks one, and the model that they stand for.
import { resolve } from "node:path";
import type { Command } from "commander";
import { withEnvFile } from "../../models/openai/endpoint.ts";
import { modelFromSpec, renameModel } from "../../models/model-from-spec.ts";
import type { NoticeListener } from "../../models/signals/notice.ts";
import { priceBook } from "../../models/catalogue/own-price.ts";
import { readProfileChanges } from "../../models/catalogue/profile-text.ts";
import type { ProfileChanges } from "../../models/catalogue/profiles.ts";
import { recordedRun } from "../../run/checks/recorded-run.ts";
import type { WrongWord } from "../../core/errors.ts";
import { stringOf, textsOf } from "../../core/untrusted.ts";
import type { JsonObject, LanguageModel } from "../../contracts/index.ts";
import { appendValue, readCount, readPositive, readTemperature, withoutAbsent } from "./flag-values.ts";

export interface ModelFlags {
  readonly model?: string | undefined;
  readonly baseUrl?: string | undefined;
  readonly envFile?: string | undefined;
  readonly profile?: string | undefined;
  /** Default none. */
  readonly price?: readonly string[] | undefined;
  readonly maxOutputTokens?: number | undefined;
  readonly temperature?: number | undefined;
  /** In seconds, as are the next two. */
  readonly modelTimeout?: number | undefined;
  readonly modelFirstByteTimeout?: number | undefined;
  readonly modelIdleTimeout?: number | undefined;
}

export interface ModelDefaults {
  readonly model?: string | undefined;
  /** Whether the other flags are as the run was started, where they are not given. Default false. */
  readonly isResume?: boolean | undefined;
}

/** `about`: what the model is for, as a sentence. */
export function addModelFlags(command: Command, about: string, defaults: ModelDefaults = {}): void {
  const { model, isResume = false } = defaults;
  const kept = isResume ? " Of the run's own model: the value that the run has." : "";
  const own = isResume ? "the run's own; with --model: " : "";
  command
    .option("--model <model>", about, model)
    .option(
      "--base-url <url>",
      `Address of the model's server. Default: ${own}OPENAI_BASE_URL, or that of the provider.`,
    )
    .option(
      "--env-file <file>",
      `File with the key, such as OPENAI_API_KEY=... Only the client of the model reads it.${isResume ? " Default: the run's own." : ""}`,
    )
    .option(
      "--profile <json>",
      `Corrections to the model's built-in profile: JSON as "nbevolve models check" prints it, or a file with it.${isResume ? " Default: the run's own; with --model: none." : ""}`,
    )
    .option(
      "--price <in=n,out=n>",
      `What the model costs, in US dollars per million tokens: in=0.25,out=2,cached=0.025 (cached is input read from a cache, as dear as in where it is left out). For several models: <model>:in=0.25,out=2, repeatable. Default: ${isResume ? "the run's own; with --model: " : ""}the list's, see "nbevolve models".`,
      appendValue,
    )
    .option(
      "--max-output-tokens <n>",
      `Most tokens of one reply, its reasoning included. Default: 4,096 for an unknown model, at most a quarter of its window; none for those of the large providers.${kept}`,
      readCount,
    )
    .option(
      "--temperature <number>",
      `How freely the model chooses its words, from 0. Default: the server's own.${kept}`,
      readTemperature,
    )
    .option(
      "--model-timeout <seconds>",
      `Longest time for one reply; what has come by then counts as cut. Default 600.${kept}`,
      readPositive,
    )
    .option(
      "--model-first-byte-timeout <seconds>",
      `Longest time until a reply begins. Longer for a server that reads long prompts in silence. Default 290.${kept}`,
      readPositive,
    )
    .option(
      "--model-idle-timeout <seconds>",
      `Longest pause within a reply. Default 60.${kept}`,
      readPositive,
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
    priceBook(flags.price ?? []).check();
    const onDifference = (message: string): void => onNotice({ type: "differs", model, message });
    return recordedRun(run, { onDifference });
  }
  const { baseUrl, envFile, price } = flags;
  return modelFromSpec(model, {
    prices: price,
    env: withEnvFile(envFile, process.env),
    baseURL: baseUrl,
    profile: profileFrom(flags),
    onNotice,
  });
}

/** What the journal keeps of the flags for a later resume: where the key lies, never the key. */
export function modelOrigin(model: string, flags: ModelFlags): JsonObject {
  const { baseUrl, envFile, price } = flags;
  const profile = profileFrom(flags);
  return withoutAbsent({
    model,
    baseUrl,
    envFile: envFile === undefined ? undefined : resolve(envFile),
    profile: Object.keys(profile).length === 0 ? undefined : JSON.stringify(profile),
    price,
  });
}

/** The names of the flags that `mendedFlags` writes anew. */
export const MODEL_FLAGS: readonly (keyof ModelFlags)[] = [
  ...(["model", "baseUrl", "envFile", "profile", "price", "maxOutputTokens", "temperature"] as const),
  ...(["modelTimeout", "modelFirstByteTimeout", "modelIdleTimeout"] as const),
];

/** The flags of a model with another word in place of the wrong one; none where nothing is wrong. `origin`: see `modelOrigin`. */
export function mendedFlags(origin: JsonObject, wrongWord: WrongWord | null | undefined): readonly string[] {
  if (wrongWord == null) return [];
  const { option, word, right } = wrongWord;
  const spec = stringOf(origin["model"]);
  const model = option === "model" ? renameModel(spec, word, right ?? "RIGHT-NAME") : spec;
  const baseUrl = option === "base-url" ? (right ?? "RIGHT-ADDRESS") : origin["baseUrl"];
  const flags = { model, "base-url": baseUrl, "env-file": origin["envFile"], profile: origin["profile"] };
  return [
    ...Object.entries(flags).flatMap(([name, value]) =>
      typeof value === "string" ? [`--${name}`, value] : [],
    ),
    ...textsOf(origin["price"]).flatMap((price) => [
      "--price",
      renameModel(price, word, right ?? "RIGHT-NAME"),
    ]),
  ];
}

/** `--profile`, with the flags that set one field each. */
function profileFrom({ profile, maxOutputTokens, temperature, ...flags }: ModelFlags): ProfileChanges {
  return {
    ...(profile !== undefined && readProfileChanges(profile)),
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    ...(temperature !== undefined && { temperature }),
    ...milliseconds("timeoutMs", flags.modelTimeout),
    ...milliseconds("firstByteTimeoutMs", flags.modelFirstByteTimeout),
    ...milliseconds("idleTimeoutMs", flags.modelIdleTimeout),
  };
}

function milliseconds(
  field: "timeoutMs" | "firstByteTimeoutMs" | "idleTimeoutMs",
  seconds: number | undefined,
): ProfileChanges {
  return seconds === undefined ? {} : { [field]: seconds * 1000 };
}
