// Owns: giving top-level names of Python cells other names, where that is safe. Never guesses: what is not safe is said.
import type { SyntaxNode } from "@lezer/common";
import { parsePython } from "./parse-python.ts";

export type Renames = ReadonlyMap<string, string>;

/** The cell with every use of the names renamed. Ask `unsafeNames` first. */
export function renameNames(source: string, renames: Renames): string {
  let text = "";
  let at = 0;
  for (const node of variablesIn(source)) {
    const next = renames.get(source.slice(node.from, node.to));
    if (next === undefined || isKeyword(node)) continue;
    text += source.slice(at, node.from) + next;
    at = node.to;
  }
  return text + source.slice(at);
}

/**
 * Names that cannot be renamed by their look alone, each with the reason: imported ones, attributes of a class,
 * and parameters that some call names.
 */
export function unsafeNames(sources: readonly string[]): ReadonlyMap<string, string> {
  const unsafe = new Map<string, string>();
  const parameters = new Set<string>();
  const keywords = new Set<string>();
  for (const source of sources) {
    for (const node of variablesIn(source)) {
      const name = source.slice(node.from, node.to);
      if (node.parent?.name === "ImportStatement") unsafe.set(name, "it is imported");
      if (isAttribute(node)) unsafe.set(name, "a class has an attribute of that name");
      if (node.parent?.name === "ParamList") parameters.add(name);
      if (isKeyword(node)) keywords.add(name);
    }
  }
  for (const name of parameters) if (keywords.has(name)) unsafe.set(name, "calls name a parameter so");
  return unsafe;
}

function variablesIn(source: string): readonly SyntaxNode[] {
  const nodes: SyntaxNode[] = [];
  parsePython(source).iterate({
    enter: ({ name, node }) => {
      if (name === "VariableName") nodes.push(node);
    },
  });
  return nodes;
}

/** `key` in `f(key=value)` is no variable. */
function isKeyword(node: SyntaxNode): boolean {
  return node.parent?.name === "ArgList" && node.nextSibling?.name === "AssignOp";
}

function isAttribute(node: SyntaxNode): boolean {
  const statement = node.parent;
  const holder = statement?.parent?.parent;
  const isName = statement?.name === "FunctionDefinition" || statement?.name === "AssignStatement";
  return isName && statement?.parent?.name === "Body" && holder?.name === "ClassDefinition";
}
