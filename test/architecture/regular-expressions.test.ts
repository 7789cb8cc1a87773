// Every regular expression of this code takes time in proportion to its text. Each literal is found in the sources, so that
// a new one is tried too, on long runs of the characters and words that it names itself: the texts that make a backtracking
// search begin again and again. Time is the processor's, of which a linear search takes a hundredth of the limit.
import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { regexpsOf } from "./source-text.ts";

/** What meets text of others: everything but scripts of this checkout and measurements. */
const FOLDERS = ["src", "strategies", "renderers"];
const OTHERS = /^src\/(?:dev|testing)\//;

/** Small ones first: a cubic search of a long text would not end. */
const SIZES = [300, 1_500, 12_000, 40_000];
/** A linear search of the longest text takes 1 ms or less, a quadratic one seconds. */
const MOST_MS = 60;

interface Found {
  readonly place: string;
  readonly pattern: RegExp;
}

function literalsIn(file: string, text: string): readonly Found[] {
  return regexpsOf(text).flatMap((literal) => {
    const [, source = "", flags = ""] = /^\/(.*)\/([dgimsuvy]*)$/.exec(literal) ?? [];
    // A path within a template looks like one, but has no flags.
    return source === "" ? [] : [{ place: `${file} ${literal}`, pattern: new RegExp(source, flags) }];
  });
}

function literals(): readonly Found[] {
  const root = fileURLToPath(new URL("../../", import.meta.url));
  const files = FOLDERS.flatMap((folder) =>
    readdirSync(`${root}${folder}`, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts"))
      .map((name) => `${folder}/${name.replaceAll("\\", "/")}`),
  ).filter((file) => !OTHERS.test(file));
  const all = files.flatMap((file) => literalsIn(file, readFileSync(`${root}${file}`, "utf8")));
  return [...new Map(all.map((one) => [String(one.pattern), one])).values()];
}

/** Beside what an expression names itself. */
const COMMON = ["a", "A", "0", " ", "\t", "\n", "\r", "-", "(", "\uD800"];

/** Characters and words that the expression names: what it repeats is among them. */
function piecesOf({ source, flags }: RegExp): readonly string[] {
  const classes: Readonly<Record<string, string>> = {
    w: "a",
    d: "1",
    s: " ",
    W: "-",
    D: "a",
    S: "a",
    n: "\n",
    t: "\t",
    r: "\r",
  };
  const words =
    source.replaceAll(/\\[A-Za-z]/g, "|").match(/(?:[A-Za-z0-9_ :;,<>=!@#%&~"'`-]|\\[^A-Za-z0-9]){2,}/g) ??
    [];
  const escapes = [...source.matchAll(/\\(.)/g)].map(([, letter = ""]) => classes[letter] ?? letter);
  const singles = source.replaceAll(/\\u[\da-fA-F]{4}|\\./g, "").match(/[^\\^$|?*+(){}[\]]/g) ?? [];
  const coded = [...source.matchAll(/\\u([\da-fA-F]{4})/g)].map(([, code = ""]) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  );
  const plain = words.map((word) => word.replaceAll("\\", ""));
  const found = [...plain, ...escapes, ...singles, ...coded].filter((piece) => piece !== "");
  const cased = flags.includes("i") ? found.map((piece) => piece.toLowerCase()) : found;
  const own = cased.filter((piece) => !COMMON.includes(piece));
  return [...new Set(own), ...COMMON];
}

/** Runs of one piece, or of two in turn (`for for for`, `,,x,,x`), behind a beginning and before an end that no match survives. */
function* textsFor(pattern: RegExp, size: number): Generator<string> {
  const pieces = piecesOf(pattern);
  const own = pieces.slice(0, pieces.length - COMMON.length);
  const repeat = (piece: string): string => piece.repeat(Math.ceil(size / piece.length));
  const words = own.filter((piece) => piece.length > 1).join("");
  for (const piece of pieces)
    for (const head of ["", `\u0001${words}`])
      for (const end of ["\u0001", "\n\u0001", `\u0001${piece}\u0001`]) yield head + repeat(piece) + end;
  for (const one of own.slice(0, 8))
    for (const other of [...own.slice(0, 8), " ", "a"]) yield `${repeat(one + other)}\u0001`;
}

/** The slowest of the texts, in milliseconds of the processor; stops at the first that is too slow. */
function slowestMs(pattern: RegExp): number {
  let most = 0;
  for (const size of SIZES) {
    for (const text of textsFor(pattern, size)) {
      const ms = processorMs(() => search(pattern, text));
      // Once more: a collection of garbage, or a compilation, is no search.
      most = Math.max(
        most,
        ms > MOST_MS
          ? Math.min(
              ms,
              processorMs(() => search(pattern, text)),
            )
          : ms,
      );
      if (most > MOST_MS) return most;
    }
  }
  return most;
}

function search(pattern: RegExp, text: string): void {
  pattern.lastIndex = 0;
  if (pattern.flags.includes("g")) text.replaceAll(pattern, "");
  else pattern.exec(text);
}

function processorMs(act: () => void): number {
  const before = process.cpuUsage();
  act();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

test("each takes time in proportion to its text", () => {
  const all = literals();
  expect(all.length).toBeGreaterThan(250);
  const slow = all.flatMap(({ place, pattern }) => (slowestMs(pattern) > MOST_MS ? [place] : []));
  expect(slow).toEqual([]);
});

test.each([
  [/\s+$/],
  [/^\n+|\n+$/g],
  [/(?:[A-Za-z0-9+/]{60,}\r?\n[ \t]*){2,}/g],
  [/\bfor\b[^\n]*,[ \t]*\*/],
  [/<tr[^>]*>([\s\S]*?)<\/tr>/gi],
  [/<t([hd])[^>]*>([\s\S]*?)<\/t\1>/gi],
  [/(`{3,})([^\n`]*)$/gm],
  [/role.*(system|developer)/i],
])("finds that %s does not", (pattern) => {
  expect(slowestMs(pattern)).toBeGreaterThan(MOST_MS);
});
