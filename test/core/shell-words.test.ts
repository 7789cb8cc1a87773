// A command that is printed is the command that it stands for once it is pasted: real shells take it apart again.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encodeText } from "../../src/cli/terminal/screen.ts";
import { ownCommand, pathWord, writeCommand } from "../../src/core/shell-words.ts";

const SHELLS: readonly (readonly [string, readonly string[], string])[] = [
  ["/bin/sh", [], ""],
  ["/bin/bash", [], ""],
  // As where a person types: `!` is an event of the past.
  ["/bin/bash", [], "set -o history -H\n"],
  ["/bin/dash", [], ""],
  ["/bin/zsh", ["-f"], ""],
];
const shells = SHELLS.filter(([shell]) => existsSync(shell));

/** The words that a shell reads in each command, which it gets on its standard input as a terminal shows it. */
function wordsRead(
  [shell, flags, before]: (typeof SHELLS)[number],
  commands: readonly string[],
): readonly (readonly string[])[] {
  const input = `${before}${commands.map((line) => `${encodeText(line)}; printf '\\1'\n`).join("")}`;
  const text = execFileSync(shell, [...flags, "-s"], { input, encoding: "utf8" });
  return text
    .split("\u0001")
    .slice(0, -1)
    .map((words) => words.split("\0").slice(0, -1));
}

const HARD = [
  ...Array.from("'\"\\$`!#&;|<>()[]{}*?~=%^ \t\n\r-+,.:/@"),
  ...["$(id)", "`id`", "!!", "it's", "50% #1", "~root", "=ls", "a=b", "$HOME", "\\n", "%s", "-n", "--", ""],
  ...[
    "é",
    "漢字",
    "👩‍👧",
    "\u00A0",
    "\u0007",
    "\u001B[2J",
    "\u202E",
    "\uFEFF",
    "\u2028",
    "\uFDD0",
    "\r\n",
    "\n\n",
  ],
];
const word = fc
  .array(fc.oneof(fc.constantFrom(...HARD), fc.string({ unit: "grapheme" }), fc.string({ unit: "binary" })), {
    maxLength: 5,
  })
  .map((parts) => Buffer.from(parts.join("")).toString().replaceAll("\0", "").replaceAll("\u0001", ""));

describe("a command that is pasted", () => {
  test.each(shells)("is read as its words by %s %j %j", (...shell) => {
    fc.assert(
      fc.property(fc.array(fc.array(word, { minLength: 1, maxLength: 5 }), { maxLength: 20 }), (commands) => {
        const lines = commands.map((words) => writeCommand(["printf", "%s\\0", ...words]));
        expect(wordsRead(shell, lines)).toEqual(commands);
      }),
    );
  });

  test("is shown as it is: nothing in it is a control, and a path's line breaks at its end alone break it", () => {
    fc.assert(
      fc.property(fc.array(word), (words) => {
        const line = writeCommand(words);
        expect(encodeText(line)).toBe(line);
        if (!words.some((one) => one.endsWith("\n"))) expect(line).not.toContain("\n");
      }),
    );
  });

  test.each([
    [["resume", "runs/numbers-20260101-000000"], "npx nbevolve resume runs/numbers-20260101-000000"],
    [["resume", "my runs/50% #1"], "npx nbevolve resume 'my runs/50% #1'"],
    [["resume", "it's"], "npx nbevolve resume 'it'\\''s'"],
    [["resume", ""], "npx nbevolve resume ''"],
    [["resume", "a\u001Bb"], `npx nbevolve resume "$(printf 'a\\033b')"`],
  ])("%j is %s", (args, line) => {
    expect(ownCommand(...args)).toBe(line);
  });

  test.each([
    ["-runs", "./-runs"],
    ["--dir", "./--dir"],
    ["runs", "runs"],
    ["/-x", "/-x"],
  ])("the path %s is no option: %s", (path, shown) => {
    expect(pathWord(path)).toBe(shown);
  });
});
