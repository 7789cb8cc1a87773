import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

interface Readmes {
  readonly staleReadmes: () => string[];
  readonly firstSentence: (text: string, name: string) => string;
}

const script = fileURLToPath(new URL("../../src/dev/readmes.mjs", import.meta.url));
const { staleReadmes, firstSentence }: Readmes = await import(script);

test("each folder of code has the README that npm run readmes makes", () => {
  expect(staleReadmes(), "run: npm run readmes").toEqual([]);
});

describe("the line of a file", () => {
  test.each([
    ["// Owns: one run. Never two.\nimport a;", "One run."],
    ["// Owns: what a run is: its\n// branches and events.\n", "What a run is: its branches and events."],
    ["#!/usr/bin/env node\n// Owns: the entry.\n", "The entry."],
    ["/** What `x` gives, explicitly. */\nexport {};", "What `x` gives, explicitly."],
    ["/**\n * Two\n * lines. More.\n */", "Two lines."],
    ['"""Runs a cell.\n\nNever two.\n"""\n', "Runs a cell."],
    ["# Owns: kernels in v1.2 form. Never more.\n", "Kernels in v1.2 form."],
    ["export {};", ""],
  ])("of %j is %j", (text, line) => {
    expect(firstSentence(text, "a.ts")).toBe(line);
  });
});
