// Whatever a cell, a model or a file says: no character that a terminal obeys leaves the command line, and what is meant for
// one line of the terminal takes no more than its columns.
import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { expect, test } from "vitest";
import { encodeJson, encodeText, fitColumns } from "../../../src/cli/terminal/screen.ts";
import { testPython } from "../../support/python.ts";

/** What a terminal obeys, or what shows text otherwise than it stands. */
const OBEYED =
  /(?![\t\n])\p{Cc}|[\u00AD\u061C\u200B\u200C\u200E\u200F\u2028-\u202E\u2060-\u2069\uFEFF]|[\u{E0000}-\u{E007F}]|\p{Cs}/u;

const HOSTILE = [
  "\u001B]0;title\u0007",
  "\u001B[2J",
  "\u009B31m",
  "\u009D0;x\u009C",
  "\u0090q\u001B\\",
  "\u202Eevil\u202C",
  "\u2066x\u2069",
  "a\rb",
  "\u0008\u0008",
  "\u200Bx",
  "\uD800",
  "\uDC00",
  "\u{E0041}",
  "\u2028",
  "\uFEFF",
  "\u007F",
  "\u001B[?1049h",
  "\u001B]52;c;eA==\u0007",
  "\u{1F468}\u200D\u{1F469}",
  "a\u200Db",
];
const texts = fc
  .array(fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: "binary" })))
  .map((all) => all.join(""));

test("nothing is obeyed, whatever the text", () => {
  fc.assert(
    fc.property(texts, (text) => {
      expect(encodeText(text)).not.toMatch(OBEYED);
    }),
  );
});

test.each([
  ["\u001B]0;title\u0007", "\u241B]0;title\u2407"],
  ["\u001B[2J", "\u241B[2J"],
  ["\u009B2J", "\uFFFD2J"],
  ["\u202Eevil", "\uFFFDevil"],
  ["one\r\ntwo\tthree\n", "one\ntwo\tthree\n"],
  ["50%\r100%", "50%\u240D100%"],
  [
    "gr\u00FC\u00DF \u6F22\u5B57 \u{1F468}\u200D\u{1F469}\u200D\u{1F467}",
    "gr\u00FC\u00DF \u6F22\u5B57 \u{1F468}\u200D\u{1F469}\u200D\u{1F467}",
  ],
  ["a\u200Db", "a\uFFFDb"],
  ["half \uD83D", "half \uFFFD"],
])("%j is shown as %j", (text, shown) => {
  expect(encodeText(text)).toBe(shown);
});

test("JSON is the same value, in characters that nothing obeys", () => {
  fc.assert(
    fc.property(texts, (text) => {
      const json = encodeJson({ [text]: [text] });
      expect(json).not.toMatch(OBEYED);
      expect(json).not.toContain("\n");
      expect(JSON.parse(json)).toEqual({ [text]: [text] });
    }),
  );
});

test.each([
  ["plain", 10, "plain"],
  ["0123456789", 10, "0123456789"],
  ["0123456789x", 10, "012345678\u2026"],
  ["\u6F22\u5B57\u6F22\u5B57", 8, "\u6F22\u5B57\u6F22\u5B57"],
  ["\u6F22\u5B57\u6F22\u5B57x", 8, "\u6F22\u5B57\u6F22\u2026"],
  ["e\u0301e\u0301e\u0301", 3, "e\u0301e\u0301e\u0301"],
  ["\u{1F600}\u{1F600}", 3, "\u{1F600}\u2026"],
  ["two\nlines\tx", 20, "two lines x"],
])("%j in %i columns is %j", (text, columns, shown) => {
  expect(fitColumns(text, columns)).toBe(shown);
});

/** As terminals count that draw each character by itself. IPython brings the package along. */
const COLUMNS = `
import json, sys, wcwidth
print(json.dumps([sum(max(0, wcwidth.wcwidth(c)) for c in text) for text in json.load(sys.stdin)]))`;

function columnsOnTerminal(shown: readonly string[]): readonly number[] {
  const input = JSON.stringify(shown);
  const counted: number[] = JSON.parse(
    execFileSync(testPython, ["-c", COLUMNS], { input, encoding: "utf8" }),
  );
  return counted;
}

const WIDE_TEXTS = [
  ...Array.from("漢字かなカナ한글ｆｕｌｌ，。「」"),
  "\u1112\u1161\u11AB",
  "\u{1F468}\u200D\u{1F469}\u200D\u{1F467}",
  ..."👍🏽 🇩🇪 ❤️ 1️⃣ ⏰ ☰ 🈚 𝌆 क्ष நி กำ é".split(" "),
  "\u{18D00}\u{1F200}\u{1F260}",
];

test("a line takes no more columns than it was given, however a terminal counts them", () => {
  const line = fc
    .array(fc.oneof(fc.constantFrom(...WIDE_TEXTS), fc.string({ unit: "grapheme" }), texts), {
      maxLength: 40,
    })
    .map((parts) => parts.join(""));
  fc.assert(
    fc.property(fc.array(line, { minLength: 50 }), fc.integer({ min: 20, max: 100 }), (all, columns) => {
      const shown = all.map((text) => fitColumns(text, columns));
      expect(Math.max(...columnsOnTerminal(shown))).toBeLessThanOrEqual(columns);
    }),
    { numRuns: 30 },
  );
});

test("every character that Unicode calls wide takes two columns", () => {
  const program = `
import unicodedata as u
wide = (c for c in range(0x110000) if u.east_asian_width(chr(c)) in "WF")
print(" ".join(str(c) for c in wide if u.category(chr(c)) not in ("Cn", "Cs", "Mn")))`;
  const listed = execFileSync(testPython, ["-c", program], { encoding: "utf8" });
  const characters = listed
    .trim()
    .split(" ")
    .map((code) => String.fromCodePoint(Number(code)));
  expect(characters.length).toBeGreaterThan(100_000);
  expect(characters.filter((one) => fitColumns(one.repeat(3), 5) === one.repeat(3))).toEqual([]);
});

test("a line takes one line, whatever the text", () => {
  fc.assert(
    fc.property(texts, fc.integer({ min: 20, max: 200 }), (text, columns) => {
      expect(fitColumns(text, columns)).not.toMatch(/\n|\t/);
    }),
  );
});
