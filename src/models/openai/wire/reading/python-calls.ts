// Owns: reading calls of tools and literal values in Python source, by its syntax tree. Pure.
import type { SyntaxNode } from "@lezer/common";
import type { Json, JsonObject } from "../../../../contracts/index.ts";
import { firstSyntaxError, parsePython } from "../../../../core/python/parse-python.ts";
import { walkNames } from "../../../../core/python/name-walk.ts";
import { decodeString } from "../../../../core/python/python-strings.ts";

/** A call as it stands in Python. */
export interface PythonCall {
  readonly tool: string;
  /** The arguments without a name; undefined where one is no literal. */
  readonly positional: readonly (Json | undefined)[];
  readonly named: { readonly [name: string]: Json | undefined };
}

/** A program that may end with calls of tools. */
export interface Program {
  /** The statements before the first call of a tool, as they stand; empty where there are none. */
  readonly code: string;
  /** The calls of tools behind them. */
  readonly calls: readonly PythonCall[];
  /** More code stands behind a call. */
  readonly isMixed: boolean;
}

/** Longer sources are code, whatever is in them. */
const MOST_CHARACTERS = 100_000;

/** Splits a program before its first top-level call of a tool. A name that the program binds itself is no tool. */
export function splitProgram(source: string, tools: readonly string[]): Program {
  const plain = { code: source, calls: [], isMixed: false };
  if (!tools.some((name) => source.includes(`${name}(`) || source.includes(`${name}.call(`))) return plain;
  if (source.length > MOST_CHARACTERS || nestsDeep(source)) return plain;
  const top = parsePython(source).topNode;
  const own = walkNames(source, top, false).cell.bound;
  const statements = statementsIn(top).filter(({ name }) => name !== "Comment");
  const read = statements.map((node) =>
    callsIn(node, source, (name) => tools.includes(name) && !own.has(name)),
  );
  const first = read.findIndex((calls) => calls.length > 0);
  if (first === -1) return plain;
  return {
    code: source.slice(0, statements[first]?.from ?? 0).trim(),
    calls: read.flat(),
    isMixed: read.slice(first).some((calls) => calls.length === 0),
  };
}

/** The value of a Python literal; undefined where the text is none. */
export function readLiteral(text: string): Json | undefined {
  if (nestsDeep(text)) return undefined;
  const [statement, more] = statementsIn(parsePython(text).topNode);
  const node = statement?.firstChild ?? null;
  if (node === null || more !== undefined || statement?.name !== "ExpressionStatement") return undefined;
  return node.to === text.trimEnd().length ? literalOf(node, text) : undefined;
}

/** Whether brackets nest deeper than any program needs, by a count that takes those in strings too. */
function nestsDeep(source: string): boolean {
  let depth = 0;
  for (const character of source) {
    if ("([{".includes(character) && ++depth > 200) return true;
    if (")]}".includes(character) && depth > 0) depth--;
  }
  return false;
}

function statementsIn(top: SyntaxNode): readonly SyntaxNode[] {
  return childrenOf(top).flatMap((node) =>
    node.name === "StatementGroup" ? childrenOf(node).filter(({ name }) => name !== ";") : [node],
  );
}

function childrenOf(node: SyntaxNode): readonly SyntaxNode[] {
  const children: SyntaxNode[] = [];
  for (let child = node.firstChild; child !== null; child = child.nextSibling) children.push(child);
  return children;
}

type IsTool = (name: string) => boolean;

/** The calls that a statement consists of: `f()`, `x = await f()`, `print(tools.f())`, `[f(), g()]`. */
function callsIn(statement: SyntaxNode, source: string, isTool: IsTool): readonly PythonCall[] {
  if (statement.name !== "ExpressionStatement" && statement.name !== "AssignStatement") return [];
  const value = statement.lastChild;
  if (value === null || hasError(statement)) return [];
  return callsInExpression(value, source, isTool) ?? [];
}

function hasError(node: SyntaxNode): boolean {
  let found = false;
  node.toTree().iterate({ enter: ({ type }) => void (found ||= type.isError) });
  return found;
}

/** Null where anything else is in it. */
function callsInExpression(node: SyntaxNode, source: string, isTool: IsTool): readonly PythonCall[] | null {
  if (node.name === "AwaitExpression" && node.lastChild !== null)
    return callsInExpression(node.lastChild, source, isTool);
  if (node.name === "ArrayExpression") {
    const items = childrenOf(node).filter(({ name }) => !["[", "]", ","].includes(name));
    const read = items.map((item) => callsInExpression(item, source, isTool));
    return read.length > 0 && read.every((calls) => calls !== null) ? read.flat() : null;
  }
  const [callee, list] = [node.firstChild, node.lastChild];
  if (node.name !== "CallExpression" || callee === null || list?.name !== "ArgList") return null;
  const tool = toolName(source.slice(callee.from, callee.to));
  if (isTool(tool)) return [{ tool, ...argumentsIn(list, source) }];
  const inner = childrenOf(list).filter(({ name }) => name !== "(" && name !== ")");
  const [only, second] = inner;
  return tool === "print" && only !== undefined && second === undefined
    ? callsInExpression(only, source, isTool)
    : null;
}

/** Without what models put around it: `default_api.f`, `f.call`. */
function toolName(callee: string): string {
  return callee.replace(/^(?:tools?|functions?|default_api|api)\./, "").replace(/\.call$/, "");
}

function argumentsIn(list: SyntaxNode, source: string): Pick<PythonCall, "positional" | "named"> {
  const positional: (Json | undefined)[] = [];
  const named: [string, Json | undefined][] = [];
  const inner = childrenOf(list).filter(({ name }) => !["(", ")", ",", "Comment"].includes(name));
  for (let at = 0; at < inner.length; at++) {
    const node = inner[at];
    const value = inner[at + 2];
    if (node === undefined) continue;
    if (inner[at + 1]?.name === "AssignOp" && value !== undefined) {
      named.push([source.slice(node.from, node.to), literalOf(value, source)]);
      at += 2;
    } else positional.push(literalOf(node, source));
  }
  return { positional, named: Object.fromEntries(named) };
}

const WORDS: Readonly<Record<string, Json>> = { True: true, False: false, None: null };
/** JSON's words in a Python literal. */
const JSON_WORDS: Readonly<Record<string, Json>> = { true: true, false: false, null: null };

function literalOf(node: SyntaxNode, source: string): Json | undefined {
  const text = source.slice(node.from, node.to);
  switch (node.name) {
    case "String":
    case "FormatString":
      return node.getChild("FormatReplacement") === null ? stringValue(text) : undefined;
    case "ContinuedString":
      return joinStrings(childrenOf(node), source);
    case "BinaryExpression":
      return joinSum(node, source);
    case "Number":
      return numberOf(text);
    case "UnaryExpression":
      return text.startsWith("-") ? negative(node.lastChild, source) : undefined;
    case "Boolean":
    case "None":
      return WORDS[text];
    case "VariableName":
      return JSON_WORDS[text];
    case "ParenthesizedExpression":
      return node.firstChild?.nextSibling ? literalOf(node.firstChild.nextSibling, source) : undefined;
    case "ArrayExpression":
    case "TupleExpression":
      return listValue(node, source);
    case "DictionaryExpression":
      return dictionaryValue(node, source);
    default:
      return undefined;
  }
}

function joinStrings(nodes: readonly SyntaxNode[], source: string): string | undefined {
  const parts = nodes.map((node) => literalOf(node, source));
  return parts.every((part) => typeof part === "string") ? parts.join("") : undefined;
}

/** `"a" + "b" + "c"`; the tree leans to the left, as deep as the sum is long. */
function joinSum(sum: SyntaxNode, source: string): string | undefined {
  const terms: SyntaxNode[] = [];
  let left: SyntaxNode | null = sum;
  while (left?.name === "BinaryExpression") {
    const operator: SyntaxNode | null = left.getChild("ArithOp");
    if (operator === null || source.slice(operator.from, operator.to) !== "+" || left.lastChild === null)
      return undefined;
    terms.push(left.lastChild);
    left = left.firstChild;
  }
  return left === null ? undefined : joinStrings([left, ...terms.toReversed()], source);
}

function numberOf(text: string): number | undefined {
  const value = Number(text.replaceAll("_", ""));
  return Number.isFinite(value) ? value : undefined;
}

function negative(node: SyntaxNode | null, source: string): number | undefined {
  const value = node?.name === "Number" ? numberOf(source.slice(node.from, node.to)) : undefined;
  return value === undefined ? undefined : -value;
}

function listValue(node: SyntaxNode, source: string): Json | undefined {
  const items = childrenOf(node).filter(({ name }) => !["[", "]", "(", ")", ",", "Comment"].includes(name));
  const values = items.map((item) => literalOf(item, source));
  return values.every((value) => value !== undefined) ? values : undefined;
}

function dictionaryValue(node: SyntaxNode, source: string): JsonObject | undefined {
  const inner = childrenOf(node).filter(({ name }) => !["{", "}", ",", ":", "Comment"].includes(name));
  const entries: [string, Json][] = [];
  for (let at = 0; at < inner.length; at += 2) {
    const [key, value] = [inner[at], inner[at + 1]].map((one) => one && literalOf(one, source));
    if (typeof key !== "string" || value === undefined) return undefined;
    entries.push([key, value]);
  }
  return Object.fromEntries(entries);
}

/**
 * A string between triple quotes is code as a rule, and a model means `\n` in it as code does: as written, where only
 * that is Python; else as Python reads it.
 */
function stringValue(text: string): string | undefined {
  const decoded = decodeString(text);
  const written = decodeString(text, true);
  if (decoded === undefined || decoded === written || !/^[a-z]*(?:'''|""")/i.test(text)) return decoded;
  if (decoded.length > MOST_CHARACTERS || written === undefined) return decoded;
  return firstSyntaxError(decoded) !== null && firstSyntaxError(written) === null ? written : decoded;
}
