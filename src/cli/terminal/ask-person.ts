// Owns: asking a person on the terminal whether a tool call may be carried out, one question at a time. Never decides by
// itself, and never writes a journal.
import pLimit from "p-limit";
import colors from "picocolors";
import { createInterface } from "node:readline";
import { RunError } from "../../core/errors.ts";
import { encodeText } from "./screen.ts";
import { findCell } from "../../core/notebook/notebook.ts";
import type { Action, AskPerson } from "../../contracts/index.ts";

export interface Terminal {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output: NodeJS.WritableStream & { readonly isTTY?: boolean };
}

export interface AskingParts {
  /** Holds back every other line while a question stands. The function that it gives lets them through again. */
  readonly hold: () => () => void;
  /** Stops the run, keeping everything. */
  readonly quit: () => void;
}

/** Longer sources are cut, and say so. */
const MOST_LINES = 1000;
const CHOICES = "y: yes   n [reason]: no   a: always for this tool   q: stop the run";

/** @throws RunError `bad-option` where there is no terminal to ask on. */
export function requireTerminal({ input, output }: Terminal): void {
  if (input.isTTY === true && output.isTTY === true) return;
  throw new RunError(
    "bad-option",
    "--approve ask needs a terminal to ask on, and standard input or standard error is none. " +
      "Run it on a terminal, or say what is allowed: --approve deny:run_code, --approve allow:read",
  );
}

/** Questions of episodes that run at the same time wait for each other. */
export function askPersonOn({ input, output }: Terminal, { hold, quit }: AskingParts): AskPerson {
  const oneAtATime = pLimit(1);
  const always = new Set<string>();
  const ask = async (...[action, { why, signal }]: Parameters<AskPerson>): ReturnType<AskPerson> => {
    signal.throwIfAborted();
    if (always.has(action.call.tool)) return { verdict: "allow", reason: "always, as was said before" };
    const letGo = hold();
    try {
      output.write(questionText(action, why));
      while (true) {
        output.write(`${CHOICES} > `);
        const answer = await readLine(input, signal);
        const [, letter = "", reason = ""] = /^\s*(\S+)\s*(.*)$/s.exec(answer ?? "q") ?? [];
        if (/^y(es)?$/i.test(letter)) return { verdict: "allow" };
        if (/^no?$/i.test(letter)) return { verdict: "deny", reason: reason.trim() };
        if (/^a(lways)?$/i.test(letter)) {
          always.add(action.call.tool);
          return { verdict: "allow", reason: "always for this tool" };
        }
        if (/^q(uit)?$/i.test(letter)) {
          quit();
          await rejectOnAbort(signal);
        }
      }
    } finally {
      letGo();
    }
  };
  return (...args) => oneAtATime(() => ask(...args));
}

/** What the model wants to do, in lines for a screen. */
export function questionText({ call, notebook, proposal, round }: Action, why: string): string {
  const { source, id, ...others } = fieldsOf(call.arguments);
  const title = `${proposal}, round ${round}: ${call.tool}`;
  const cell = typeof id === "string" ? findCell(notebook, id) : undefined;
  const lines = [
    ...(why === "" ? [] : [`why you are asked: ${why}`]),
    ...(typeof id === "string" ? [`cell ${id}`] : []),
    ...(cell === undefined || "new" in others ? [] : ["now:", ...indentLines(cell.source)]),
    ...(typeof source === "string"
      ? [cell === undefined ? "code:" : "is to be:", ...indentLines(source)]
      : []),
    ...Object.entries(others).flatMap(([name, value]) =>
      typeof value === "string" && value.includes("\n")
        ? [`${name}:`, ...indentLines(value)]
        : [`${name}: ${typeof value === "string" ? value : JSON.stringify(value)}`],
    ),
  ];
  return `${[colors.bold(encodeText(title)), ...lines.map(encodeText)].join("\n")}\n`;
}

function fieldsOf(given: Action["call"]["arguments"]): Readonly<Record<string, unknown>> {
  if (typeof given !== "object" || given === null) return { arguments: given };
  return Object.fromEntries(Object.entries(given));
}

function indentLines(text: string): readonly string[] {
  const lines = text.split("\n");
  const shown = lines.slice(0, MOST_LINES).map((line) => `  ${line}`);
  return lines.length <= MOST_LINES ? shown : [...shown, `  ... ${lines.length - MOST_LINES} more lines`];
}

/** Null at the end of the input. @throws the signal's reason when aborted. */
function readLine(input: NodeJS.ReadableStream, signal: AbortSignal): Promise<string | null> {
  return new Promise((resolve, reject) => {
    // Without the terminal's raw mode: Ctrl-C stays the signal that it is everywhere else.
    const lines = createInterface({ input, terminal: false });
    const end = (settle: () => void) => (): void => {
      signal.removeEventListener("abort", onAbort);
      lines.removeAllListeners();
      lines.close();
      settle();
    };
    const onAbort = end(() => reject(signal.reason));
    lines.once("line", (line) => end(() => resolve(line))());
    lines.once("close", () => end(() => resolve(null))());
    signal.addEventListener("abort", onAbort, { once: true });
  });
}

function rejectOnAbort(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
