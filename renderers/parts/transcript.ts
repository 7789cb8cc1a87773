// Owns: the context log of renderers that show the notebook anew when a round begins and append turns to it.
import { textMessage, turnMessages } from "../../src/core/conversation.ts";
import { besideKernelNames, kernelNamesLine } from "./kernel-line.ts";
import type { Message, Renderer, RenderInput } from "../../src/contracts/index.ts";

/** The messages since the round began. */
export interface Transcript {
  readonly messages: readonly Message[];
}

/** A renderer whose view of the notebook is made once a round; within a round its prompt only grows. */
export function transcriptRenderer(name: string, view: (input: RenderInput) => string): Renderer<Transcript> {
  const opening = (input: RenderInput): readonly Message[] => [
    textMessage("system", input.instructions),
    textMessage("user", `# Task\n${input.statement}`),
  ];
  return {
    name,
    open: (input) => ({ messages: opening(input) }),
    append(log, event, input) {
      switch (event.type) {
        case "round-started": {
          const shown = [`# Notebook\n${view(besideKernelNames(input))}`, kernelNamesLine(input)];
          const said = [...shown.filter((part) => part !== ""), `# Round\n${event.header}`];
          const notebook = textMessage("user", said.join("\n\n"));
          return { messages: [...opening(input), notebook] };
        }
        case "turn-ended":
          return { messages: [...log.messages, ...turnMessages(event.reply, event.results, log.messages)] };
        case "told":
          return { messages: [...log.messages, textMessage("user", event.text)] };
        case "round-ended":
          return { messages: opening(input) };
      }
    },
    prompt: ({ messages }) => ({ messages, breakpoints: breakpoints(messages) }),
  };
}

/** After the system text, after the notebook, and at the end: what the next call of the round can take from a cache. */
function breakpoints(messages: readonly Message[]): readonly number[] {
  return [...new Set([0, 2, messages.length - 1])].filter((at) => at < messages.length);
}
