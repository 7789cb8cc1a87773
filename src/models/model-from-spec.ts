// Owns: what `--model` accepts, and the model that each value stands for.
import { RunError } from "../core/errors.ts";
import type { LanguageModel } from "../contracts/index.ts";
import { offline, type OfflineOptions } from "./offline/offline.ts";
import { openai, type OpenAIOptions } from "./openai/openai.ts";
import { priceBook } from "./catalogue/own-price.ts";
import { closestName } from "./openai/wire/repair-call.ts";
import { bandit } from "./wrappers/bandit.ts";
import { ensemble } from "./wrappers/ensemble.ts";

/** The accepted forms, for help texts. */
export const MODEL_SPECS =
  "offline; offline:tries=1,explorations=1 for shorter proposals; <name> or openai:<name> for a model that is asked by chat " +
  "completions; responses:<name> by OpenAI's Responses API; recorded:<run directory> for the replies that are in the journal of " +
  "that run; bandit:<model>,<model> for one of them for each proposal, the one that gained most for its price; " +
  "ensemble:<model>=2,<model> for one of them for each request, drawn by weight";

/** What a model named on the command line is made with. */
export interface SpecOptions extends Omit<OpenAIOptions, "model" | "api" | "price"> {
  /** As `--price` has them: `in=0.25,out=2`, or `gpt-5-mini:in=0.25,out=2` where a spec names several models. Default none. */
  readonly prices?: readonly string[] | undefined;
}

/**
 * The model that a spec names; `options` apply to models behind an endpoint.
 * @throws RunError `bad-option` for an unknown spec; `model-refused` where a key is missing.
 */
export function modelFromSpec(text: string, options: SpecOptions = {}): LanguageModel {
  const { prices = [], ...endpoint } = options;
  const book = priceBook(prices);
  const model = modelOfSpec(
    text.trim(),
    (named) => openai({ ...endpoint, ...named, price: book.priceFor(named.model) }),
    endpoint,
  );
  book.check();
  return model;
}

/** A model behind an endpoint. */
type MakeServed = (named: Pick<OpenAIOptions, "model" | "api">) => LanguageModel;
type CommonOptions = Omit<SpecOptions, "prices">;

function modelOfSpec(spec: string, make: MakeServed, options: CommonOptions): LanguageModel {
  if (spec.startsWith("recorded:"))
    throw new RunError(
      "bad-option",
      `--model ${spec} must stand alone and name a run directory (in code: await recordedRun(dir))`,
    );
  const [, team, list = ""] = /^(bandit|ensemble):(.*)$/s.exec(spec) ?? [];
  if (team !== undefined) return teamFromSpec(spec, team === "bandit", list.split(","), make, options);
  const [, kind = "", rest = ""] = /^(offline|openai|responses)(?::(.*))?$/s.exec(spec) ?? [];
  if (kind === "offline") return offline(parseEffort(spec, rest));
  if ((kind !== "" && rest === "") || spec === "") throw unknownSpec(spec);
  if (kind === "responses") return make({ model: rest, api: "responses" });
  if (kind === "" && options.baseURL === undefined && closestName(spec, ["offline"]) !== null)
    throw new RunError(
      "bad-option",
      `--model ${spec}: did you mean offline? For a model of that name write openai:${spec}`,
    );
  // A plain name may contain colons itself (`qwen3:8b`).
  return make({ model: kind === "openai" ? rest : spec });
}

/** The spec, or the words of a price, with another name in place of one that is a model's there. */
export function renameModel(text: string, from: string, to: string): string {
  return text
    .split(",")
    .map((part) => {
      const at = part.indexOf(from);
      const isName =
        at >= 0 && /(^|:)$/.test(part.slice(0, at)) && /^($|[=:])/.test(part.slice(at + from.length));
      return isName ? part.slice(0, at) + to + part.slice(at + from.length) : part;
    })
    .join(",");
}

/** `tries=1,explorations=1`, either or both. */
function parseEffort(spec: string, rest: string): OfflineOptions {
  const pairs =
    rest === "" ? [] : rest.split(",").map((pair) => /^(explorations|tries)=(\d+)$/.exec(pair.trim()));
  return Object.fromEntries(
    pairs.map((match) => {
      if (match === null) throw unknownSpec(spec);
      return [match[1], Number(match[2])];
    }),
  );
}

function unknownSpec(spec: string): RunError {
  return new RunError("bad-option", `--model ${JSON.stringify(spec)} is unknown. It may be ${MODEL_SPECS}`);
}

function teamFromSpec(
  spec: string,
  isBandit: boolean,
  specs: readonly string[],
  make: MakeServed,
  options: CommonOptions,
): LanguageModel {
  const { onNotice } = options;
  try {
    if (isBandit)
      return bandit(
        specs.map((one) => modelOfSpec(one.trim(), make, options)),
        { onNotice },
      );
    const members = specs.map((one) => {
      const [, name = one, weight = "1"] = /^(.*)=([\d.]+)$/s.exec(one) ?? [];
      return { model: modelOfSpec(name.trim(), make, options), weight: Number(weight) };
    });
    return ensemble(members, { onNotice });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new RunError("bad-option", `--model ${JSON.stringify(spec)}: ${error.message}`, { cause: error });
  }
}
