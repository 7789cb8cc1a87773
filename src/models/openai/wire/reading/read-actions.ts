// Owns: what a reply without native calls asks to be done: which calls its text means, which code, and why not others.
// Pure. Never carries out what has two readings: docs/decisions/0024-what-a-reply-means.md has the rules.
import type { ToolSpec } from "../../../../contracts/index.ts";
import { closesRound, noActions, tidyText, toReadCall, withoutSpans } from "./actions.ts";
import type { ReadActions, ReadCall, ReadContext } from "./actions.ts";
import { findAmbiguity } from "./ambiguity.ts";
import { bareArguments } from "./call-drafts.ts";
import { readClosingWord, readLastWord } from "./closing-word.ts";
import { quotesNotebook } from "./code-blocks.ts";
import type { Fence } from "./fences.ts";
import { readProgram, type ReadProgram } from "./read-program.ts";
import { findParts } from "./reply-parts.ts";
import { spokenCalls, type SpokenCall } from "./spoken-calls.ts";
import { MARK } from "./template-marks.ts";

/** Longer replies are words. */
const MOST_CHARACTERS = 200_000;
const MOST_CALLS = 64;

/** Reads the actions of a text. */
export function readActions(written: string, context: ReadContext): ReadActions {
  const { tools, toolChoice, cut } = context;
  if (toolChoice === "none" || tools.length === 0) return noActions(written, "");
  if (written.length > MOST_CHARACTERS)
    return noActions(written, "The reply is too long to be read; write a shorter one.");
  if (/^\s*<think(?:ing)?>/.test(written))
    return noActions(
      written,
      "The reply ends within its thinking, so nothing was carried out; think less and act.",
    );
  const text = withoutPrefixes(written);
  const closed = readClosingWord(text, context);
  if (closed !== null) return closed;
  const names = tools.map(({ name }) => name);
  const parts = findParts(text, names, cut !== "");
  const spoken = spokenCalls({ text, tools, cut }, parts);
  if (spoken.length > MOST_CALLS)
    return noActions(text, `The reply has ${spoken.length} calls, so none was carried out; write one.`);
  const strong = spoken.filter((call) => call.strong);
  const template = strong.length === 0 ? null : readTemplate(text, strong);
  if (template !== null && template.calls.length > 0) return template;
  const fences = parts.flatMap((part) =>
    part.kind === "fence" && !holdsCall(part, spoken) ? [part.fence] : [],
  );
  const program = readProgram(text, context, fences);
  const calls = template ?? readWritten(text, spoken, tools);
  const read = combine(calls, program, tools);
  if (read !== null && (read.calls.length > 0 || read.unread !== "")) return read;
  return (
    readBare(text, context, fences) ??
    readLastWord(text, context) ??
    noActions(text, lastWords(text, context, parts.length))
  );
}

/** Prefixes that some templates put before the names of their tags. */
function withoutPrefixes(text: string): string {
  return text.replaceAll(/(<\/?)(?:[|｜]DSML[|｜]|antml:)/g, "$1");
}

function holdsCall(
  { from, to }: { readonly from: number; readonly to: number },
  calls: readonly SpokenCall[],
): boolean {
  return calls.some((call) => call.to > from && call.to <= to);
}

/** In the marks of a template every call is meant. */
function readTemplate(text: string, strong: readonly SpokenCall[]): ReadActions {
  const done = strong.filter(({ problem }) => problem === "");
  const unread = strong.find(({ problem }) => problem !== "")?.problem ?? "";
  if (done.length === 0) return noActions(text, unread);
  const rest = tidyText(withoutSpans(text, done).replaceAll(MARK, ""));
  return { text: rest, calls: done.map(toReadCall), form: done[0]?.form ?? "", kind: "template", unread };
}

/** Calls in other forms; null where there is none and nothing is to be said. */
function readWritten(
  text: string,
  spoken: readonly SpokenCall[],
  tools: readonly ToolSpec[],
): ReadActions | null {
  const wrong = spoken.find(({ problem }) => problem !== "");
  const readable = spoken.filter(({ problem }) => problem === "");
  const alone = readable.filter(({ inline }) => !inline);
  const good = withoutRepeats(alone);
  if (good.length === 0) return readInline(text, readable, wrong);
  const ambiguity = findAmbiguity(text, good, tools);
  if (ambiguity !== "") return noActions(text, ambiguity);
  // A round is not closed behind a call that could not be read.
  const done = wrong === undefined ? good : good.filter(({ tool }) => !closesRound(tool, tools));
  const unread = wrong?.problem ?? "";
  if (done.length === 0) return noActions(text, unread);
  return {
    text: withoutSpans(text, alone),
    calls: done.map(toReadCall),
    form: done[0]?.form ?? "",
    kind: "text",
    unread,
  };
}

function readInline(
  text: string,
  calls: readonly SpokenCall[],
  wrong: SpokenCall | undefined,
): ReadActions | null {
  const [only, second] = withoutRepeats(calls);
  if (only === undefined) return wrong === undefined ? null : noActions(text, wrong.problem);
  return noActions(
    text,
    second === undefined
      ? `The call of ${only.tool} stands in a sentence, so it was taken for an example; write it on a line of its own.`
      : "The calls stand in sentences, so they were taken for examples; write the one that you want on a line of its own.",
  );
}

/** The same call again is the same call. */
function withoutRepeats(calls: readonly SpokenCall[]): readonly SpokenCall[] {
  return [...new Map(calls.map((call) => [JSON.stringify([call.tool, call.arguments]), call])).values()];
}

/** Calls that were written win over code, which then illustrates them; but code is run before a round is closed. */
function combine(
  calls: ReadActions | null,
  program: ReadProgram | null,
  tools: readonly ToolSpec[],
): ReadActions | null {
  const isClosing = ({ tool }: ReadCall): boolean => closesRound(tool, tools);
  const isRun = program !== null && program.code !== "";
  if (isRun && (calls === null || calls.calls.every(isClosing))) {
    const own = program.calls.filter((call) => !isClosing(call));
    const left = own.length < program.calls.length || (calls !== null && calls.calls.length > 0);
    const unread = left
      ? "The code was run, but the round was not closed: look at the output first."
      : program.unread;
    return { ...program, calls: own, unread: unread || (calls?.unread ?? "") };
  }
  if (calls !== null && calls.calls.length > 0) return calls;
  return program !== null && program.calls.length > 0 ? program : (calls ?? program);
}

/** The arguments alone, without a tool's name: those of the tool that is demanded, or code. */
function readBare(
  text: string,
  { tools, toolChoice }: ReadContext,
  fences: readonly Fence[],
): ReadActions | null {
  const wanted = tools.find((tool) =>
    typeof toolChoice === "object" ? tool.name === toolChoice.tool : tool.codeParameter !== undefined,
  );
  const [fence, more] = fences;
  const body =
    fence !== undefined && more === undefined && withoutSpans(text, [fence]) === "" ? fence.body : text;
  const args =
    wanted === undefined || !body.trim().startsWith("{") ? null : bareArguments(body.trim(), wanted);
  return args === null || wanted === undefined
    ? null
    : {
        text: "",
        calls: [{ tool: wanted.name, arguments: args }],
        form: "arguments alone",
        kind: "text",
        unread: "",
      };
}

/** What can be said of a reply in which nothing was found. */
function lastWords(text: string, { cut }: ReadContext, parts: number): string {
  if (quotesNotebook(text)) return "The reply repeats the notebook's view; nothing was run.";
  return cut !== "" && parts > 0 ? `The reply ${cut}, so nothing was carried out; write a shorter one.` : "";
}
