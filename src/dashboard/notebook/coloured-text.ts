// Owns: a terminal's colours in a text as runs with the classes of a style sheet. Linear, and no more runs than can be drawn. Pure.

/** A piece of text and its classes, separated by spaces; empty for none. */
export interface ColouredRun {
  readonly text: string;
  readonly classes: string;
}

/** What follows so many changes of colour is shown without. */
const MOST_RUNS = 5_000;
// oxlint-disable-next-line no-control-regex
const SEQUENCE = /\u001B\[([\d;:]{0,60})([@-~])/g;
// oxlint-disable-next-line no-control-regex
const OTHER = /[\u0000-\u0008\u000B-\u001F\u007F]/g;
const NAMES = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"] as const;

interface TerminalLook {
  bold: boolean;
  italic: boolean;
  underline: boolean;
  front: string;
  back: string;
}

const plainLook = (): TerminalLook => ({ bold: false, italic: false, underline: false, front: "", back: "" });

export function colouredRuns(text: string): readonly ColouredRun[] {
  const runs: ColouredRun[] = [];
  const look = plainLook();
  let at = 0;
  const put = (piece: string): void => {
    const shown = piece.replaceAll(OTHER, "");
    if (shown === "") return;
    const classes = classesOf(look);
    const last = runs.at(-1);
    if (last?.classes === classes) runs[runs.length - 1] = { text: last.text + shown, classes };
    else runs.push({ text: shown, classes });
  };
  for (const found of text.matchAll(SEQUENCE)) {
    put(text.slice(at, found.index));
    at = found.index + found[0].length;
    if (runs.length > MOST_RUNS) {
      Object.assign(look, plainLook());
      put(text.slice(at).replaceAll(SEQUENCE, ""));
      return runs;
    }
    if (found[2] === "m") changeLook(look, found[1] ?? "");
  }
  put(text.slice(at));
  return runs;
}

function classesOf({ bold, italic, underline, front, back }: TerminalLook): string {
  const words = [
    ...(bold ? ["ansi-bold"] : []),
    ...(italic ? ["ansi-italic"] : []),
    ...(underline ? ["ansi-underline"] : []),
    ...(front === "" ? [] : [`ansi-${front}`]),
    ...(back === "" ? [] : [`ansi-on-${back}`]),
  ];
  return words.join(" ");
}

/** Source: ECMA-48, SGR, and xterm's colours of 256 and of 24 bits, each as the nearest of the eight. */
function changeLook(look: TerminalLook, parameters: string): void {
  const codes = parameters.split(/[;:]/).map(Number);
  for (let at = 0; at < codes.length; at++) {
    const code = codes[at] ?? 0;
    if (code === 0) Object.assign(look, plainLook());
    else if (code === 1) look.bold = true;
    else if (code === 3) look.italic = true;
    else if (code === 4) look.underline = true;
    else if (code === 22) look.bold = false;
    else if (code === 23) look.italic = false;
    else if (code === 24) look.underline = false;
    else if (code === 39) look.front = "";
    else if (code === 49) look.back = "";
    else if (code === 38 || code === 48) {
      const [name, taken] = farColour(codes.slice(at + 1, at + 5));
      if (code === 38) look.front = name;
      else look.back = name;
      at += taken;
    } else if ((code >= 30 && code <= 37) || (code >= 90 && code <= 97)) look.front = NAMES[code % 10] ?? "";
    else if ((code >= 40 && code <= 47) || (code >= 100 && code <= 107)) look.back = NAMES[code % 10] ?? "";
  }
}

function farColour([kind, a = 0, b = 0, c = 0]: readonly number[]): readonly [name: string, taken: number] {
  if (kind === 2) return [nearest(a, b, c), 4];
  if (kind !== 5) return ["", 1];
  if (a < 16) return [NAMES[a % 8] ?? "", 2];
  const cube = a - 16;
  const part = (n: number): number => (n % 6) * 51;
  return [a < 232 ? nearest(part(cube / 36), part(cube / 6), part(cube)) : "", 2];
}

function nearest(red: number, green: number, blue: number): string {
  const most = Math.max(red, green, blue);
  if (most - Math.min(red, green, blue) < 40) return "";
  const on = (value: number): number => Number(value > most / 2);
  return NAMES[on(red) + 2 * on(green) + 4 * on(blue)] ?? "";
}
