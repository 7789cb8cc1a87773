import { describe, expect, test } from "vitest";
import { decodeString } from "../../../src/core/python/python-strings.ts";
import { parsePython } from "../../../src/core/python/parse-python.ts";
import { literalValue } from "../../../src/core/python/python-literal.ts";

describe("a string literal", () => {
  test.each([
    ["plain", `'a"b'`, 'a"b'],
    ["of three quotes", `"""a\n"b" """`, 'a\n"b" '],
    ["raw", String.raw`r"\n"`, String.raw`\n`],
    ["with escapes", String.raw`"\t\x41\u00e9\101\0"`, "\tAé\u0041\0"],
    ["of eight digits", String.raw`"\U0001F600"`, "\u{1F600}"],
    ["with escapes that Python leaves", String.raw`"\X41\q"`, String.raw`\X41\q`],
    ["with a character that there is none of", String.raw`"\U00FFFFFF"`, String.raw`\U00FFFFFF`],
  ])("%s is what Python reads", (_, literal, text) => {
    expect(decodeString(literal)).toBe(text);
  });

  test.each([String.raw`"\N{DASH}"`, `f"{x}"`, `b"x"`])("%s is no value of a task", (literal) => {
    const node = parsePython(literal).topNode.firstChild?.firstChild;
    expect(node?.name).toMatch(/String$/);
    expect(node && literalValue(node, literal)).toBeUndefined();
  });
});
