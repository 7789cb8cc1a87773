// Owns: the few statements that a fake kernel understands, one a line, so that a test reads like a notebook.
// Never pretends to be Python: what it does not know is a SyntaxError.
import type { Json } from "../contracts/json.ts";

/** A cell's own exception. */
export class FakeError extends Error {
  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}

/** The names of a fake kernel and their values. */
export type FakeNames = Map<string, Json>;

/** What one line asks for. `hang`: until it is interrupted; `stubborn`: whatever comes. */
export type FakeStep =
  | { readonly type: "printed"; readonly text: string }
  | { readonly type: "value"; readonly value: Json }
  | { readonly type: "hang" | "stubborn" | "die" }
  | { readonly type: "none" };

/**
 * One line: `x = 1`, `x = x + 2`, `print(x)`, `raise ValueError("no")`, `x`, `hang`, `hang stubborn`, `die`, `# words`.
 * @throws FakeError
 */
export function runLine(line: string, names: FakeNames): FakeStep {
  const text = line.trim();
  if (text === "" || text.startsWith("#")) return { type: "none" };
  if (text === "die" || text === "hang") return { type: text };
  if (text === "hang stubborn") return { type: "stubborn" };
  const raised = /^raise (\w+)(?:\((.*)\))?$/.exec(text);
  if (raised) throw new FakeError(raised[1] ?? "", raised[2] ? showValue(valueOf(raised[2], names)) : "");
  const printed = /^print\((.*)\)$/.exec(text);
  if (printed) return { type: "printed", text: `${showValue(valueOf(printed[1] ?? '""', names))}\n` };
  const assigned = /^([a-z_]\w*)\s*=(?!=)(.*)$/i.exec(text);
  if (assigned) {
    names.set(assigned[1] ?? "", valueOf(assigned[2] ?? "", names));
    return { type: "none" };
  }
  return { type: "value", value: valueOf(text, names) };
}

/** A JSON value, a name, or a sum of them; numbers add up, texts are joined. @throws FakeError */
export function valueOf(expression: string, names: FakeNames): Json {
  const terms = expression.split(" + ").map((term) => termOf(term.trim(), names));
  return terms.reduce((sum, term) => {
    if (typeof sum === "number" && typeof term === "number") return sum + term;
    if (typeof sum === "string" && typeof term === "string") return sum + term;
    throw new FakeError("TypeError", `cannot add ${showValue(sum)} and ${showValue(term)}`);
  });
}

function termOf(term: string, names: FakeNames): Json {
  const known = names.get(term);
  if (known !== undefined) return known;
  const parsed = parsedJson(/^'.*'$/.test(term) ? `"${term.slice(1, -1)}"` : term);
  if (parsed !== undefined) return parsed;
  if (/^[a-z_]\w*$/i.test(term)) throw new FakeError("NameError", `name '${term}' is not defined`);
  throw new FakeError("SyntaxError", `a fake kernel does not understand: ${term}`);
}

function parsedJson(text: string): Json | undefined {
  try {
    // `JSON.parse` gives JSON.
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

export function showValue(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
