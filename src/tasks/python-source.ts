// Owns: what can be read off a piece of Python without running it: names, functions, and where it is not Python.
import type { SyntaxNode } from "@lezer/common";
import { parsePython, firstSyntaxError, withoutMagics } from "../core/python/parse-python.ts";
import { findOpenEnd } from "../core/python/syntax-words.ts";
import type { Json } from "../contracts/index.ts";
import { literalValue } from "../core/python/python-literal.ts";

export interface Assignment {
  readonly name: string;
  /** Absent when the value is no literal. */
  readonly value?: Json | undefined;
  readonly isFloat: boolean;
}

/** The names assigned at the top level, in order of first appearance, with their last value. */
export function assignmentsIn(source: string): readonly Assignment[] {
  const last = new Map<string, Assignment>();
  for (const node of statements(parsePython(source).topNode)) {
    if (node.name !== "AssignStatement") continue;
    for (const assignment of assignmentsOf(node, source)) last.set(assignment.name, assignment);
  }
  return [...last.values()];
}

/** How a name is bound: what can be said about calling it with one argument. */
export type Binding =
  | { readonly kind: "none" }
  | { readonly kind: "async" }
  | { readonly kind: "callable"; readonly fits: boolean };

/** The last top-level binding of `name`; what cannot be judged (imported, decorated) fits. */
export function bindingOf(name: string, source: string): Binding {
  const bindings = statements(parsePython(source).topNode).flatMap(
    (node) => bindingIn(node, name, source) ?? [],
  );
  return bindings.at(-1) ?? { kind: "none" };
}

/** The names of the functions in the body of the class `name`; empty where there is no such class. */
export function methodsOf(name: string, source: string): readonly string[] {
  const nameIn = (node: SyntaxNode): string => {
    const own = node.getChild("VariableName");
    return own === null ? "" : source.slice(own.from, own.to);
  };
  const withoutDecorators = (node: SyntaxNode): SyntaxNode =>
    node.name === "DecoratedStatement" ? (node.lastChild ?? node) : node;
  const defined = statements(parsePython(source).topNode).map(withoutDecorators);
  const body = defined
    .findLast((node) => node.name === "ClassDefinition" && nameIn(node) === name)
    ?.getChild("Body");
  return (body ? statements(body) : []).map(withoutDecorators).flatMap((node) => {
    return node.name === "FunctionDefinition" ? [nameIn(node)] : [];
  });
}

/** Whether the source is one expression and nothing else. */
export function isExpression(source: string): boolean {
  const nodes = statements(parsePython(source).topNode);
  let broken = false;
  parsePython(source).iterate({ enter: (node) => void (broken ||= node.type.isError) });
  return !broken && nodes.length === 1 && nodes[0]?.name === "ExpressionStatement";
}

function children(node: SyntaxNode): readonly SyntaxNode[] {
  const all: SyntaxNode[] = [];
  for (let child = node.firstChild; child !== null; child = child.nextSibling) all.push(child);
  return all;
}

/** The statements that run when the module runs: those in `if`, `try`, `with` and loops included. */
function statements(node: SyntaxNode): readonly SyntaxNode[] {
  return children(node).flatMap((child) => {
    if (child.name === "StatementGroup") return statements(child).filter((part) => part.name !== ";");
    if (child.name === "Comment") return [];
    const bodies = BLOCKS.has(child.name) ? child.getChildren("Body") : [];
    return [child, ...bodies.flatMap(statements)];
  });
}

const BLOCKS = new Set(["IfStatement", "TryStatement", "WithStatement", "ForStatement", "WhileStatement"]);

function assignmentsOf(node: SyntaxNode, source: string): readonly Assignment[] {
  const parts = children(node);
  const lastOp = parts.findLastIndex((part) => part.name === "AssignOp");
  const targets = parts.slice(0, Math.max(lastOp, 0)).filter((part) => part.name !== "AssignOp");
  const values = parts.slice(lastOp + 1);
  const isPlain = !targets.some((part) => part.name === ",") && values.length === 1;
  return targets.flatMap((target) => {
    const names = namesOf(target, source);
    const [only] = isPlain && target.name === "VariableName" ? values : [];
    const value = only === undefined ? undefined : literalValue(only, source);
    const isFloat =
      only !== undefined && typeof value === "number" && isFloatText(source.slice(only.from, only.to));
    return names.map((name) => ({ name, value, isFloat }));
  });
}

function isFloatText(number: string): boolean {
  return /[.eE]/.test(number) && !/0[xX]/.test(number);
}

function namesOf(target: SyntaxNode, source: string): readonly string[] {
  if (target.name === "VariableName") return [source.slice(target.from, target.to)];
  if (!/^(?:Tuple|Array|Parenthesized)Expression$/.test(target.name)) return [];
  return children(target).flatMap((child) => namesOf(child, source));
}

function bindingIn(node: SyntaxNode, name: string, source: string): Binding | null {
  const isName = (part: SyntaxNode | null): boolean =>
    part?.name === "VariableName" && source.slice(part.from, part.to) === name;
  if (node.name === "FunctionDefinition" && isName(node.getChild("VariableName")))
    return node.getChild("async") === null ? functionBinding(node) : { kind: "async" };
  if (
    node.name === "DecoratedStatement" &&
    isName(node.getChild("FunctionDefinition")?.getChild("VariableName") ?? null)
  )
    return { kind: "callable", fits: true };
  if (node.name === "AssignStatement" && assignmentsOf(node, source).some((one) => one.name === name))
    return node.lastChild?.name === "LambdaExpression"
      ? functionBinding(node.lastChild)
      : { kind: "callable", fits: true };
  const imported = node.name === "ImportStatement" && children(node).slice(1).some(isName);
  return imported ? { kind: "callable", fits: true } : null;
}

/** Whether a call with exactly one positional argument fits the parameters. */
function functionBinding(node: SyntaxNode): Binding {
  const list = node.getChild("ParamList");
  let [most, least, keywordOnly, missing] = [0, 0, false, false];
  for (const group of list === null ? [] : commaGroups(list)) {
    const [head, second] = group;
    const hasDefault = group.some((part) => part.name === "AssignOp");
    if (head?.name === "**" || head === undefined) continue;
    if (head.name === "*") {
      keywordOnly = true;
      if (second?.name === "VariableName") most = Infinity;
    } else if (keywordOnly) missing ||= !hasDefault;
    else {
      most += 1;
      least += hasDefault ? 0 : 1;
    }
  }
  return { kind: "callable", fits: most >= 1 && least <= 1 && !missing };
}

function commaGroups(list: SyntaxNode): readonly (readonly SyntaxNode[])[] {
  const groups: SyntaxNode[][] = [[]];
  for (const part of children(list)) {
    if (part.name === ",") groups.push([]);
    else if (part.name !== "(" && part.name !== ")") groups.at(-1)?.push(part);
  }
  return groups;
}

export interface SyntaxFault {
  /** Within the cell, from 1. */
  readonly line: number;
  readonly text: string;
  /** Python's own, where it is a bracket or a quote that does not close; else null. */
  readonly words: string | null;
}

/** What IPython reads besides magics and shell lines at the start: `x = !ls`, `x = %magic`, `?name`, `name??`. */
const IPYTHON_LINE = /^([ \t]*)(?![ \t])(?:[\w, ]+=[ \t]*[!%].*|\?{1,2}[\w.*]+|[\w.*]+\?{1,2})[ \t]*$/gm;

/** The first line that is not Python (`cell`: nor IPython), or null. */
export function syntaxFault(source: string, as: "cell" | "module"): SyntaxFault | null {
  const plain = source.replaceAll("\r\n", "\n").replaceAll("\r", "\n");
  const offset = firstSyntaxError(plain);
  if (offset === null) return null;
  if (as === "module") return faultAt(plain, plain, offset);
  const python = withoutMagics(plain).text.replace(IPYTHON_LINE, "$1pass");
  // A line of a long string may look like a magic: then nothing is certain.
  if (python !== plain && /"""|'''/.test(plain)) return null;
  const left = firstSyntaxError(python);
  return left === null ? null : faultAt(plain, python, left);
}

/** `parsed` has the same lines as `source`. */
function faultAt(source: string, parsed: string, offset: number): SyntaxFault {
  const length = parsed.trimEnd().length;
  const stopped = parsed.slice(0, Math.min(offset, length)).split("\n").length;
  const end = findOpenEnd(parsed);
  // A bracket is to blame for what comes below its line, as Python has it.
  const isCause =
    end !== null && (end.line < stopped || offset >= length || (end.line === stopped && !end.isOpen));
  const line = isCause ? end.line : stopped;
  return {
    line,
    words: isCause ? end.words : null,
    text: (source.split("\n")[line - 1] ?? "").trim().slice(0, 80),
  };
}
