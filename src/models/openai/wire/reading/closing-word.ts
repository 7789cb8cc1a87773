// Owns: the word that closes a round, for models that were told of one instead of tools. Pure.
import { listOf, stringOf } from "../../../../core/untrusted.ts";
import type { ReadActions, ReadContext } from "./actions.ts";

/** The closing word and nothing else, in a fence or not. */
export function readClosingWord(text: string, context: ReadContext): ReadActions | null {
  if (context.closingWord === "" || text.length > 200) return null;
  const said = text.replaceAll(/^[ \t]*[`~]{3,}\w*[ \t]*$/gm, "").replaceAll(/^\W+|(?<!\W)\W+$/g, "");
  return said.toUpperCase() === context.closingWord ? closeRound("", context) : null;
}

/** The closing word on the last line, behind words without code. */
export function readLastWord(text: string, context: ReadContext): ReadActions | null {
  const lines = text.trim().split("\n");
  const last = (lines.pop() ?? "").replaceAll(/^\W+|(?<!\W)\W+$/g, "");
  return context.closingWord !== "" && last === context.closingWord
    ? closeRound(lines.join("\n").trim(), context)
    : null;
}

/** What the closing tool cannot do without is what was said. */
function closeRound(said: string, { tools }: ReadContext): ReadActions | null {
  const tool = tools.find(({ closesRound }) => closesRound === true);
  if (tool === undefined) return null;
  const required = listOf(tool.parameters["required"]).map(stringOf);
  const args = Object.fromEntries(required.map((name) => [name, said || "done"]));
  return {
    text: said,
    calls: [{ tool: tool.name, arguments: args }],
    form: "closing word",
    kind: "word",
    unread: "",
  };
}
