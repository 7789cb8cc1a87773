// Owns: in what a request differs from one on record, in words. Pure.
import { textOf } from "../../core/conversation.ts";
import type { Message, ModelRequest } from "../../contracts/index.ts";

/** The first difference; null when they are the same for a model. */
export function requestDifference(recorded: ModelRequest, asked: ModelRequest): string | null {
  for (const what of ["tools", "toolChoice", "breakpoints", "seed"] as const) {
    if (JSON.stringify(recorded[what]) !== JSON.stringify(asked[what]))
      return `${what}: ${clipped(JSON.stringify(recorded[what]))} was recorded, ${clipped(JSON.stringify(asked[what]))} is asked`;
  }
  const [was, is] = [recorded.messages, asked.messages];
  const at = is.findIndex((message, index) => JSON.stringify(message) !== JSON.stringify(was[index]));
  if (at === -1 && was.length === is.length) return null;
  const place = at === -1 ? is.length : at;
  return `message ${place + 1} of ${is.length} (${was.length} were recorded): ${messageDifference(was[place], is[place])}`;
}

function messageDifference(was: Message | undefined, is: Message | undefined): string {
  if (was === undefined || is === undefined) return was === undefined ? "it was not there" : "it is missing";
  if (was.role !== is.role) return `role ${was.role} was recorded, ${is.role} is asked`;
  const [before, now] = [textOf(was).text, textOf(is).text];
  if (before === now) return `${is.role}: the words are the same, calls or pictures differ`;
  let at = 0;
  while (before[at] === now[at]) at++;
  const from = Math.max(0, at - 20);
  const around = (text: string): string => JSON.stringify(text.slice(from, at + 40));
  return `${is.role}, character ${at + 1}: ${around(before)} was recorded, ${around(now)} is asked`;
}

function clipped(text: string): string {
  return text.length <= 120 ? text : `${text.slice(0, 120)}...`;
}
