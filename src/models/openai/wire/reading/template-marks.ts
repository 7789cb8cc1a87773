// Owns: how the chat templates of model families mark a call in a text, as data.

/** What an opener of a part was, by the name of its group; one of them is there. */
export interface Opener {
  readonly fence?: string | undefined;
  readonly element?: string | undefined;
  readonly invoke?: string | undefined;
  readonly glm?: string | undefined;
  readonly header?: string | undefined;
  readonly deepseek?: string | undefined;
  readonly harmony?: string | undefined;
  readonly mistral?: string | undefined;
  readonly react?: string | undefined;
  readonly line?: string | undefined;
  readonly mark?: string | undefined;
  readonly python?: string | undefined;
  readonly value?: string | undefined;
}

const TAG_NAMES =
  "tool_calls?|toolcalls?|tools?|TOOLCALLS?|TOOL_CALLS?|function_calls?|functioncalls?|FUNCTION_CALL|tool_code|action|" +
  "minimax:tool_call|seed:tool_call|function";
const TOKEN_NAMES =
  "tool_calls?|tool_call_start|tool_call_end|tool_calls_section_begin|tool_calls_section_end|tool_call_argument_begin|" +
  "python_tag|action_start|action_end|plugin|START_ACTION|END_ACTION|eom_id|eot_id|im_end|call|end|return|" +
  "start|tool▁calls▁begin|tool▁calls▁end|tool▁call▁end|tool_calls_begin|tool_calls_end";

/** A tag or token of a template without a tool's name. */
const MARK_SOURCE = String.raw`<\/?(?:${TAG_NAMES})>|<[|｜]\/?(?:${TOKEN_NAMES})[|｜]>|\[\/?TOOL_CALLS?\]|<end_of_turn>`;

/** Everything of a template that is left around its calls. */
export const MARK = new RegExp(MARK_SOURCE, "g");

const NAME = String.raw`[\w.:-]{1,80}`;

/**
 * Every beginning of a part, one named group each; NAMES stands for the names of the tools. Each repetition is bounded
 * or can match in one way only, so that no text makes it slow.
 */
export const OPENERS = [
  "^[ \\t]*(?:(?:[-*+>]|\\d{1,3}[.)])[ \\t]+)?(?<fence>`{3,}|~{3,})",
  `<function(?:=| name=")(?<element>${NAME})"?>`,
  `<invoke name="(?<invoke>${NAME})">`,
  `<tool_call>\\s{0,3}(?<glm>${NAME})\\s{0,3}(?=<arg_key>|<\\/tool_call>)`,
  `<\\|tool_call_begin\\|>\\s{0,3}(?<header>${NAME})\\s{0,3}<\\|tool_call_argument_begin\\|>`,
  `<[|｜]tool[▁_]call[▁_]begin[|｜]>(?:function<[|｜]tool[▁_]sep[|｜]>)?(?<deepseek>${NAME})(?:<[|｜]tool[▁_]sep[|｜]>|\\r?\\n)`,
  `(?:<\\|start\\|>assistant)?(?:<\\|channel\\|>\\w{1,20})?\\s{0,3}to=(?<harmony>${NAME})(?:[^<\\n]|<\\|(?:channel|constrain)\\|>){0,60}<\\|message\\|>`,
  `\\[TOOL_CALLS\\]\\s{0,3}(?<mistral>${NAME})(?:\\[CALL_ID\\]\\w{1,40})?(?:\\[ARGS\\])?\\s{0,3}(?=\\{)`,
  `^[ \\t]*(?:\\*\\*)?Action:(?:\\*\\*)?[ \\t]{0,9}\`?(?<react>${NAME})\`?[ \\t]{0,9}\\r?\\n[ \\t]{0,9}(?:\\*\\*)?Action[ _]Input:(?:\\*\\*)?`,
  `(?<mark>${MARK_SOURCE})`,
  "(?:^[ \\t]*`?|(?<=[>\\]]))(?:[A-Za-z_]\\w{0,40}[ \\t]{0,9}=[ \\t]{0,9})?(?:print\\()?(?:await[ \\t]{1,9})?(?:(?:tools?|functions?|default_api|api)\\.)?(?<python>NAMES)(?:\\.call)?\\(",
  "^[ \\t]*(?:\\*\\*|`)?(?<line>NAMES)(?:\\*\\*|`)?[ \\t]{0,9}:?\\s{0,9}(?=(?:```(?:json)?\\s{1,9})?\\{)",
  "(?<value>\\{\\s{0,40}[\"'{}`]|\\[\\s{0,40}(?:\\{|(?:NAMES)\\())",
].join("|");
