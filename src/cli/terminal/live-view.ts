// Owns: writing progress to standard error - a status that is redrawn on a terminal, plain lines elsewhere.
import { stderr } from "node:process";
import colors from "picocolors";

export interface LiveView {
  /** A line that stays. */
  line(text: string): void;
  /** Removes the status and holds lines back until the function that it gives is called: a question stands on the terminal. */
  readonly hold: () => () => void;
  /** Removes the status; nothing is drawn afterwards. */
  close(): void;
}

const REDRAW_MS = 250;

/** `status` gives the lines to show now. On a terminal it is called several times a second, elsewhere never. */
export function liveView(status: () => readonly string[], out: typeof stderr = stderr): LiveView {
  if (!out.isTTY) {
    const line = (text: string): void => void out.write(`${text}\n`);
    return { line, hold: () => () => undefined, close: () => undefined };
  }
  let drawn = 0;
  /** Lines held back; null while the view is not held. */
  let held: string[] | null = null;
  // Back to the first column too: a terminal writes "^C" where the cursor stands.
  const erase = (): string => (drawn === 0 ? "" : `\r\u001B[${drawn}A\u001B[0J`);
  const draw = (above: string): void => {
    const width = Math.max(20, (out.columns || 80) - 1);
    const lines = status().map((line) => (line.length > width ? `${line.slice(0, width - 1)}…` : line));
    out.write(erase() + above + lines.map((line) => `${colors.dim(line)}\n`).join(""));
    drawn = lines.length;
  };
  const timer = setInterval(() => held ?? draw(""), REDRAW_MS);
  timer.unref();
  const letGo = (): void => {
    const lines = held ?? [];
    held = null;
    if (lines.length > 0) draw(lines.map((text) => `${text}\n`).join(""));
  };
  return {
    line: (text) => void (held?.push(text) ?? draw(`${text}\n`)),
    hold: () => {
      out.write(erase());
      drawn = 0;
      held = [];
      return letGo;
    },
    close() {
      clearInterval(timer);
      letGo();
      out.write(erase());
      drawn = 0;
    },
  };
}
