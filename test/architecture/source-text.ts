// Owns: what can be told of a TypeScript file from its text: its imports, and its code without comments and strings.
// Never resolves an import, and knows nothing of the rules.

export interface ImportStatement {
  /** As it is written. */
  readonly from: string;
  /** Nothing is left of it at run time. */
  readonly typeOnly: boolean;
}

const STRING = /"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'/;
const TEMPLATE = /`(?:\\[^]|[^`\\$]|\$(?!\{)|\$\{(?:[^{}`]|\{[^{}]*\}|`[^`]*`)*\})*`/;
const COMMENT = /\/\/[^\n]*|\/\*[^]*?\*\//;
/** A slash begins a regular expression where an operand is expected; after an operand it divides. */
const REGEXP =
  /(?<=(?:^|[=(,:[!&|?{};\n+]|=>|return|case)\s*)\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*/;
const OPAQUE = new RegExp(
  [STRING, TEMPLATE, COMMENT, REGEXP].map(({ source }) => `(${source})`).join("|"),
  "g",
);

/** The text with comments replaced by a space. */
export const withoutComments = (text: string): string =>
  text.replace(OPAQUE, (whole: string, _string, _template, comment?: string) => (comment ? " " : whole));

/** The text with comments, strings, templates and regular expressions replaced by empty ones. */
export const codeOnly = (text: string): string =>
  text.replace(OPAQUE, (_whole, _string, _template, comment?: string) => (comment ? " " : '""'));

/** Every regular expression that is written out, as it stands. */
export const regexpsOf = (text: string): string[] =>
  [...text.matchAll(OPAQUE)].flatMap(([whole, , , , regexp]) => (regexp === undefined ? [] : [whole]));

const STATIC = /^[ \t]*(?:import|export)\s+((?:type\s)?[^"';=]*?\bfrom\s*)"([^"]+)"/gm;
const BARE = /^[ \t]*import\s*"([^"]+)"/gm;
const DYNAMIC = /\bimport\(\s*"([^"]+)"/g;

/** Every import and re-export, in no particular order. */
export function importsOf(text: string): ImportStatement[] {
  const code = withoutComments(text);
  return [
    ...[...code.matchAll(STATIC)].map(([, clause = "", from = ""]) => ({
      from,
      typeOnly: isTypeOnly(clause),
    })),
    ...[...code.matchAll(BARE), ...code.matchAll(DYNAMIC)].map(([, from = ""]) => ({
      from,
      typeOnly: false,
    })),
  ];
}

/** `type { A }`, or braces in which every name says `type`. */
function isTypeOnly(clause: string): boolean {
  if (/^type\s/.test(clause)) return true;
  const names = /^\{([^}]*)\}\s*from/.exec(clause)?.[1]?.split(",") ?? [];
  const written = names.map((name) => name.trim()).filter((name) => name !== "");
  return written.length > 0 && written.every((name) => name.startsWith("type "));
}
