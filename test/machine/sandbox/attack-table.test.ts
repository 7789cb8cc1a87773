// The table of attacks names tests that there are, and no fewer than the suite has to have.
import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { packageRoot } from "../../../src/shipped.ts";

interface Section {
  readonly file: string;
  readonly attacks: readonly string[];
}

async function readTable(): Promise<readonly Section[]> {
  const page = await readFile(`${packageRoot()}/docs/guides/attacks.md`, "utf8");
  return page.split(/^## /m).flatMap((section): Section | readonly never[] => {
    const file = /^.*: `(test\/[^`]+)`$/m.exec(section)?.[1];
    const rows = [...section.matchAll(/^\| (?!attack |-)(.+?) +\| .+ \|$/gm)];
    return file === undefined ? [] : { file, attacks: rows.map(([, attack = ""]) => attack) };
  });
}

test("each attack of the guide's table is a test of the file that it names", async () => {
  const sections = await readTable();
  const missing: string[] = [];
  for (const { file, attacks } of sections) {
    const source = await readFile(`${packageRoot()}/${file}`, "utf8");
    missing.push(
      ...attacks.filter((attack) => !source.includes(`"${attack}`)).map((one) => `${file}: ${one}`),
    );
  }
  expect(missing).toEqual([]);
  expect(sections.flatMap(({ attacks }) => attacks).length).toBeGreaterThanOrEqual(60);
  expect(sections.every(({ attacks }) => attacks.length >= 5)).toBe(true);
});
