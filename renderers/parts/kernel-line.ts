// Owns: the line that says what a branch's kernel holds, and the room that it takes of a view's budget.
import { kernelNames, listNames } from "../../src/core/notebook/kernel-names.ts";
import type { RenderInput } from "../../src/contracts/index.ts";

const MOST_NAMES = 12;
const MOST_TOKENS = 28;

/** `Defined in the kernel: f(x,y), w, best and 4 more`: the newest that have room; empty for nothing. */
export function kernelNamesLine(input: RenderInput): string {
  const all = [...kernelNames(input.notebook)];
  // One letter is an index or a counter: where there are many names, it goes first.
  const named =
    all.length <= MOST_NAMES ? all : all.filter(([name, said]) => name.length > 1 || said !== name);
  const said = named.map(([, words]) => words);
  const room = Math.min(MOST_TOKENS, input.budgetTokens / 10);
  for (let most = Math.min(MOST_NAMES, said.length); most > 0; most--) {
    const line = `Defined in the kernel: ${listNames(said, most)}`;
    if (input.countTokens(line) <= room) return line;
  }
  return "";
}

/** The input for a view that the line stands beside. */
export function besideKernelNames(input: RenderInput): RenderInput {
  return { ...input, budgetTokens: input.budgetTokens - input.countTokens(kernelNamesLine(input)) };
}
