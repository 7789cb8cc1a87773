// Owns: what a Python cell brings into being, read from one parse of it. Never runs anything.
import { walkNames } from "./name-walk.ts";
import { parsePython } from "./grammar.ts";
import { withoutMagics } from "./magics.ts";
import { signaturesIn, type Signature } from "./signatures.ts";

export interface OwnNames {
  /** Functions and classes of the top level; the last definition of a name is the one that holds. */
  readonly signatures: readonly Signature[];
  /** Other names bound at the top level; imports are ambient. In order of first appearance. */
  readonly names: readonly string[];
}

/** What a cell of this source defines; bodies of functions are not looked at. */
export function ownNamesIn(source: string): OwnNames {
  const { text } = withoutMagics(source);
  const top = parsePython(text).topNode;
  const found = /^(?:async\s+def|def|class)\s/m.test(source) ? signaturesIn(text, top) : [];
  const signatures = [...new Map(found.map((one) => [one.name, one])).values()];
  const { cell, imports } = walkNames(text, top, false);
  const others = new Set([...imports, ...signatures.map(({ name }) => name)]);
  return { signatures, names: [...cell.bound].filter((name) => !others.has(name)) };
}
