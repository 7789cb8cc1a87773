// The verifier kit's own tests, which are Python's: each file is a test here, and none may be empty.
import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { testPython } from "../support/python.ts";

const folder = fileURLToPath(new URL("kit", import.meta.url));
const kit = fileURLToPath(new URL("../../src/verifiers/python", import.meta.url));
const files = readdirSync(folder).filter((name) => name.startsWith("test_"));

test.each(files)("%s", async (name) => {
  const env = { ...process.env, PYTHONPATH: kit, PYTHONDONTWRITEBYTECODE: "1" };
  const run = promisify(execFile)(testPython, ["-m", "unittest", name], { cwd: folder, env });
  const { stderr } = await run.catch((failure: { stderr: string }) => failure);
  expect(stderr).toMatch(/\nRan [1-9]\d* tests? in .*\n\nOK\n$/);
});
