// Owns: the tool `score`: the verifier's word on the submission as it is in the kernel now.
import * as z from "zod";
import { scoreText } from "../score-text.ts";
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
