// Owns: making the arguments of a call fit the tool's schema, where they can be meant in one way only. Pure.
import type { Json, JsonObject, ToolSpec } from "../../../../contracts/index.ts";
import { isJsonObject, listOf, parseJson, recordOf, stringOf } from "../../../../core/untrusted.ts";
import { readCodeText } from "../../../../core/python/code-text.ts";
import { closestName, readArguments } from "../repair-call.ts";

export type FittedArguments =
  | {
      readonly fits: true;
      readonly arguments: JsonObject;
      /** What was changed, in a few words; empty when nothing was. */
      readonly repair: string;
      /** Names that the schema does not have; the tool itself judges them. */
      readonly unknown: readonly string[];
    }
  | {
      readonly fits: false;
      /** What does not fit, in words that follow "because". */
      readonly problem: string;
    };

/** Words that models have for the parameter that a tool cannot do without, where it takes code and where it does not. */
const CODE_WORDS: ReadonlySet<string> = new Set(
  "code python python_code code_string cmd command content contents text script input program cell body snippet src".split(
    " ",
  ),
);
const TEXT_WORDS: ReadonlySet<string> = new Set(
  "content contents text input body value data message markdown summary answer result query".split(" "),
);

/** The arguments as the tool takes them. */
export function fitArguments(tool: ToolSpec, given: Json): FittedArguments {
  const properties = recordOf(tool.parameters["properties"]);
  const required = listOf(tool.parameters["required"]).map(stringOf);
  const written = typeof given === "string" ? fromText(given, properties, required) : given;
  if (!isJsonObject(written)) return { fits: false, problem: "its arguments are no JSON object" };
  // Whatever is given to a tool that takes nothing, only one call of it can be meant.
  if (Object.keys(properties).length === 0 && tool.parameters["type"] === "object")
    return {
      fits: true,
      arguments: {},
      repair: Object.keys(written).length > 0 ? "takes none" : "",
      unknown: [],
    };
  const { args, repair } = renameWords(
    dropEmpty(written, properties),
    properties,
    required,
    tool.codeParameter,
  );
  const missing = required.filter((name) => args[name] === undefined);
  if (missing.length > 0) return { fits: false, problem: `it lacks ${listNames(missing)}` };
  const fitted: [string, Json][] = [];
  const changed: string[] = repair === "" ? [] : [repair];
  for (const [name, value] of Object.entries(args)) {
    const schema = properties[name];
    const fit = schema === undefined ? value : fitValue(recordOf(schema), value, name === tool.codeParameter);
    if (fit === undefined) return { fits: false, problem: `\`${name}\` must be ${typeOf(recordOf(schema))}` };
    if (fit !== value) changed.push(`form of ${name}`);
    fitted.push([name, fit]);
  }
  const unknown = Object.keys(args).filter((name) => properties[name] === undefined);
  return { fits: true, arguments: Object.fromEntries(fitted), repair: changed.join(", "), unknown };
}

/** A text in the place of all arguments: JSON, or the one string that the tool cannot do without. */
function fromText(text: string, properties: JsonObject, required: readonly string[]): Json {
  const read = readArguments(text);
  if (read.ok && text.trim() !== "") return read.arguments;
  const [only, second] = required.filter((name) => isText(properties[name]));
  return only !== undefined && second === undefined && required.length === 1
    ? { [only]: text }
    : read.arguments;
}

function isText(schema: Json | undefined): boolean {
  return recordOf(schema)["type"] === "string";
}

/** Models give null for what they leave out. */
function dropEmpty(given: JsonObject, properties: JsonObject): JsonObject {
  const isEmpty = (name: string, value: Json): boolean =>
    value === null && typeof recordOf(properties[name])["type"] === "string";
  return Object.fromEntries(Object.entries(given).filter(([name, value]) => !isEmpty(name, value)));
}

interface Renamed {
  readonly args: JsonObject;
  readonly repair: string;
}

/** One missing text and one unknown text whose name is near it, or a usual word for it, are the same. */
function renameWords(
  given: JsonObject,
  properties: JsonObject,
  required: readonly string[],
  code: string | undefined,
): Renamed {
  const unchanged = { args: given, repair: "" };
  const [missing, second] = required.filter((name) => given[name] === undefined && isText(properties[name]));
  if (missing === undefined || second !== undefined) return unchanged;
  const words = missing === code ? CODE_WORDS : TEXT_WORDS;
  const unknown = Object.keys(given).filter((name) => properties[name] === undefined);
  const near = unknown.filter(
    (name) =>
      (typeof given[name] === "string" || Array.isArray(given[name])) &&
      (closestName(name, [missing]) !== null || (required.length === 1 && words.has(name.toLowerCase()))),
  );
  const [word] = near;
  if (word === undefined || near.length > 1) return unchanged;
  const kept = Object.entries(given).filter(([name, value]) => name !== word && !saysPython(name, value));
  return {
    args: Object.fromEntries([[missing, given[word] ?? null], ...kept]),
    repair: `${word} -> ${missing}`,
  };
}

function saysPython(name: string, value: Json): boolean {
  return /^lang(uage)?$/i.test(name) && typeof value === "string" && /^(i?python3?|py)$/i.test(value);
}

/** The value in the schema's type where it can only be meant so; undefined where it does not fit. */
function fitValue(schema: JsonObject, value: Json, isCode: boolean): Json | undefined {
  const choices = listOf(schema["enum"]);
  if (choices.length > 0 && !choices.includes(value)) return undefined;
  switch (stringOf(schema["type"])) {
    case "string":
      if (isCode) return readCodeText(value);
      return typeof value === "string" ? value : undefined;
    case "integer":
    case "number":
      return numberOf(value, schema["type"] === "integer");
    case "boolean":
      if (value === "true" || value === "True") return true;
      if (value === "false" || value === "False") return false;
      return typeof value === "boolean" ? value : undefined;
    case "array":
      return listIn(recordOf(schema["items"]), value);
    case "object":
      return isJsonObject(value) ? value : undefined;
    default:
      return value;
  }
}

function numberOf(value: Json, whole: boolean): number | undefined {
  const number = typeof value === "string" && /^-?\d{1,15}(\.\d{1,15})?$/.test(value) ? Number(value) : value;
  return typeof number === "number" && (!whole || Number.isInteger(number)) ? number : undefined;
}

/** A list, one item without its brackets, or a list as text. */
function listIn(items: JsonObject, value: Json): Json | undefined {
  if (typeof value === "string") {
    const parsed = value.startsWith("[") ? parseJson(value) : undefined;
    if (Array.isArray(parsed)) return listIn(items, parsed);
    return items["type"] === "string" && value !== "" ? [value] : undefined;
  }
  if (!Array.isArray(value)) return undefined;
  const list: readonly Json[] = value;
  return list.every((item) => fitValue(items, item, false) === item) ? list : undefined;
}

function typeOf(schema: JsonObject): string {
  const choices = listOf(schema["enum"]);
  if (choices.length > 0) return `one of ${choices.map((choice) => JSON.stringify(choice)).join(", ")}`;
  const type = stringOf(schema["type"]);
  return type === "array" ? "a list" : `a ${type}`;
}

function listNames(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(" and ");
}
