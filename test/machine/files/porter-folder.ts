// Owns: for each test of a file, a root with an empty workspace `ws`, a file outside, and a porter. Importing it sets them up.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { afterEach, beforeEach, expect } from "vitest";
import { Porter } from "../../../src/machine/files/porter.ts";
import { testPython } from "../../support/python.ts";

export const most = { bytes: 2 ** 30, files: 20_000 };
export let porter: Porter;
export let top: string;
export let root: string;
beforeEach(() => {
  porter = new Porter(testPython);
  top = mkdtempSync(join(tmpdir(), "nbe-porter-"));
  root = join(top, "root");
  mkdirSync(join(root, "ws"), { recursive: true });
  writeFileSync(join(top, "outside"), "precious");
});
afterEach(async () => {
  // What is removed in the background is gone then.
  await porter[Symbol.asyncDispose]();
  await using last = new Porter(testPython);
  await last.remove({ root: dirname(top), name: basename(top) });
  expect(existsSync(top)).toBe(false);
});

export const at = (...names: string[]): string => join(root, ...names);
/** Python that runs in the workspace: for names and trees that Node cannot make. */
export const play = (source: string): void => {
  execFileSync(testPython, ["-I", "-c", source], { cwd: at("ws") });
};
export const deepTree = (levels: number): string => `
import os
for _ in range(${levels}):
    os.mkdir("d"); open("f", "w").close(); os.chdir("d")`;
