// Owns: what `--model` accepts, and the model that each value stands for.
import { RunError } from "../core/errors.ts";
import type { LanguageModel } from "../contracts/index.ts";
import { bandit } from "./wrappers/bandit.ts";
import { ensemble } from "./wrappers/ensemble.ts";
import { offline, type OfflineOptions } from "./offline/offline.ts";
import { toolMeant } from "./openai/wire/repair-name.ts";
import { openai, type OpenAIOptions } from "./openai/openai.ts";

/** The forms of a spec, in words for help texts. */
export const MODEL_SPECS =
  "offline | offline:tries=1,explorations=1 (shorter proposals) | <name> or openai:<name> (chat completions) | responses:<name> (OpenAI's Responses API) | " +
  "recorded:<run directory> (the replies in the journal of that run, whose requests are compared) | " +
  "bandit:<spec>,<spec> (each proposal one, by rank improvement for the price) | " +
  "ensemble:<spec>=2,<spec> (each request one, by weight)";

/**
 * The model that a spec names; `options` are for those behind an endpoint.
 * @throws RunError `bad-option` for a spec that means nothing; `model-refused` where a key is missing.
 */
export function modelFromSpec(
  spec: string,
  options: Omit<OpenAIOptions, "model" | "api"> = {},
): LanguageModel {
  if (spec.trim().startsWith("recorded:"))
    throw new RunError(
      "bad-option",
      `--model ${spec.trim()} must stand alone and name a run directory (in code: await recordedRun(dir))`,
    );
  const [, several, list = ""] = /^(bandit|ensemble):(.*)$/s.exec(spec.trim()) ?? [];
  if (several !== undefined) return teamFromSpec(spec, several === "bandit", list.split(","), options);
  const [, kind = "", rest = ""] = /^(offline|openai|responses)(?::(.*))?$/s.exec(spec.trim()) ?? [];
  if (kind === "offline") return offline(effortFrom(spec, rest));
  if ((kind !== "" && rest === "") || spec.trim() === "") {
    throw meaningless(spec);
  }
  if (kind === "responses") return openai({ ...options, model: rest, api: "responses" });
  if (kind === "" && options.baseURL === undefined && toolMeant(spec.trim(), ["offline"]) !== null)
    throw new RunError(
      "bad-option",
      `--model ${spec.trim()}: did you mean offline? Else: openai:${spec.trim()}`,
    );
  // A plain name may hold colons itself (`qwen3:8b`).
  return openai({ ...options, model: kind === "openai" ? rest : spec.trim() });
}

/** `tries=1,explorations=1`, either or both. */
function effortFrom(spec: string, rest: string): OfflineOptions {
  const pairs =
    rest === "" ? [] : rest.split(",").map((pair) => /^(explorations|tries)=(\d+)$/.exec(pair.trim()));
  return Object.fromEntries(
    pairs.map((match) => {
      if (match === null) throw meaningless(spec);
      return [match[1], Number(match[2])];
    }),
  );
}

function meaningless(spec: string): RunError {
  return new RunError("bad-option", `--model ${JSON.stringify(spec)} means nothing; it takes ${MODEL_SPECS}`);
}

function teamFromSpec(
  spec: string,
  isBandit: boolean,
  specs: readonly string[],
  options: NonNullable<Parameters<typeof modelFromSpec>[1]>,
): LanguageModel {
  try {
    const telling = options.onNotice === undefined ? {} : { onNotice: options.onNotice };
    if (isBandit)
      return bandit(
        specs.map((one) => modelFromSpec(one, options)),
        telling,
      );
    const members = specs.map((one) => {
      const [, name = one, weight = "1"] = /^(.*)=([\d.]+)$/s.exec(one) ?? [];
      return { model: modelFromSpec(name, options), weight: Number(weight) };
    });
    return ensemble(members, telling);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new RunError("bad-option", `--model ${JSON.stringify(spec)}: ${error.message}`, { cause: error });
  }
}
