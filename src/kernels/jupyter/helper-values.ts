// Owns: the forms of what our module inside a kernel answers (python/nbevolve_kernel/kernel_side.py), each with how much it
// may be. Never asks a kernel.
import { z } from "zod";
import type { Submission } from "../../contracts/kernel.ts";
import { readForeignAnswer, type AnswerBounds, type ForeignAnswer } from "../../core/foreign-answer.ts";
import { clipLine, clipText, errorName } from "../../core/untrusted.ts";
import { frozenKernel } from "../states/thaw/saved-state.ts";

const MB = 2 ** 20;
/** As `MAX_BYTES` of nbevolve_guard/submission.py, and what is around the value. */
const MOST_SUBMISSION = 64 * MB + 100;
const SMALL: AnswerBounds = { chars: MB };

const word = z.string();
const MOST_SAID = 10_000;
/** For a model to read, in its result. */
const words = word.transform((text) => clipLine(text, 200));
const reasons = z.array(word).transform((said) => said.join("; ").slice(0, 1000));
/** By name: type, and a hash of the content where that is plain data. */
const description = z.record(word, z.tuple([word, word.nullable()]));
/** It was parsed from JSON, so it is data. */
const submission = z.custom<Submission>((value) => value !== undefined);
const fault = z.object({ error: words, line: z.int().min(1), values: z.array(words) });

/** The form of each function's answer. */
const FORMS = {
  enter: z.looseObject({}),
  evaluate: z.discriminatedUnion("ok", [
    z.object({ ok: z.literal(true), value: submission }),
    z.object({
      ok: z.literal(false),
      name: word.transform(errorName),
      message: word.transform((text) => clipText(text, MOST_SAID)),
    }),
  ]),
  checkpoint: z.object({
    ok: z.boolean(),
    reasons: reasons.default("it gave no reason"),
    description: description.optional(),
  }),
  describe: description,
  sketch: z.object({ names: z.array(z.tuple([words, words])), fault: fault.nullable() }),
  freeze: frozenKernel,
  thaw: z.object({
    refused: word.optional(),
    failed: z.record(word, word).default({}),
    damaged: z.boolean().default(false),
    notes: z.array(word).default([]),
  }),
  preload: z.array(words),
  retire: z.looseObject({}),
} as const;

const BOUNDS: Readonly<Record<HelperName, AnswerBounds>> = {
  enter: SMALL,
  // Bytes and depth are all that there is to say of a submission.
  evaluate: { chars: MOST_SUBMISSION, items: Infinity, depth: 102 },
  checkpoint: { chars: 16 * MB },
  describe: { chars: 16 * MB },
  sketch: SMALL,
  freeze: { chars: 16 * MB },
  thaw: SMALL,
  preload: SMALL,
  retire: SMALL,
};

export type HelperName = keyof typeof FORMS;
export type HelperValue<Name extends HelperName> = z.infer<(typeof FORMS)[Name]>;

/** What the function's answer says, or why it is none. */
export function readHelperValue<Name extends HelperName>(
  name: Name,
  text: string,
): ForeignAnswer<HelperValue<Name>> {
  // Each form gives its own type, which the checker cannot follow through the table.
  const form = FORMS[name] as unknown as z.ZodType<HelperValue<Name>>;
  return readForeignAnswer(text, form, BOUNDS[name]);
}
