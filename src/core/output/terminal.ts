// Owns: the plain text that a terminal would show: carriage returns and cursor moves carried out, colours taken out.

/** Sequences that move the cursor or erase; a stream without any is shown as it is. */
// oxlint-disable-next-line no-control-regex
const MOVES = /\r(?!\n)|\u0008|\u001B\[[\d;]*[A-HJK]/;
// oxlint-disable-next-line no-control-regex
const TOKEN = /\r*\n|\r|\u0008|\u001B\[([\d;]*)([@-~])|\u001B\][^\u0007\u001B]*(?:\u0007|\u001B\\)/g;

interface Screen {
  readonly lines: string[];
  row: number;
  column: number;
}

/** The text as the screen shows it in the end. Source: ECMA-48 (CUU, CUD, CHA, CUP, ED, EL). */
export function toScreenText(text: string): string {
  if (!MOVES.test(text)) return text.replaceAll("\r\n", "\n");
  const screen: Screen = { lines: [""], row: 0, column: 0 };
  let at = 0;
  for (const token of text.matchAll(TOKEN)) {
    write(screen, text.slice(at, token.index));
    at = token.index + token[0].length;
    if (token[0].endsWith("\n")) moveTo(screen, screen.row + 1, 0);
    else if (token[0] === "\r") screen.column = 0;
    else if (token[0] === "\u0008") screen.column = Math.max(0, screen.column - 1);
    else if (token[2] !== undefined) applyControl(screen, token[2], token[1] ?? "");
  }
  write(screen, text.slice(at));
  return screen.lines.map((line) => line.trimEnd()).join("\n");
}

function write(screen: Screen, text: string): void {
  if (text === "") return;
  const line = (screen.lines[screen.row] ?? "").padEnd(screen.column);
  const end = screen.column + text.length;
  screen.lines[screen.row] = line.slice(0, screen.column) + text + line.slice(end);
  screen.column = end;
}

/** Below the last line there are as many lines as needed; above the first there are none. */
function moveTo(screen: Screen, row: number, column: number): void {
  screen.row = Math.min(Math.max(0, row), screen.lines.length);
  if (screen.row === screen.lines.length) screen.lines.push("");
  screen.column = column;
}

function applyControl(screen: Screen, kind: string, parameters: string): void {
  const count = Number(parameters.split(";")[0]) || 0;
  const line = screen.lines[screen.row] ?? "";
  if (kind === "A") moveTo(screen, screen.row - Math.max(1, count), screen.column);
  else if (kind === "B") moveTo(screen, screen.row + Math.max(1, count), screen.column);
  else if (kind === "F") moveTo(screen, screen.row - Math.max(1, count), 0);
  else if (kind === "E") moveTo(screen, screen.row + Math.max(1, count), 0);
  else if (kind === "G") screen.column = Math.max(0, count - 1);
  else if (kind === "C") screen.column += Math.max(1, count);
  else if (kind === "D") screen.column = Math.max(0, screen.column - Math.max(1, count));
  else if (kind === "H") moveTo(screen, 0, 0);
  else if (kind === "K") screen.lines[screen.row] = clearLine(line, screen.column, count);
  else if (kind === "J" && count >= 2) screen.lines.splice(0, screen.lines.length, "");
  if (kind === "J" && count >= 2) moveTo(screen, 0, 0);
}

/** `EL`: to the end (0), from the start (1), all of it (2). */
function clearLine(line: string, column: number, what: number): string {
  if (what === 0) return line.slice(0, column);
  return what === 1 ? " ".repeat(Math.min(column, line.length)) + line.slice(column) : "";
}

// CSI and OSC sequences, and the two-character ones. Source: ECMA-48, sections 5.4 and 8.3.89.
// oxlint-disable-next-line no-control-regex
const SEQUENCE = /\u001B(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001B]*(?:\u0007|\u001B\\)|[@-Z\\-_])/g;
// oxlint-disable-next-line no-control-regex
const LONE = /[\u0000-\u0008\u000B-\u001F\u007F]/g;

/** The text without escape sequences and control characters; tabs and newlines stay. */
export function withoutControls(text: string): string {
  return text.replace(SEQUENCE, "").replace(LONE, "");
}
