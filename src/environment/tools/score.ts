// Owns: the tool `score`: the verifier's word on the submission as it is in the kernel now.
import * as z from "zod";
import type { Score } from "../../contracts/index.ts";
import { defineTool } from "./define-tool.ts";

/** Asks the verifier about the submission as it is in the kernel now. */
export const score = defineTool({
  name: "score",
  description: "Let the verifier judge the submission now.",
  instructions: "score asks the verifier now",
  parameters: z.strictObject({}),
  async run(_args, context) {
    const verdict = await context.score();
    return {
      content: [{ type: "text", text: scoreText(verdict) }],
      isError: false,
      edits: [],
      score: verdict,
    };
  },
});

/** One line for the model and for people. Numbers are exact: as many digits as they have. */
export function scoreText(score: Score): string {
  const message = score.message === "" ? "" : ` - ${score.message}`;
  if (!score.valid) return `score: invalid${message}`;
  const { score: own, ...others } = score.metrics;
  const metrics = Object.entries(others).map(([name, value]) => `${name}=${value}`);
  return `score: ${[own, ...metrics].join(" ")}${message}`;
}
