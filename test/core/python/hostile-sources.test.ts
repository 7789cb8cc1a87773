// Sources that no person writes: the parser and what walks its tree end, in bounded time, and claim nothing.
import { expect, test } from "vitest";
import { ownNamesIn } from "../../../src/core/python/defined-names.ts";
import { firstSyntaxError, parsePython } from "../../../src/core/python/parse-python.ts";
import { namesIn } from "../../../src/core/python/python-names.ts";
import { renameNames, unsafeNames } from "../../../src/core/python/rename-names.ts";

const N = 20_000;
const indented = Array.from({ length: 2000 }, (_, at) => `${" ".repeat(at)}if x:`).join("\n");

test.each([
  ["open brackets", "(".repeat(N)],
  ["a million open brackets", "(".repeat(1_000_000)],
  ["closed brackets", "[".repeat(N) + "]".repeat(N)],
  ["open dictionaries", "{a:".repeat(N)],
  ["open formatted strings", "f'{".repeat(N)],
  ["nots", `${"not ".repeat(N)}x`],
  ["signs", `${"-".repeat(N)}x`],
  ["powers", `1${"**1".repeat(N)}`],
  ["comprehensions", "[x for x in ".repeat(N)],
  ["stars", "*".repeat(5 * N)],
  ["colons", ":".repeat(5 * N)],
  ["dollars", "$ ".repeat(10 * N)],
  ["halves of characters", "\uD800".repeat(5 * N)],
  ["backslashes", "\\".repeat(5 * N)],
  ["indentation", indented],
  ["a megabyte of data", `x = [${"1, ".repeat(400_000)}]`],
])("%s cannot be read, and are opaque", (_, source) => {
  const before = process.cpuUsage();
  expect(namesIn(source).opaque).toBe(true);
  expect(ownNamesIn(source).signatures).toEqual([]);
  expect(renameNames(source, new Map([["x", "y"]])).length).toBe(source.length);
  unsafeNames([source]);
  firstSyntaxError(source);
  const { user, system } = process.cpuUsage(before);
  // Five readings. What is not bounded takes minutes.
  expect((user + system) / 1_000_000).toBeLessThan(20);
});

test("long code and long sums are read", () => {
  const code = Array.from({ length: 5_000 }, (_, at) => `x${at} = f(x, y[${at}], 'text')`).join("\n");
  expect(namesIn(code)).toMatchObject({ opaque: false, uses: ["f", "x", "y"] });
  expect(namesIn(`s = ${"a + ".repeat(400)}b`)).toMatchObject({ opaque: false, uses: ["a", "b"] });
  expect(parsePython(`x = [${"0.125, ".repeat(50_000)}]`).topNode.firstChild?.name).toBe("AssignStatement");
});
