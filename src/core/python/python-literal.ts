// Owns: values between JSON and Python's literals. Never evaluates anything.
import type { SyntaxNode } from "@lezer/common";
import { decodeString } from "./python-strings.ts";
import type { Json } from "../../contracts/index.ts";

/** The value as Python writes it; `asFloat` keeps a whole number a float, as numbers beyond 2^53 always are. */
export function toPython(value: Json, asFloat = false): string {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "number") return numberToPython(value, asFloat);
  if (typeof value === "string") return JSON.stringify(value);
  if (isList(value)) return `[${value.map((item) => toPython(item)).join(", ")}]`;
  const listValues = Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${toPython(item)}`);
  return `{${listValues.join(", ")}}`;
}

/** The value of a literal in a syntax tree of `source`; undefined for anything that would have to be computed. */
export function literalValue(node: SyntaxNode, source: string): Json | undefined {
  const text = source.slice(node.from, node.to);
  switch (node.name) {
    case "Number":
      return numberValue(text);
    case "String":
      return stringValue(text);
    case "ContinuedString":
      return continuedValue(items(node, source));
    case "Boolean":
      return text === "True";
    case "None":
      return null;
    case "UnaryExpression":
      return negatedValue(node, source, text);
    case "ParenthesizedExpression":
      return items(node, source)?.[0];
    case "ArrayExpression":
    case "TupleExpression":
      return items(node, source);
    case "DictionaryExpression":
      return dictionaryValue(node, source);
    default:
      return undefined;
  }
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function numberToPython(value: number, asFloat: boolean): string {
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) return value.toExponential();
  const text = String(value + 0);
  return asFloat && /^-?\d+$/.test(text) ? `${text}.0` : text;
}

function numberValue(text: string): number | undefined {
  const plain = text.replaceAll("_", "");
  const value = Number(plain.endsWith(".") ? `${plain}0` : plain);
  const exact =
    /[.eE]/.test(plain) && !/^0[xX]/.test(plain) ? Number.isFinite(value) : Number.isSafeInteger(value);
  return exact ? value : undefined;
}

function negatedValue(node: SyntaxNode, source: string, text: string): number | undefined {
  const value = node.lastChild === null ? undefined : literalValue(node.lastChild, source);
  if (typeof value !== "number" || !/^[-+]/.test(text)) return undefined;
  return text.startsWith("-") ? 0 - value : value;
}

/** The literals inside brackets; undefined when one of them is none. */
function items(node: SyntaxNode, source: string): readonly Json[] | undefined {
  const values: Json[] = [];
  for (let child = node.firstChild; child !== null; child = child.nextSibling) {
    if (/^[[\](),]$/.test(child.name) || child.name === "Comment") continue;
    const value = literalValue(child, source);
    if (value === undefined) return undefined;
    values.push(value);
  }
  return values;
}

function continuedValue(parts: readonly Json[] | undefined): string | undefined {
  return parts?.every((part) => typeof part === "string") === true ? parts.join("") : undefined;
}

function dictionaryValue(node: SyntaxNode, source: string): Json | undefined {
  const parts: Json[] = [];
  for (let child = node.firstChild; child !== null; child = child.nextSibling) {
    if (/^[{}:,]$/.test(child.name) || child.name === "Comment") continue;
    const value = literalValue(child, source);
    if (value === undefined) return undefined;
    parts.push(value);
  }
  const keys = parts.filter((_, i) => i % 2 === 0);
  if (!keys.every((key): key is string => typeof key === "string")) return undefined;
  return Object.fromEntries(keys.map((key, i) => [key, parts[2 * i + 1] ?? null]));
}

/** Undefined for what only Python can decode: a format, bytes, a character by its name. */
function stringValue(text: string): string | undefined {
  const [, prefix] = /^([rRuU]?)["']/.exec(text) ?? [];
  const isRaw = prefix?.toLowerCase() === "r";
  return prefix === undefined || (!isRaw && /\\N\{/.test(text)) ? undefined : decodeString(text);
}
