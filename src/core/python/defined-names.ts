// Owns: what a Python cell defines at its top level: functions and classes with their signatures, and other names.
import { walkNames } from "./name-walk.ts";
import { parsePython, withoutMagics } from "./parse-python.ts";
import type { SyntaxNode } from "@lezer/common";

export interface OwnNames {
  /** Functions and classes of the top level; the last definition of a name is the one that holds. */
  readonly signatures: readonly Signature[];
  /** Other names bound at the top level; imports are ambient. In order of first appearance. */
  readonly names: readonly string[];
  /** `list`, `dict`, `set` or `tuple`, where a name's last assignment shows it: what cannot be seen from the name's use. */
  readonly kinds: ReadonlyMap<string, string>;
}

/** What a cell of this source defines; bodies of functions are not looked at. */
export function ownNamesIn(source: string): OwnNames {
  const { text } = withoutMagics(source);
  const top = parsePython(text).topNode;
  const found = /^(?:async\s+def|def|class)\s/m.test(source) ? signaturesIn(text, top) : [];
  const signatures = [...new Map(found.map((one) => [one.name, one])).values()];
  const { cell, imports } = walkNames(text, top, false);
  const others = new Set([...imports, ...signatures.map(({ name }) => name)]);
  return {
    signatures,
    names: [...cell.bound].filter((name) => !others.has(name)),
    kinds: kindsIn(text, top),
  };
}

/** Kinds that calculate otherwise than arrays and numbers do. */
const KINDS: Readonly<Record<string, string>> = {
  ArrayExpression: "list",
  ArrayComprehensionExpression: "list",
  DictionaryExpression: "dict",
  DictionaryComprehensionExpression: "dict",
  SetExpression: "set",
  SetComprehensionExpression: "set",
  TupleExpression: "tuple",
};

/** These set no name of the top level. */
const SETS_NOTHING = new Set([
  "ExpressionStatement",
  "FunctionDefinition",
  "ClassDefinition",
  "AssertStatement",
]);

/** The kinds of the names that the top level sets by a literal; one that may be set in any other way has none. */
function kindsIn(text: string, top: SyntaxNode): ReadonlyMap<string, string> {
  const kinds = new Map<string, string>();
  for (const node of childrenOf(top)) {
    const [target, sign, value, ...more] = childrenOf(node);
    const isSimple =
      node.name === "AssignStatement" && target?.name === "VariableName" && sign?.name === "AssignOp";
    const kind = isSimple && value !== undefined && more.length === 0 ? KINDS[value.name] : undefined;
    if (target !== undefined && kind !== undefined) kinds.set(text.slice(target.from, target.to), kind);
    else if (target !== undefined && isSimple && more.length === 0)
      kinds.delete(text.slice(target.from, target.to));
    else if (!SETS_NOTHING.has(node.name))
      for (const name of text.slice(node.from, node.to).match(/\w+/g) ?? []) kinds.delete(name);
  }
  return kinds;
}

export interface Signature {
  readonly name: string;
  /** `f(x,y)` or `class A(B)`. */
  readonly text: string;
}

/** In the order of the source, annotations and defaults left out; `top` is the root of the tree of `text`. */
export function signaturesIn(text: string, top: SyntaxNode): readonly Signature[] {
  return childrenOf(top).flatMap((node) => {
    const definition = node.name === "DecoratedStatement" ? node.lastChild : node;
    const signature = definition === null ? null : signatureOf(definition, text);
    return signature ?? [];
  });
}

function signatureOf(node: SyntaxNode, text: string): Signature | null {
  const name = node.getChild("VariableName");
  if (name === null) return null;
  const own = text.slice(name.from, name.to);
  if (node.name === "ClassDefinition") {
    const bases = node.getChild("ArgList");
    return { name: own, text: `class ${own}${bases === null ? "" : text.slice(bases.from, bases.to)}` };
  }
  if (node.name !== "FunctionDefinition") return null;
  const list = node.getChild("ParamList");
  const parameters = list === null ? [] : parameterNames(list, text);
  return { name: own, text: `${own}(${parameters.join(",")})` };
}

function parameterNames(list: SyntaxNode, text: string): string[] {
  let value = false;
  return childrenOf(list).flatMap((node) => {
    if (node.name === "AssignOp") value = true;
    else if (node.name === ",") value = false;
    else if (node.name === "VariableName" && !value) return [text.slice(node.from, node.to)];
    return [];
  });
}

function childrenOf(node: SyntaxNode): SyntaxNode[] {
  const all: SyntaxNode[] = [];
  for (let child = node.firstChild; child !== null; child = child.nextSibling) all.push(child);
  return all;
}
