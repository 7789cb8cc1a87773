// Owns: the one reader of what a process says that runs code of others: a kernel, a template, a box, a judge. Its size,
// its depth and its form are checked; what is wrong is said in words. Never throws.
import type { z } from "zod";
import { cleanJson, clipLine, measureJson, MAX_DEPTH } from "./untrusted.ts";

/** How much an answer may be. */
export interface AnswerBounds {
  /** Length of its text, in UTF-16 units. */
  readonly chars: number;
  /** Values in it, its lists and objects included. Default 200,000. */
  readonly items?: number;
  /** Lists and objects in one another. Default 100. */
  readonly depth?: number;
}

export type ForeignAnswer<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly why: string };

/** A form with very many faults costs much to judge: a large answer is refused before. */
const MOST_ITEMS = 200_000;
const WORDS = 300;

/** The value that the text stands for, where it is JSON within the bounds and has the form. */
export function readForeignAnswer<T>(
  text: unknown,
  form: z.ZodType<T>,
  bounds: AnswerBounds,
): ForeignAnswer<T> {
  if (typeof text !== "string") return refuseAnswer("it is no text");
  if (text.length > bounds.chars)
    return refuseAnswer(`it has ${text.length} characters, and ${bounds.chars} are the most`);
  let said: unknown;
  try {
    said = JSON.parse(text);
  } catch {
    return refuseAnswer(`it is no JSON, and begins ${JSON.stringify(clipLine(text.slice(0, 200), 60))}`);
  }
  // Python's JSON writes half of a character as an escape, which no UTF-8 file can take.
  const { depth = MAX_DEPTH, items = MOST_ITEMS } = bounds;
  const isHalf = /\\ud[89a-f]/i.test(text) && measureJson(said, depth, items) === null;
  return checkForeignAnswer(isHalf ? cleanJson(said) : said, form, bounds);
}

/** The same for what was parsed already. */
export function checkForeignAnswer<T>(
  said: unknown,
  form: z.ZodType<T>,
  { items = MOST_ITEMS, depth = MAX_DEPTH }: Omit<AnswerBounds, "chars">,
): ForeignAnswer<T> {
  const tooMuch = measureJson(said, depth, items);
  if (tooMuch === "deep") return refuseAnswer(`it is nested more than ${depth} levels deep`);
  if (tooMuch === "large") return refuseAnswer(`it has more than ${items} values`);
  const { success, data, error } = form.safeParse(said);
  if (success) return { ok: true, value: data };
  const [first] = error.issues;
  const place = (first?.path ?? []).map(String).join(".");
  const what = `${place === "" ? "it" : `\`${place}\``}: ${first?.message ?? "it has another form"}`;
  return refuseAnswer(clipLine(`it has not the form that it should have (${what})`, WORDS));
}

function refuseAnswer(why: string): ForeignAnswer<never> {
  return { ok: false, why };
}
