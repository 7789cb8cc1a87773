// Owns: what a protocol between us and a model consists of, and which tool takes code. Pure.
import type { Message, ToolChoice, ToolSpec } from "../../../contracts/index.ts";

/** How a model is told of its tools, and reads its own calls and their results. */
export interface Protocol {
  /** What the instructions end with; empty where the tools are sent beside the messages. */
  readonly manual: string;
  /** What a model is asked for, in its own form, behind these messages. */
  readonly imperative: (before: readonly Message[]) => string;
  /** What is said of a choice that the request itself cannot make; empty for `auto`. */
  readonly demand: (choice: ToolChoice) => string;
  /** Whether results of calls end with the imperative too. */
  readonly asksAfterResults: boolean;
  readonly write: (message: Message) => Message;
  /** The grammar (GBNF) of a reply behind these messages, whatever it says; empty where its form is free. */
  readonly grammar: (before: readonly Message[], choice: ToolChoice) => string;
}

/** A choice in words, for a model that calls tools. */
export function demandInWords(choice: ToolChoice): string {
  if (choice === "auto") return "";
  return choice === "none"
    ? "Answer in words; call no tool now."
    : `Call the tool ${choice.tool} now, and only that.`;
}

/** The tool that a block of code is a call of, and the parameter that takes it. */
export interface CodeTool {
  readonly tool: string;
  readonly parameter: string;
}

export function codeToolIn(tools: readonly ToolSpec[]): CodeTool | undefined {
  const spec = tools.find(({ codeParameter }) => codeParameter !== undefined);
  return spec?.codeParameter === undefined ? undefined : { tool: spec.name, parameter: spec.codeParameter };
}

/** A call in words, without any code that a model could copy; where no tool takes code, the first tool. */
export function exampleCall(tools: readonly ToolSpec[]): string {
  const code = codeToolIn(tools);
  if (code !== undefined) return `${code.tool} with your next Python code as \`${code.parameter}\``;
  return tools[0]?.name ?? "";
}
