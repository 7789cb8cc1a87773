// Owns: the plain text that a terminal would show: carriage returns and cursor moves carried out, colours taken out.

/** Sequences that move the cursor or erase; a stream without any is shown as it is. */
// oxlint-disable-next-line no-control-regex
const MOVES = /\r(?!\n)|\u0008|\u001B\[[\d;]*[A-HJK]/;
// oxlint-disable-next-line no-control-regex
const TOKEN = /(?<!\r)\r*\n|\r|\u0008|\u001B\[([\d;]*)([@-~])|\u001B\][^\u0007\u001B]*(?:\u0007|\u001B\\)/g;

/** A terminal ends somewhere: a move goes no further to the right than this, or than the line does. */
const MOST_COLUMNS = 1_000;
/** Spaces that moves and erasures may write, in all lines together: a short sequence asks for as many as it likes. */
const MOST_BLANKS = 1_000_000;

interface Screen {
  /** Each line by its characters: what is written over a long line costs no more than it is long itself. */
  readonly lines: string[][];
  row: number;
  column: number;
  blanksLeft: number;
}

/** The text as the screen shows it in the end. Source: ECMA-48 (CUU, CUD, CHA, CUP, ED, EL). */
export function toScreenText(text: string): string {
  if (!MOVES.test(text)) return text.replaceAll("\r\n", "\n");
  const screen: Screen = { lines: [[]], row: 0, column: 0, blanksLeft: MOST_BLANKS };
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
  return screen.lines.map((line) => line.join("").trimEnd()).join("\n");
}

function lineAt({ lines, row }: Screen): string[] {
  return (lines[row] ??= []);
}

function write(screen: Screen, text: string): void {
  if (text === "") return;
  const line = lineAt(screen);
  const gap = Math.min(Math.max(0, screen.column - line.length), screen.blanksLeft);
  writeBlanks(screen, line.length, gap);
  screen.column = Math.min(screen.column, line.length);
  for (let i = 0; i < text.length; i++) line[screen.column + i] = text.charAt(i);
  screen.column += text.length;
}

function writeBlanks(screen: Screen, from: number, count: number): void {
  const line = lineAt(screen);
  screen.blanksLeft -= count;
  for (let i = 0; i < count; i++) line[from + i] = " ";
}

/** Below the last line there are as many lines as needed; above the first there are none. */
function moveTo(screen: Screen, row: number, column: number): void {
  screen.row = Math.min(Math.max(0, row), screen.lines.length);
  if (screen.row === screen.lines.length) screen.lines.push([]);
  screen.column = Math.min(column, Math.max(MOST_COLUMNS, lineAt(screen).length));
}

function applyControl(screen: Screen, kind: string, parameters: string): void {
  const count = Math.min(Number(parameters.split(";", 1)[0]) || 0, Number.MAX_SAFE_INTEGER);
  const steps = Math.max(1, count);
  const { row, column } = screen;
  if (kind === "A") moveTo(screen, row - steps, column);
  else if (kind === "B") moveTo(screen, row + steps, column);
  else if (kind === "F") moveTo(screen, row - steps, 0);
  else if (kind === "E") moveTo(screen, row + steps, 0);
  else if (kind === "G") moveTo(screen, row, Math.max(0, count - 1));
  else if (kind === "C") moveTo(screen, row, column + steps);
  else if (kind === "D") moveTo(screen, row, Math.max(0, column - steps));
  else if (kind === "H") moveTo(screen, 0, 0);
  else if (kind === "K") clearLine(screen, count);
  else if (kind === "J" && count >= 2) {
    screen.lines.splice(0, screen.lines.length, []);
    moveTo(screen, 0, 0);
  }
}

/** `EL`: to the end (0), from the start (1), all of it (2). */
function clearLine(screen: Screen, what: number): void {
  const line = lineAt(screen);
  if (what === 0) line.length = Math.min(line.length, screen.column);
  else if (what === 1) writeBlanks(screen, 0, Math.min(screen.column, line.length, screen.blanksLeft));
  else if (what === 2) line.length = 0;
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
