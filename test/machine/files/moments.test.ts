// The porter against somebody who exchanges folders and files while it works: at each single moment of each of its works.
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { filesPath } from "../../../src/machine/files/porter.ts";
import { testPython } from "../../support/python.ts";

interface Played {
  readonly work: string;
  readonly exchange: string;
  readonly moments: number;
  readonly broken: Readonly<Record<string, readonly string[]>>;
}

async function playMoments(...words: readonly string[]): Promise<readonly Played[]> {
  const program = fileURLToPath(new URL("hostile_moments.py", import.meta.url));
  const env = { PYTHONPATH: filesPath(), PYTHONDONTWRITEBYTECODE: "1" };
  const { stdout } = await promisify(execFile)(testPython, ["-s", program, ...words], { env });
  return stdout
    .trim()
    .split("\n")
    .map((line): Played => JSON.parse(line));
}

test("nothing outside of the root is changed, read or counted, whatever is exchanged at whatever moment", async () => {
  const played = await playMoments();
  expect(new Set(played.map(({ work }) => work)).size).toBe(10);
  expect(new Set(played.map(({ exchange }) => exchange)).size).toBe(11);
  expect(played.filter(({ moments }) => moments < 4)).toEqual([]);
  expect(played.filter(({ broken }) => Object.keys(broken).length > 0)).toEqual([]);
});

test("a porter that followed links would be found out in every work that looks into folders", async () => {
  const played = await playMoments("careless");
  const works = played.filter(({ broken }) => Object.keys(broken).length > 0).map(({ work }) => work);
  expect([...new Set(works)].toSorted()).toEqual([
    "copy",
    "measure",
    "place",
    "prune",
    "remove",
    "save",
    "sweep",
  ]);
});
