// Owns: a call that a model wrote, as one that a tool takes: its known name and its arguments, or what is wrong with it. Pure.
import type { Json, JsonObject, ToolSpec } from "../../../../contracts/index.ts";
import { isJsonObject, listOf, parseJson, recordOf, stringOf } from "../../../../core/untrusted.ts";
import { closestName, readArguments } from "../repair-call.ts";
import { fitArguments } from "./fit-arguments.ts";
import type { PythonCall } from "./python-calls.ts";

export interface FittedCall {
  /** The known tool; the name as it was written where there is none. */
  readonly tool: string;
  readonly arguments: Json;
  /** Why it cannot be carried out, as a sentence for the model; empty where it can. */
  readonly problem: string;
}

/** What the calls are read with. */
export interface CallReader {
  readonly tools: readonly ToolSpec[];
  /** How the reply ended early (`was cut off at the output limit of 600 tokens`); empty where it did not. */
  readonly cut: string;
}

/** The calls of a program as calls of tools. */
export function pythonDrafts(
  tools: readonly ToolSpec[],
  calls: readonly PythonCall[],
): readonly FittedCall[] {
  const reader = { tools, cut: "" };
  return calls.map((call) => {
    const args = namedArguments(findTool(reader, call.tool), call);
    return args === undefined
      ? {
          tool: call.tool,
          arguments: {},
          problem: `The call of ${call.tool} was not carried out: its arguments must be literal values.`,
        }
      : fitCall(reader, call.tool, [args]);
  });
}

/** Arguments without a name are those of the schema, the ones that a call cannot do without first. */
function namedArguments(spec: ToolSpec | undefined, { positional, named }: PythonCall): Json | undefined {
  if (Object.values(named).includes(undefined) || positional.includes(undefined)) return undefined;
  const given = Object.entries(named).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  const [first, second] = positional;
  if (isJsonObject(first) && second === undefined && given.length === 0) return first;
  const required = listOf(spec?.parameters["required"]).map(stringOf);
  const optional = Object.keys(recordOf(spec?.parameters["properties"])).filter(
    (name) => !required.includes(name),
  );
  const names = [...required, ...optional].filter((name) => !(name in named));
  if (positional.length > Math.max(required.length, names.length === 1 ? 1 : 0)) return undefined;
  const placed = positional.map((value, at) => [names[at] ?? "", value ?? null] as const);
  return Object.fromEntries([...placed, ...given]);
}

export function looksLikeCall({ tools }: CallReader, text: string): boolean {
  const head = text.slice(0, 2_000);
  return (
    /["'](?:name|tool|function|arguments|parameters)["']\s{0,9}:/.test(head) &&
    tools.some(({ name }) => head.includes(name))
  );
}

export function brokenCall({ cut }: CallReader, tool: string, closed: boolean): FittedCall {
  const of = tool === "" ? "The call" : `The call of ${tool}`;
  const problem =
    !closed && cut !== ""
      ? `${of} ${cut}, so it was not carried out; write a shorter one.`
      : `${of} was not carried out: its form cannot be read.`;
  return { tool, arguments: {}, problem };
}

/** Behind a header some repeat the name inside. */
export function argumentsOf(value: JsonObject, tool: string): Json {
  return value["name"] === tool && isJsonObject(value["arguments"]) ? value["arguments"] : value;
}

const NAME_KEYS = ["name", "tool", "tool_name", "function_name", "function", "action"];
const ARGUMENT_KEYS = [
  "arguments",
  "parameters",
  "params",
  "args",
  "input",
  "action_input",
  "tool_input",
  "kwargs",
];
const LIST_KEYS = ["tool_calls", "calls", "function_calls", "actions", "function_call", "tool_call"];
/** What may stand beside the arguments and says nothing. */
const PLAIN_KEYS = ["type", "id", "tool_call_id", "index"];

/** The calls of a value; none where it is other data, or where only some of a list are calls. */
export function callsInValue(reader: CallReader, value: Json, strong: boolean): readonly FittedCall[] {
  if (Array.isArray(value)) {
    const lists = listOf(value).map((item) => (isJsonObject(item) ? callsInValue(reader, item, strong) : []));
    return lists.every((drafts) => drafts.length > 0) ? lists.flat() : [];
  }
  if (!isJsonObject(value)) return [];
  const [key, more] = Object.keys(value);
  const listed = LIST_KEYS.find((name) => name in value && !NAME_KEYS.some((own) => own in value));
  if (listed !== undefined) return callsInValue(reader, value[listed] ?? null, strong);
  if (isJsonObject(value["function"])) return callsInValue(reader, value["function"], strong);
  const named = NAME_KEYS.filter((name) => typeof value[name] === "string" && value[name] !== "function");
  if (named.length > 0) return callOf(reader, value, named, strong);
  const tool =
    key !== undefined && more === undefined ? reader.tools.find(({ name }) => name === key) : undefined;
  return tool !== undefined ? [fitCall(reader, tool.name, [value[tool.name] ?? null])] : [];
}

function callOf(
  reader: CallReader,
  value: JsonObject,
  keys: readonly string[],
  strong: boolean,
): readonly FittedCall[] {
  // A description of a tool is no call of it.
  if (isJsonObject(recordOf(value["parameters"])["properties"])) return [];
  const known = keys.filter((key) => findTool(reader, stringOf(value[key])) !== undefined);
  const key = known[0] ?? keys[0] ?? "";
  const name = stringOf(value[key]);
  const holders = ARGUMENT_KEYS.filter((holder) => holder in value);
  if (known.length > 1)
    return [{ tool: name, arguments: {}, problem: "The call names two tools, so none was called." }];
  const spec = findTool(reader, name);
  if (spec === undefined) return strong || holders.length > 0 ? [fitCall(reader, name, [{}])] : [];
  if (holders.length === 0 && spec.name !== name) return [];
  const properties = recordOf(spec.parameters["properties"]);
  const flat = Object.entries(value).filter(
    ([other]) =>
      other !== key && (properties[other] !== undefined || ![...PLAIN_KEYS, ...holders].includes(other)),
  );
  const given = holders.map((holder) => value[holder] ?? null);
  const beside = flat.length > 0 || given.length === 0 ? [Object.fromEntries(flat)] : [];
  const draft = fitCall(reader, name, [...given, ...beside], given.length);
  // Data in which a tool is named, not a call of it.
  const isData =
    !strong &&
    given.length === 0 &&
    flat.length > 0 &&
    flat.every(([other]) => properties[other] === undefined);
  return draft.problem !== "" && isData ? [] : [draft];
}

export function namesOf({ tools }: Pick<CallReader, "tools">): readonly string[] {
  return tools.map(({ name }) => name);
}

export function findTool({ tools }: Pick<CallReader, "tools">, name: string): ToolSpec | undefined {
  const known = closestName(name, namesOf({ tools }));
  return tools.find((tool) => tool.name === known);
}

/** The one reading of the arguments that fits. `explicit`: so many of them were marked as arguments. */
export function fitCall(
  reader: CallReader,
  name: string,
  options: readonly Json[],
  explicit = options.length,
): FittedCall {
  const spec = findTool(reader, name);
  if (spec === undefined) {
    const tools = reader.tools.map((tool) => tool.name).join(", ");
    const written = JSON.stringify(name.slice(0, 40));
    return { tool: name, arguments: {}, problem: `There is no tool ${written}: the tools are ${tools}.` };
  }
  const tool = spec.name;
  const fitted = options.map((option, at) => ({ at, fit: fitArguments(spec, option) }));
  const fits = fitted.flatMap(({ at, fit }) =>
    fit.fits && (at < explicit || fit.unknown.length === 0) ? [fit.arguments] : [],
  );
  const distinct = new Set(fits.map((one) => JSON.stringify(one)));
  const [only] = fits;
  if (only !== undefined && distinct.size === 1) return { tool, arguments: only, problem: "" };
  if (distinct.size > 1)
    return {
      tool,
      arguments: {},
      problem: `The call of ${tool} gives its arguments in two ways, so it was not carried out.`,
    };
  const problem = fitted.map(({ fit }) =>
    fit.fits ? `it has no parameter ${fit.unknown.join(", ")}` : fit.problem,
  )[0];
  return {
    tool,
    arguments: options[0] ?? {},
    problem: `The call of ${tool} was not carried out: ${problem ?? "it cannot be read"}.`,
  };
}

/** The arguments alone, where only one tool can be meant. */
export function bareArguments(text: string, spec: ToolSpec): JsonObject | null {
  const value = parseJson(text) ?? readArguments(text).arguments;
  if (!isJsonObject(value) || Object.keys(value).length === 0) return null;
  const fit = fitArguments(spec, value);
  return fit.fits && fit.unknown.length === 0 ? fit.arguments : null;
}
