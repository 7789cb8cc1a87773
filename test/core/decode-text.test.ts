// A text file is read as what it is, or refused by the name of its encoding: never as another text.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeText } from "../../src/core/decode-text.ts";

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const wide = (text: string, width: 2 | 4, big: boolean): Uint8Array => {
  const units =
    width === 2
      ? text.split("").map((unit) => unit.charCodeAt(0))
      : Array.from(text, (one) => one.codePointAt(0) ?? 0);
  const bytes = units.map((unit) => Array.from({ length: width }, (_, i) => (unit >>> (8 * i)) & 255));
  return Uint8Array.from(bytes.flatMap((one) => (big ? one.toReversed() : one)));
};
const MARK = "\uFEFF";

test("UTF-8 is read as it was written, with a byte order mark or without", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.boolean(), (text, marked) => {
      fc.pre(!text.startsWith(MARK) && !text.includes("\0"));
      expect(decodeText(bytesOf(marked ? MARK + text : text))).toBe(text);
    }),
  );
});

test("whatever the bytes are, the text that is read has them again", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      let text: string;
      try {
        text = decodeText(bytes);
      } catch (error) {
        expect(String(error)).toMatch(/no UTF-8|not in UTF-8|zero byte/);
        return;
      }
      const again = bytesOf(text);
      expect([again, bytesOf(MARK + text)]).toContainEqual(bytes);
    }),
    { numRuns: 2_000 },
  );
});

describe("UTF-16 and UTF-32, as Windows writes them", () => {
  const text = `{"cells": [], "title": "größte Lösung 🎈"}\nKEY=value\n`;
  test.each([
    ["UTF-16LE", 2, false],
    ["UTF-16BE", 2, true],
    ["UTF-32LE", 4, false],
    ["UTF-32BE", 4, true],
  ] as const)("%s is named, with a mark or without, and how to convert it", (name, width, big) => {
    for (const written of [text, MARK + text])
      expect(() => decodeText(wide(written, width, big))).toThrow(
        `it is in ${name}, not in UTF-8. Save it as UTF-8 in its editor, or convert it with iconv -f ${name} -t UTF-8`,
      );
  });
});

test.each([
  ["Shift JIS", "23208dc5934b89bb82cc8c8b89ca"],
  ["GBK", "2320d3c5bbafbde1b9fb"],
  ["Big5", "2320b3cca8cea4c6b5b2aa47"],
  ["EUC-KR", "2320c3d6c0fbc8ad20b0e1b0fa"],
  ["EUC-JP", "2320bac7c5acb2bda4ceb7ebb2cc"],
  ["KOI8-R", "2320d2c5dad5ccd8d4c1d4"],
  ["Latin-1", "23206772f6df7465204cf673756e67"],
])("a file in %s is refused with the line and the byte", (_, hex) => {
  const bytes = Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  const first = (bytes.find((byte) => byte > 127) ?? 0).toString(16).toUpperCase();
  expect(() => decodeText(Uint8Array.from([...bytesOf("one\ntwo\n"), ...bytes]))).toThrow(
    `the byte 0x${first} in line 3 is no UTF-8`,
  );
});

test.each([
  ["a character cut in the middle", bytesOf("a\nß").subarray(0, 3), "line 2 is no UTF-8"],
  ["one that could begin U+FFFD", Uint8Array.of(0x61, 0xef, 0xbf), "line 1 is no UTF-8"],
  ["half of a pair", Uint8Array.of(0x61, 0xed, 0xa0, 0xbd), "line 1 is no UTF-8"],
  ["a zero byte", bytesOf("a\nb\0"), "line 2 holds a zero byte"],
])("%s is refused", (_, bytes, words) => {
  expect(() => decodeText(bytes)).toThrow(words);
});

test("U+FFFD itself is text", () => {
  expect(decodeText(bytesOf("a\uFFFDb"))).toBe("a\uFFFDb");
});
