// Owns: what the head of a user's table holds: how its fields are separated, which columns are numbers. Never reads the rest of it.
import { createReadStream } from "node:fs";
import { decodeText } from "../core/decode-text.ts";
import { messageOf, RunError } from "../core/errors.ts";

/** What a first notebook about a table needs to know. */
export interface TableHead {
  /** Between two fields: `,`, `;` or a tab. */
  readonly separator: string;
  /** Names of the columns of numbers, in order; two at least. */
  readonly numbers: readonly string[];
  /** Names of the other columns. */
  readonly others: readonly string[];
  /** Lines of the head, the first without, that lack a number in one of those columns. */
  readonly incomplete: number;
}

const LOOKED_AT = 256 * 1024;
const SEPARATORS = [",", ";", "\t"] as const;
const MOST_COLUMNS = 500;
const MOST_LINES = 1000;
const MOST_DIGITS = 400;
const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;

/** The head of the file; `shown`: what its user calls it. @throws RunError `bad-option` for what is no table of numbers. */
export async function readTableHead(path: string, shown: string): Promise<TableHead> {
  try {
    const bytes = await readHead(path);
    return tableHead(decodeText(bytes));
  } catch (cause) {
    throw new RunError("bad-option", `--data ${shown}: ${messageOf(cause)}`, { cause });
  }
}

/** Whole lines of the beginning: a character is never cut. */
async function readHead(path: string): Promise<Uint8Array> {
  const parts: Buffer[] = [];
  for await (const part of createReadStream(path, { end: LOOKED_AT - 1 })) parts.push(Buffer.from(part));
  const bytes = Buffer.concat(parts);
  return bytes.length < LOOKED_AT ? bytes : bytes.subarray(0, bytes.lastIndexOf(0x0a) + 1);
}

/** What a text begins with. @throws Error whose words follow the name of the file. */
export function tableHead(text: string): TableHead {
  if (text.trim() === "") throw new Error("it is empty; a table begins with a line of names");
  const separator = separatorOf(text);
  const [first = [], ...lines] = recordsOf(text, separator).slice(0, MOST_LINES);
  const names = first.map((name) => name.trim());
  if (names.length > MOST_COLUMNS)
    throw new Error(`it has ${names.length} columns; the example takes ${MOST_COLUMNS} at most`);
  if (lines.length === 0) throw new Error("it has one line only; lines of numbers come below the names");
  if (names.every((name) => isNumber(name, separator)))
    throw new Error("its first line holds numbers; add a line of names above it");
  const twice = names.find((name, at) => names.indexOf(name) < at);
  if (twice !== undefined)
    throw new Error(`two columns are called ${JSON.stringify(twice)}; give each a name of its own`);
  const isNumeric = names.map((_, at) => {
    const filled = lines.filter((line) => isNumber(line[at] ?? "", separator)).length;
    return filled > 0 && filled * 2 >= lines.length;
  });
  const numbers = names.filter((_, at) => isNumeric[at]);
  if (numbers.length < 2) throw new Error(tooFew(numbers));
  const whole = lines.filter((line) =>
    isNumeric.every((is, at) => !is || isNumber(line[at] ?? "", separator)),
  );
  if (whole.length === 0)
    throw new Error(`no line that was read has a number in each of the columns ${numbers.join(", ")}`);
  const others = names.filter((_, at) => isNumeric[at] === false);
  return { separator, numbers, others, incomplete: lines.length - whole.length };
}

const tooFew = (numbers: readonly string[]): string =>
  `${numbers.length === 0 ? "no column" : `only the column ${JSON.stringify(numbers[0])}`} holds numbers in most of its lines, and the ` +
  "example predicts one column of numbers from others; without --data you get an example for any task";

/** What was found, in a sentence. */
export function describeTable({ numbers, others, incomplete, separator }: TableHead): string {
  const between =
    { ";": ", with semicolons between them", "\t": ", with tabs between them" }[separator] ?? "";
  const left =
    others.length === 0
      ? ""
      : `; ${joinNames(others)} ${others.length === 1 ? "is" : "are"} text or mostly empty, and left out`;
  const lacking =
    incomplete === 0
      ? ""
      : ` Lines that lack a number in one of those (${incomplete} of the first ones) are left out.`;
  const target = numbers.at(-1) ?? "";
  return (
    `${numbers.length + others.length} columns${between}: ${joinNames(numbers)} are numbers${left}.${lacking} ` +
    `The task is to predict ${shownName(target)}.`
  );
}

function joinNames(names: readonly string[]): string {
  const shown = names.slice(0, 8).map(shownName);
  if (names.length > shown.length) return `${shown.join(", ")} and ${names.length - shown.length} more`;
  const last = shown.pop() ?? "";
  return shown.length === 0 ? last : `${shown.join(", ")} and ${last}`;
}

const shownName = (name: string): string =>
  /^[\p{L}\p{N}_][^\p{C}]{0,59}$/u.test(name) ? name : JSON.stringify(name.slice(0, 60));

/** As the notebook that is written reads it: with semicolons between fields, a comma is a decimal point. */
function isNumber(field: string, separator: string): boolean {
  if (field.length > MOST_DIGITS) return false;
  const text = separator === ";" ? field.replaceAll(",", ".") : field;
  return NUMBER.test(text.trim()) && Number.isFinite(Number(text));
}

/** The one that the line of names has most often outside of quotes. */
function separatorOf(text: string): string {
  const names = text.trimStart().split(/[\r\n]/, 1)[0] ?? "";
  const bare = names.replaceAll(/"[^"]*"/g, "");
  const counts = SEPARATORS.map((separator) => bare.split(separator).length);
  return SEPARATORS[counts.indexOf(Math.max(...counts))] ?? ",";
}

/** Lines that hold something, in fields; quotes as Python's csv reads them. */
function recordsOf(text: string, separator: string): readonly (readonly string[])[] {
  const records: string[][] = [];
  let [record, field, isQuoted]: [string[], string[], boolean] = [[], [], false];
  const endField = (): void => {
    record.push(field.join(""));
    field = [];
  };
  const endRecord = (): void => {
    endField();
    if (record.some((one) => one.trim() !== "")) records.push(record);
    record = [];
  };
  for (let at = 0; at < text.length; at += 1) {
    const letter = text[at] ?? "";
    if (isQuoted && letter === '"' && text[at + 1] === '"') {
      field.push('"');
      at += 1;
    } else if (letter === '"' && (isQuoted || field.length === 0)) isQuoted = !isQuoted;
    else if (isQuoted) field.push(letter);
    else if (letter === separator) endField();
    else if (letter === "\n" || letter === "\r") endRecord();
    else field.push(letter);
  }
  endRecord();
  return records;
}
