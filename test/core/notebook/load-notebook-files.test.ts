// Every notebook of the shared collection, and generated ones, against Python's own nbformat.
import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseNotebook, loadNotebook } from "../../../src/core/notebook/load-notebook.ts";
import { stringifyNotebook } from "../../../src/core/notebook/save-notebook.ts";
import { findPython } from "../../../src/machine/python/find-python.ts";
import { looseNotebook } from "./loose-notebooks.ts";

const COLLECTION = fileURLToPath(new URL("../../../../shared/notebooks/", import.meta.url));
const VALIDATE = fileURLToPath(new URL("../../fixtures/validate_notebooks.py", import.meta.url));
const TRUNCATED = "90_synthetic__truncated.ipynb";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "nbevolve-notebooks-"));
});
afterAll(() => rm(folder, { recursive: true }));

interface Verdict {
  readonly complaints: Readonly<Record<string, string>>;
  readonly layoutDiffers: readonly string[];
}

async function validate(
  name: string,
  texts: readonly (readonly [file: string, text: string])[],
): Promise<Verdict> {
  const place = join(folder, name);
  await mkdir(place);
  for (const [file, text] of texts) await writeFile(join(place, file), text);
  const { python } = await findPython();
  const { stdout } = await promisify(execFile)(python, ["-I", VALIDATE, place]);
  const verdict: Verdict = JSON.parse(stdout);
  expect(Object.keys(verdict.complaints)).toHaveLength(texts.length);
  return verdict;
}

const bad = (verdict: Verdict): string[] =>
  Object.entries(verdict.complaints).flatMap(([file, words]) => (words === "" ? [] : `${file}: ${words}`));

// Skipped where the collection of real notebooks is not beside the checkout.
describe.skipIf(!existsSync(COLLECTION))("the collection of real notebooks", () => {
  const files = existsSync(COLLECTION)
    ? readdirSync(COLLECTION).filter((file) => file.endsWith(".ipynb"))
    : [];
  const read = (file: string): string => readFileSync(join(COLLECTION, file), "utf8");

  it("holds notebooks", () => {
    expect(files.length).toBeGreaterThan(40);
  });

  it("refuses the truncated one, naming the place", () => {
    expect(() => parseNotebook(read(TRUNCATED), TRUNCATED)).toThrow(
      /^90_synthetic__truncated\.ipynb .* line 786, column \d+: the text ends inside a string.* complete copy/,
    );
  });

  it("loads all others, writes them as Jupyter does and reads them back equal", async () => {
    const loaded = files
      .filter((file) => file !== TRUNCATED)
      .map((file) => [file, parseNotebook(read(file), file)] as const);
    const written = loaded.map(([file, notebook]) => [file, stringifyNotebook(notebook)] as const);
    const back = written.map(([file, text]) => [file, parseNotebook(text, file)]);
    expect(back).toEqual(loaded);
    const verdict = await validate("real", written);
    expect(bad(verdict)).toEqual([]);
    expect(verdict.layoutDiffers).toEqual([]);
  });
});

describe("generated notebooks", () => {
  it("are valid nbformat 4.5 once written, whatever they were", async () => {
    const loose = fc.sample(looseNotebook(), { numRuns: 150, seed: 7 });
    const texts = loose.map(
      (value, i) => [`${i}.ipynb`, stringifyNotebook(loadNotebook(value, "loose"))] as const,
    );
    expect(bad(await validate("loose", texts))).toEqual([]);
  });
});
