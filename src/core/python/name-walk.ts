// Owns: the walk over a Python syntax tree that follows names through scopes. Knows nothing of notebooks.
import type { SyntaxNode } from "@lezer/common";

export interface Scope {
  readonly kind: "cell" | "function" | "class" | "comprehension";
  readonly bound: Set<string>;
  /** Read when the scope's code runs, before being bound. */
  readonly reads: Set<string>;
  /** Read later, when a function defined here is called. */
  readonly deferred: Set<string>;
  readonly globals: Set<string>;
  readonly parent: Scope | null;
}
export interface Walk {
  readonly text: string;
  readonly cell: Scope;
  readonly imports: Set<string>;
  readonly mutates: Set<string>;
  /** False: bodies of functions are passed over. */
  readonly bodies: boolean;
  starImport: boolean;
}

/**
 * Follows every name of a cell; `top` is the root of the tree of `text`. Without `bodies`, only what the cell binds
 * and imports is whole.
 */
export function walkNames(text: string, top: SyntaxNode, bodies = true): Walk {
  const cell = newScope("cell", null);
  const outer = !bodies && !/\b(?:global|nonlocal)\b/.test(text);
  const walk = {
    text,
    cell,
    imports: new Set<string>(),
    mutates: new Set<string>(),
    bodies: !outer,
    starImport: false,
  };
  visitChildren(walk, top, cell);
  return walk;
}

function newScope(kind: Scope["kind"], parent: Scope | null): Scope {
  return { kind, bound: new Set(), reads: new Set(), deferred: new Set(), globals: new Set(), parent };
}

function childrenOf(node: SyntaxNode): SyntaxNode[] {
  const all: SyntaxNode[] = [];
  for (let child = node.firstChild; child !== null; child = child.nextSibling) all.push(child);
  return all;
}

function nameOf(walk: Walk, node: SyntaxNode): string {
  return walk.text.slice(node.from, node.to);
}

function readName(name: string, into: Scope): void {
  if (!into.bound.has(name)) into.reads.add(name);
}

function bindName(walk: Walk, name: string, from: Scope): void {
  let into = from;
  while (into.kind === "comprehension" && into.parent !== null) into = into.parent;
  (into.globals.has(name) ? walk.cell : into).bound.add(name);
}

function visitChildren(walk: Walk, node: SyntaxNode, into: Scope): void {
  for (const child of childrenOf(node)) visit(walk, child, into);
}

function visit(walk: Walk, node: SyntaxNode, into: Scope): void {
  switch (node.name) {
    case "VariableName":
      return readName(nameOf(walk, node), into);
    case "ImportStatement":
      return visitImport(walk, node, into);
    case "AssignStatement":
      return visitAssign(walk, node, into);
    case "UpdateStatement":
      return visitUpdate(walk, node, into);
    case "NamedExpression":
      return visitNamed(walk, node, into);
    case "ForStatement":
      return visitFor(walk, node, into);
    case "WithStatement":
    case "TryStatement":
      return visitAs(walk, node, into);
    case "FunctionDefinition":
    case "LambdaExpression":
      return visitFunction(walk, node, into);
    case "ClassDefinition":
      return visitClass(walk, node, into);
    case "ScopeStatement":
      for (const name of childrenOf(node).slice(1)) {
        if (name.name === "VariableName") into.globals.add(nameOf(walk, name));
      }
      return;
    case "CapturePattern":
      return bindTarget(walk, node, into);
    case "ArgList":
      return visitArguments(walk, node, into);
    case "ExpressionStatement":
      noteMutatingCall(walk, node);
      return visitChildren(walk, node, into);
    default:
      if (node.name.endsWith("ComprehensionExpression") || node.name === "ComprehensionExpression") {
        return visitComprehension(walk, node, into);
      }
      return visitChildren(walk, node, into);
  }
}

function visitImport(walk: Walk, node: SyntaxNode, into: Scope): void {
  const parts = childrenOf(node);
  const from = parts[0]?.name === "from";
  const names = from ? parts.slice(parts.findIndex((part) => part.name === "import") + 1) : parts.slice(1);
  if (names.some((part) => part.name === "*")) walk.starImport = true;
  let last: string | null = null;
  const close = (): void => {
    if (last === null) return;
    bindName(walk, last, into);
    if (into.kind === "cell") walk.imports.add(last);
    last = null;
  };
  let dotted = false;
  for (const part of names) {
    if (part.name === ",") {
      close();
      dotted = false;
    } else if (part.name === ".") dotted = true;
    else if (part.name === "as") {
      last = null;
      dotted = false;
    } else if (part.name === "VariableName" && !(dotted && last !== null)) last = nameOf(walk, part);
  }
  close();
}

function visitAssign(walk: Walk, node: SyntaxNode, into: Scope): void {
  const parts = childrenOf(node);
  const lastOp = parts.findLastIndex((part) => part.name === "AssignOp");
  for (const value of parts.slice(lastOp + 1)) if (lastOp >= 0) visit(walk, value, into);
  for (const part of lastOp < 0 ? parts : parts.slice(0, lastOp)) {
    if (part.name === "TypeDef") visitChildren(walk, part, into);
    else if (lastOp >= 0) bindTarget(walk, part, into);
  }
}

function visitUpdate(walk: Walk, node: SyntaxNode, into: Scope): void {
  const [target, ...rest] = childrenOf(node);
  if (target === undefined) return;
  visit(walk, target, into);
  for (const part of rest) visit(walk, part, into);
  bindTarget(walk, target, into);
  if (target.name === "VariableName" && into.kind === "cell") walk.mutates.add(nameOf(walk, target));
}

function visitNamed(walk: Walk, node: SyntaxNode, into: Scope): void {
  const [target, ...rest] = childrenOf(node);
  for (const part of rest) visit(walk, part, into);
  if (target !== undefined) bindTarget(walk, target, into);
}

function bindTarget(walk: Walk, node: SyntaxNode, into: Scope): void {
  if (node.name === "VariableName") return bindName(walk, nameOf(walk, node), into);
  if (node.name === "MemberExpression") {
    const base = baseName(walk, node);
    if (base !== null && !isLocal(base, into)) walk.mutates.add(base);
    return visitChildren(walk, node, into);
  }
  for (const child of childrenOf(node)) bindTarget(walk, child, into);
}

function visitFor(walk: Walk, node: SyntaxNode, into: Scope): void {
  const parts = childrenOf(node);
  const at = parts.findIndex((part) => part.name === "in");
  for (const part of parts.slice(at)) if (part.name !== "Body") visit(walk, part, into);
  for (const part of parts.slice(0, at)) bindTarget(walk, part, into);
  for (const part of parts) if (part.name === "Body") visit(walk, part, into);
}

/** `with ... as target` and `except ... as name`. */
function visitAs(walk: Walk, node: SyntaxNode, into: Scope): void {
  let target = false;
  for (const part of childrenOf(node)) {
    if (part.name === "as") target = true;
    else if (target) {
      bindTarget(walk, part, into);
      target = false;
    } else visit(walk, part, into);
  }
}

function visitFunction(walk: Walk, node: SyntaxNode, into: Scope): void {
  const inner = newScope("function", into);
  for (const part of childrenOf(node)) {
    if (part.name === "VariableName" && node.name === "FunctionDefinition")
      bindName(walk, nameOf(walk, part), into);
    else if (part.name === "ParamList") visitParameters(walk, part, inner, into);
    else if (part.name === "TypeDef") visitChildren(walk, part, into);
    else if (walk.bodies || part.name !== "Body") visit(walk, part, inner);
  }
  for (const name of [...inner.reads, ...inner.deferred]) if (!inner.bound.has(name)) into.deferred.add(name);
}

/** Defaults and annotations are evaluated outside, once. */
function visitParameters(walk: Walk, node: SyntaxNode, inner: Scope, outer: Scope): void {
  let value = false;
  for (const part of childrenOf(node)) {
    if (part.name === "AssignOp") value = true;
    else if (part.name === ",") value = false;
    else if (value || part.name === "TypeDef") visit(walk, part, outer);
    else if (part.name === "VariableName") inner.bound.add(nameOf(walk, part));
  }
}

function visitClass(walk: Walk, node: SyntaxNode, into: Scope): void {
  const inner = newScope("class", into);
  for (const part of childrenOf(node)) {
    if (part.name === "VariableName") bindName(walk, nameOf(walk, part), into);
    else visit(walk, part, part.name === "Body" ? inner : into);
  }
  for (const name of inner.reads) readName(name, into);
  for (const name of inner.deferred) into.deferred.add(name);
}

function visitComprehension(walk: Walk, node: SyntaxNode, into: Scope): void {
  const inner = newScope("comprehension", into);
  const parts = childrenOf(node);
  for (const [i, part] of parts.entries()) {
    if (part.name !== "for") continue;
    for (const target of parts.slice(i + 1)) {
      if (target.name === "in") break;
      for (const name of targetNames(walk, target)) inner.bound.add(name);
    }
  }
  for (const part of parts) visit(walk, part, inner);
  for (const name of inner.reads) readName(name, into);
  for (const name of inner.deferred) if (!inner.bound.has(name)) into.deferred.add(name);
}

function targetNames(walk: Walk, node: SyntaxNode): string[] {
  if (node.name === "VariableName") return [nameOf(walk, node)];
  return childrenOf(node).flatMap((child) => targetNames(walk, child));
}

/** In a call `f(key=value)`, `key` is no name of the cell. */
function visitArguments(walk: Walk, node: SyntaxNode, into: Scope): void {
  if (node.getChild("for") !== null) return visitComprehension(walk, node, into);
  for (const part of childrenOf(node)) {
    if (part.name === "VariableName" && part.nextSibling?.name === "AssignOp") continue;
    visit(walk, part, into);
  }
}

/** A method whose result is thrown away was called for its effect: `model.fit(X)`, `xs.append(1)`. */
function noteMutatingCall(walk: Walk, node: SyntaxNode): void {
  const callee = node.firstChild?.name === "CallExpression" ? node.firstChild.firstChild : null;
  if (callee?.name !== "MemberExpression") return;
  const base = baseName(walk, callee);
  if (base !== null && !walk.imports.has(base)) walk.mutates.add(base);
}

function baseName(walk: Walk, node: SyntaxNode): string | null {
  let base: SyntaxNode | null = node;
  while (base !== null && (base.name === "MemberExpression" || base.name === "CallExpression"))
    base = base.firstChild;
  return base?.name === "VariableName" ? nameOf(walk, base) : null;
}

function isLocal(name: string, from: Scope): boolean {
  for (let at: Scope | null = from; at !== null && at.kind !== "cell"; at = at.parent)
    if (at.bound.has(name)) return true;
  return false;
}
