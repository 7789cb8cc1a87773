// Owns: the price of a model as its user gives it, in code or in the words of `--price`. What is ambiguous is refused.
import { RunError } from "../../core/errors.ts";
import { didYouMean } from "../../core/nearest-word.ts";
import { objectOf, type OptionKind } from "../../core/options.ts";
import type { Price } from "./prices.ts";

/** US dollars for a million tokens, each 0 or more. */
export interface OwnPrice {
  readonly inputUsd: number;
  readonly outputUsd: number;
  /** Input read from the cache. Default: as other input, so that no cost is shown too low. */
  readonly cachedUsd?: number | undefined;
  /** Input written to the cache. Default: as other input. */
  readonly cacheWriteUsd?: number | undefined;
}

const USD: OptionKind = {
  expected: "a number of 0 or more, in US dollars per million tokens",
  findFault: (value) => (typeof value === "number" && Number.isFinite(value) && value >= 0 ? null : ""),
};
export const PRICE_OPTION: OptionKind = objectOf<OwnPrice>(
  { inputUsd: USD, outputUsd: USD, cachedUsd: USD, cacheWriteUsd: USD },
  ["inputUsd", "outputUsd"],
);

export function priceFrom({ inputUsd, outputUsd, cachedUsd, cacheWriteUsd }: OwnPrice): Price {
  return {
    ...{ inputUsd, outputUsd, cachedUsd: cachedUsd ?? inputUsd, cacheWriteUsd: cacheWriteUsd ?? inputUsd },
    ...{ longAboveTokens: null, asOf: "now", source: "given by the user" },
  };
}

/** The prices of a command line, handed out by the names of models. */
export interface PriceBook {
  /** The price of a model with a server; undefined where none is given. */
  priceFor(model: string): OwnPrice | undefined;
  /** After all models were asked for. @throws RunError `bad-option` for a price that is nobody's, or anybody's. */
  check(): void;
}

const FORM =
  "write --price in=0.25,out=2,cached=0.025 (US dollars per million tokens; cached may be left out)";

/** @throws RunError `bad-option` for what is no price. */
export function priceBook(texts: readonly string[]): PriceBook {
  const given = texts.map((text) => ({ text, ...readPrice(text) }));
  const twice = given.find(({ model }, at) => given.findIndex((one) => one.model === model) < at);
  if (twice !== undefined)
    throw badPrice(twice.text, `${twice.model ?? "the model"} has a price already; leave one of the two out`);
  const asked = new Set<string>();
  return {
    priceFor(model) {
      asked.add(model);
      return (given.find((one) => one.model === model) ?? given.find((one) => one.model === null))?.price;
    },
    check() {
      const names = [...asked];
      for (const { text, model } of given) {
        if (names.length === 0)
          throw badPrice(text, "no model with a server is named, and others cost nothing; leave it out");
        if (model === null && names.length > 1)
          throw badPrice(
            text,
            `it may be meant for ${names.join(" or ")}: name the model, as in --price ${names[0]}:${text}`,
          );
        if (model !== null && !asked.has(model))
          throw badPrice(
            text,
            `no model ${model} takes part${didYouMean(model, names)}; there ${names.length === 1 ? "is" : "are"} ${names.join(", ")}`,
          );
      }
    },
  };
}

const FIELDS: Readonly<Record<string, keyof OwnPrice>> = {
  in: "inputUsd",
  out: "outputUsd",
  cached: "cachedUsd",
  written: "cacheWriteUsd",
};

/** `in=0.25,out=2`, with the model's name and a colon before it or without; names may have colons themselves. */
function readPrice(text: string): { readonly model: string | null; readonly price: OwnPrice } {
  const [, model = null, list = text] = /^(?:(.+):)?([^:]*)$/s.exec(text) ?? [];
  const fields = new Map<keyof OwnPrice, number>();
  for (const pair of list.split(",")) {
    const [, name = "", usd = ""] = /^\s*(\w{1,20})=(\d{1,7}(?:\.\d{1,15})?|\.\d{1,15})\s*$/.exec(pair) ?? [];
    const field = Object.hasOwn(FIELDS, name) ? FIELDS[name] : undefined;
    if (field === undefined || fields.has(field)) throw badPrice(text, FORM);
    fields.set(field, Number(usd));
  }
  const [inputUsd, outputUsd] = [fields.get("inputUsd"), fields.get("outputUsd")];
  if (inputUsd === undefined || outputUsd === undefined) throw badPrice(text, FORM);
  return { model, price: { ...Object.fromEntries(fields), inputUsd, outputUsd } };
}

function badPrice(text: string, remedy: string): RunError {
  return new RunError("bad-option", `--price ${text}: ${remedy}`);
}
