// Owns: whether calls that a model wrote in its words could be meant in two ways. Pure.
import type { ToolSpec } from "../../../../contracts/index.ts";
import type { SpokenCall } from "./spoken-calls.ts";

/** Why the calls could be meant in two ways, as a sentence for the model; empty where they can not. */
export function findAmbiguity(
  text: string,
  calls: readonly SpokenCall[],
  tools: readonly ToolSpec[],
): string {
  const offered = calls.some(
    (call, at) => at > 0 && offersOther(text.slice(calls[at - 1]?.to ?? 0, call.from)),
  );
  if (offered)
    return "Two calls could both be meant, so none was carried out; write only the one that you want.";
  const specs = calls.map(({ tool }) => tools.find(({ name }) => name === tool));
  const first = specs.findIndex((spec) => spec?.closesRound === true);
  if (first !== -1 && first < calls.length - 1)
    return `${specs[first]?.name ?? ""} ends the round and other calls stand behind it, so nothing was carried out; write only what you want now.`;
  // Code that was meant as an example does no harm when it is run.
  const example = calls.find(
    ({ from }, at) => specs[at]?.codeParameter === undefined && isExample(text, from),
  );
  return example === undefined
    ? ""
    : `The call of ${example.tool} is said to be an example, so it was not carried out; write it alone.`;
}

/** Whether words between two actions offer the second instead of the first. */
export function offersOther(between: string): boolean {
  return OFFER.test(between);
}

const OFFER =
  /^[ \t]*(?:[*#]{1,4}[ \t]?)?(?:or\b|alternative(?:ly)?\b|instead\b|otherwise\b|(?:option|variant|approach)[ \t]{1,3}[\dB-Z]\b|another (?:option|way|approach)\b)/im;

/** Whether the words right before a place speak of what could be, or of how calls look. */
export function isExample(text: string, from: number): boolean {
  const near = text.slice(Math.max(0, from - 160), from);
  const sentence =
    near
      .trimEnd()
      .split(/\n\s*\n|[.!?]\s/)
      .at(-1) ?? "";
  return EXAMPLE.test(sentence);
}

const EXAMPLE =
  /\b(?:for (?:example|instance)|e\.g|an example|you (?:can|could|may|might)|could (?:call|use)|would (?:call|use)|if you|the (?:format|form|syntax)|looks? like)\b/i;
