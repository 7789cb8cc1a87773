// Owns: writing progress to standard error - a status that is redrawn on a terminal, plain lines elsewhere, and among them the
// status once a minute.
import colors from "picocolors";
import { countColumns, encodeText, errorStream, fitColumns } from "./screen.ts";

export interface LiveView {
  /** A line that stays. */
  line(text: string): void;
  /** Removes the status and holds lines back until the function that it gives is called: a question stands on the terminal. */
  readonly hold: () => () => void;
  /** Removes the status; nothing is drawn afterwards. */
  close(): void;
}

const REDRAW_MS = 250;

/** What a view writes to. */
type ViewStream = Pick<typeof errorStream, "isTTY" | "columns" | "rows"> & { write(text: string): unknown };

/** The time, and what is done again and again until the function that is given is called. */
export interface ViewClock {
  now(): number;
  repeat(act: () => void, everyMs: number): () => void;
}

const REAL_TIME: ViewClock = {
  now: () => performance.now(),
  repeat(act, everyMs) {
    const timer = setInterval(act, everyMs);
    timer.unref();
    return () => clearInterval(timer);
  },
};

/** The lines to show now, for so many columns; without end where there is no terminal. */
type Status = (columns: number) => readonly string[];

/** On a terminal the status is asked for several times a second, elsewhere once a minute. */
export function liveView(
  status: Status,
  out: ViewStream = errorStream,
  pace: ViewClock = REAL_TIME,
): LiveView {
  return out.isTTY ? redrawnView(status, out, pace) : plainView(status, out, pace);
}

const STATUS_MS = 60_000;

function plainView(status: Status, out: ViewStream, pace: ViewClock): LiveView {
  const line = (text: string): void => void out.write(`${encodeText(text)}\n`);
  const close = pace.repeat(() => {
    const lines = status(Infinity).map((text) => text.trim());
    line(lines.join(" | "));
  }, STATUS_MS);
  return { line, hold: () => () => undefined, close };
}

/** At most so many lines: what has scrolled off a terminal cannot be erased. */
function fitRows(lines: readonly string[], most: number): readonly string[] {
  if (lines.length <= most) return lines;
  const shown = Math.max(1, most - 1);
  return [...lines.slice(0, shown), `  ... and ${lines.length - shown} more`].slice(0, Math.max(1, most));
}

function redrawnView(status: Status, out: ViewStream, pace: ViewClock): LiveView {
  let drawn: readonly string[] = [];
  /** Lines held back; null while the view is not held. */
  let held: string[] | null = null;
  // Back to the first column too: a terminal writes "^C" where the cursor stands. One that was made narrower since has broken
  // the lines.
  const erase = (): string => {
    if (drawn.length === 0) return "";
    const columns = out.columns || 80;
    const rows = drawn.map((line) => Math.max(1, Math.ceil(countColumns(line) / columns)));
    return `\r\u001B[${rows.reduce((sum, count) => sum + count)}A\u001B[0J`;
  };
  const draw = (above: string): void => {
    const width = Math.max(20, (out.columns || 80) - 1);
    const lines = fitRows(status(width), (out.rows || 24) - 1).map((line) => fitColumns(line, width));
    out.write(erase() + above + lines.map((line) => `${colors.dim(line)}\n`).join(""));
    drawn = lines;
  };
  const stop = pace.repeat(() => {
    if (held === null) draw("");
  }, REDRAW_MS);
  const letGo = (): void => {
    const lines = held ?? [];
    held = null;
    if (lines.length > 0) draw(lines.map((text) => `${text}\n`).join(""));
  };
  return {
    line(text) {
      const line = encodeText(text);
      if (held === null) draw(`${line}\n`);
      else held.push(line);
    },
    hold: () => {
      out.write(erase());
      drawn = [];
      held = [];
      return letGo;
    },
    close() {
      stop();
      letGo();
      out.write(erase());
      drawn = [];
    },
  };
}
