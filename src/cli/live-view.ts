// Owns: writing progress to standard error - a status that is redrawn on a terminal, plain lines elsewhere.
import { stderr } from "node:process";
import colors from "picocolors";

export interface LiveView {
  /** A line that stays. */
  line(text: string): void;
  /** Removes the status; nothing is drawn afterwards. */
  close(): void;
}

const REDRAW_MS = 250;

/** `status`: the lines to show now; asked several times a second on a terminal, never elsewhere. */
export function liveView(status: () => readonly string[], out: typeof stderr = stderr): LiveView {
  if (!out.isTTY) return { line: (text) => void out.write(`${text}\n`), close: () => undefined };
  let drawn = 0;
  // Back to the first column too: a terminal writes "^C" where the cursor stands.
  const erase = (): string => (drawn === 0 ? "" : `\r\u001B[${drawn}A\u001B[0J`);
  const draw = (above: string): void => {
    const width = Math.max(20, out.columns - 1);
    const lines = status().map((line) => (line.length > width ? `${line.slice(0, width - 1)}…` : line));
    out.write(erase() + above + lines.map((line) => `${colors.dim(line)}\n`).join(""));
    drawn = lines.length;
  };
  const timer = setInterval(() => draw(""), REDRAW_MS);
  timer.unref();
  return {
    line: (text) => draw(`${text}\n`),
    close() {
      clearInterval(timer);
      out.write(erase());
      drawn = 0;
    },
  };
}
