// Owns: the words of a server that could not do what it was asked.
import { z } from "zod";
import { readForeignAnswer } from "../../core/foreign-answer.ts";
import { clipLine } from "../../core/untrusted.ts";

const SAID = z.object({ message: z.string() });
const MOST = 2_000;

/** For an error of the server's own: the library would print its traceback. */
export async function serverError(response: Response): Promise<Error> {
  const text = await response.text();
  const read = readForeignAnswer(text, SAID, { chars: 1_000_000 });
  const words = read.ok ? read.value.message : text;
  return new Error(`${clipLine(words, MOST) || response.statusText} (${response.status})`);
}
