// Owns: the program of a reply as calls: its code for the tool that takes code, and calls of tools that stand behind it. Pure.
import { noActions, toReadCall, tidyText, withoutSpans } from "./actions.ts";
import type { ReadActions, ReadContext } from "./actions.ts";
import { isExample } from "./ambiguity.ts";
import { pythonDrafts } from "./call-drafts.ts";
import { isProgram, readCode } from "./code-blocks.ts";
import type { Fence } from "./fences.ts";
import { splitProgram } from "./python-calls.ts";
import { MARK } from "./template-marks.ts";

export interface ReadProgram extends ReadActions {
  /** The code among its calls. */
  readonly code: string;
}

/** Null where the reply has no program, and nothing is to be said of one. */
export function readProgram(
  text: string,
  { tools, cut }: ReadContext,
  fences: readonly Fence[],
): ReadProgram | null {
  const spec = tools.find(({ codeParameter }) => codeParameter !== undefined);
  // Behind the mark of an interpreter code stands without a fence.
  const whole = text.replaceAll(MARK, "").trim();
  const isBare = fences.length === 0 && cut === "" && isProgram(whole);
  const read = isBare ? { code: whole, used: [], unread: "" } : readCode(text, fences, cut);
  const left = (unread: string): ReadProgram => ({ ...noActions(text, unread), code: "" });
  if (read.code === "") return read.unread === "" ? null : left(read.unread);
  const program = splitProgram(
    read.code,
    tools.map(({ name }) => name),
  );
  const drafts = pythonDrafts(tools, program.calls);
  const wrong = drafts.find(({ problem }) => problem !== "");
  // A tool's name may be that of a function in the notebook: then the call fits no tool.
  const isPlain = drafts.length === 0 || (wrong !== undefined && program.code !== "");
  if (!isPlain && wrong !== undefined) return left(wrong.problem);
  if (!isPlain && program.isMixed)
    return left("The code block mixes code and calls of tools, so it was not run; write Python code alone.");
  const code = isPlain ? read.code : program.code;
  const parameter = spec?.codeParameter;
  if (code !== "" && (spec === undefined || parameter === undefined)) return null;
  const others = isPlain ? [] : drafts;
  const from = read.used[0]?.from ?? 0;
  const shown = others.find(({ tool }) => tool !== spec?.name && code === "" && isExample(text, from));
  if (shown !== undefined)
    return left(
      `The call of ${shown.tool} is said to be an example, so it was not carried out; write it alone.`,
    );
  const own =
    spec === undefined || parameter === undefined || code === ""
      ? []
      : [{ tool: spec.name, arguments: { [parameter]: code } }];
  return {
    text: isBare ? "" : code === "" ? withoutSpans(text, read.used) : wordsBefore(text, read.used),
    calls: [...own, ...others.map(toReadCall)],
    form: code === "" ? "Python call" : isBare ? "bare code" : "code fence",
    kind: code === "" ? "text" : "code",
    unread: read.unread,
    code,
  };
}

/** What stands before the code. What follows was said before its result was known: small models invent the output there. */
function wordsBefore(text: string, used: readonly Fence[]): string {
  const from = Math.min(...used.map((fence) => fence.from));
  return tidyText(text.slice(0, from));
}
