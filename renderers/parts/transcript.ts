// Owns: the context log of renderers that show the notebook anew when a round begins and append turns to it.
import { textMessage, turnMessages } from "../../src/core/conversation.ts";
import type { Message, Renderer, RenderInput } from "../../src/contracts/index.ts";

/** The messages since the round began. */
export interface Transcript {
  readonly messages: readonly Message[];
}

/** A renderer whose view of the notebook is made once a round; within a round its prompt only grows. */
export function transcriptRenderer(name: string, view: (scene: RenderInput) => string): Renderer<Transcript> {
  const opening = (scene: RenderInput): readonly Message[] => [
    textMessage("system", scene.instructions),
    textMessage("user", `# Task\n${scene.statement}`),
  ];
  return {
    name,
    open: (scene) => ({ messages: opening(scene) }),
    append(log, news, scene) {
      switch (news.type) {
        case "round-started": {
          const notebook = textMessage("user", `# Notebook\n${view(scene)}\n\n# Round\n${news.header}`);
          return { messages: [...opening(scene), notebook] };
        }
        case "turn-ended":
          return { messages: [...log.messages, ...turnMessages(news.reply, news.results, log.messages)] };
        case "told":
          return { messages: [...log.messages, textMessage("user", news.text)] };
        case "round-ended":
          return { messages: opening(scene) };
      }
    },
    prompt: ({ messages }) => ({ messages, breakpoints: breakpoints(messages) }),
  };
}

/** After the system text, after the notebook, and at the end: what the next call of the round can take from a cache. */
function breakpoints(messages: readonly Message[]): readonly number[] {
  return [...new Set([0, 2, messages.length - 1])].filter((at) => at < messages.length);
}
