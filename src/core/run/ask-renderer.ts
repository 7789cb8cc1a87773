// Owns: calling a renderer's methods and checking what they give. Never decides what a renderer hears.
import type { Prompt, Renderer } from "../../contracts/index.ts";
import { callPart, partFailure, type OwnPart } from "../own-part.ts";
import { findAnswerFault, findJsonFault, PROMPT } from "../part-answers.ts";

/** The renderer, whose methods throw RunError `renderer-failed`, with its name, for anything that breaks its contract. */
export function checkedRenderer<S>(renderer: Renderer<S>): Renderer<S> {
  const { name, place } = renderer;
  const part: OwnPart = { kind: "renderer", name, place };
  const checkLog = (method: string, log: S): S => {
    const fault = findJsonFault(log);
    if (fault === null) return log;
    throw partFailure(part, `answered ${method} with a log that cannot be kept: ${fault}`);
  };
  return {
    name,
    place,
    open: (input) => {
      const log = callPart(part, "open()", () => renderer.open(input));
      return checkLog("open()", log);
    },
    append: (log, event, input) => {
      const next = callPart(part, "append()", () => renderer.append(log, event, input));
      // Within a round a log is only handed on; at its end it is written down.
      return event.type === "round-ended" || next === undefined ? checkLog("append()", next) : next;
    },
    prompt: (log, input): Prompt => {
      const prompt = callPart(part, "prompt()", () => renderer.prompt(log, input));
      const fault = findAnswerFault(PROMPT, prompt) ?? findJsonFault(prompt);
      if (fault === null) return prompt;
      throw partFailure(part, `answered prompt() with no valid prompt: ${fault}`);
    },
  };
}
