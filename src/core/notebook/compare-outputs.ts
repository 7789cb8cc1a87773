// Owns: what cells show and names hold now that they did not before, in words. Pictures are compared by number and kind.
// Pure.
import type { Output, StateDescription } from "../../contracts/index.ts";

const LINE = 120;

/** What differs between a cell's outputs then and now; null when nothing does. */
export function compareOutputs(then: readonly Output[], now: readonly Output[]): string | null {
  const [failure, failed] = [errorIn(then), errorIn(now)];
  if (failure !== failed) {
    if (failed === null) return `raised no error, though it had: ${failure}`;
    return failure === null ? `raised ${failed}` : `raised ${failed}, not ${failure}`;
  }
  const [before, after] = [linesShown(then), linesShown(now)];
  const at = before.findIndex((line, index) => line !== after[index]);
  if (at >= 0 && after[at] !== undefined)
    return `shows ${quoteLine(after[at])}, not ${quoteLine(before[at] ?? "")}`;
  if (at >= 0) return `does not show ${quoteLine(before[at] ?? "")} any more`;
  const more = after[before.length];
  return more === undefined ? null : `shows ${quoteLine(more)} besides`;
}

function errorIn(outputs: readonly Output[]): string | null {
  const error = outputs.findLast((output) => output.output_type === "error");
  return error === undefined ? null : `${error.ename}: ${firstLine(error.evalue)}`;
}

/** Text line by line, standard output and standard error apart, and a line for each picture. */
function linesShown(outputs: readonly Output[]): readonly string[] {
  const streams = ["stdout", "stderr"].flatMap((name) =>
    splitLines(
      outputs
        .filter((output) => output.output_type === "stream" && output.name === name)
        .map((output) => asText(output["text"]))
        .join(""),
    ),
  );
  const displays = outputs.flatMap((output) => {
    if (output.output_type !== "display_data" && output.output_type !== "execute_result") return [];
    const kinds = Object.keys(output.data).filter((mime) => mime.startsWith("image/"));
    return kinds.length > 0 ? kinds : splitLines(asText(output.data["text/plain"] ?? ""));
  });
  return [...streams, ...displays];
}

function asText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function splitLines(text: string): readonly string[] {
  return text === "" ? [] : text.trimEnd().split("\n").map(withoutAddress);
}

/** Where an object lies in memory says nothing. */
function withoutAddress(line: string): string {
  return line.replaceAll(/\b0x[0-9a-f]{6,}\b/g, "0x...");
}

function firstLine(text: string): string {
  return text.split("\n")[0] ?? "";
}

function quoteLine(line: string): string {
  return JSON.stringify(line.length <= LINE ? line : `${line.slice(0, LINE - 3)}...`);
}

/** Names that are gone, and names that hold something else. A name that came in addition is no loss. */
export function findChangedNames(
  before: StateDescription,
  now: StateDescription,
): { readonly missing: readonly string[]; readonly changed: readonly string[] } {
  const names = Object.keys(before);
  const missing = names.filter((name) => !Object.hasOwn(now, name));
  const changed = names.filter((name) => {
    const [was, is] = [before[name], now[name]];
    return is !== undefined && (is[0] !== was?.[0] || is[1] !== was[1]);
  });
  return { missing, changed };
}
