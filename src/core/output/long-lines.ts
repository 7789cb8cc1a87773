// Owns: shortening long lines. What is missing is counted.
import { wholeCharacter } from "./cap.ts";

/** The line, or its first 70% and last 30% with the number of characters in between. */
export function shortLine(line: string, maxColumns: number): string {
  if (line.length <= maxColumns) return line;
  const head = wholeCharacter(line, Math.ceil(maxColumns * 0.7));
  const tail = wholeCharacter(line, line.length - Math.floor(maxColumns * 0.3));
  return `${line.slice(0, head)} ... ${tail - head} characters omitted ... ${line.slice(tail)}`;
}
