// No construction is stored anywhere in the package: nothing that ships holds a table of numbers as long as the shortest of
// them, nor a text in which one could be packed.
import { readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { expect, test } from "vitest";
import { packageRoot } from "../../src/shipped.ts";

const FOLDERS = ["src", "strategies", "renderers", "benchmarks", "docs"];
const TEXTS = [".ts", ".js", ".mjs", ".py", ".ipynb", ".md", ".json", ".txt"];

const NUMBER = String.raw`[-+]?(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][-+]?\d+)?n?`;
const BETWEEN = String.raw`["'\s,;:()[\]{}\\n]{1,40}`;
/** Numbers with nothing but punctuation between them; the shortest construction has 22 (eleven points). */
const TABLE = new RegExp(`${NUMBER}(?:${BETWEEN}${NUMBER}){15,}`, "g");
/** Text of one word in which 22 numbers could be packed: 16 hexadecimal digits each. */
const PACKED = /[A-Za-z0-9+/=_-]{300,}/g;

/** Tables of fractions or of large integers; dates, sizes and small counts are none. */
function tablesIn(text: string): readonly string[] {
  const found = [...text.matchAll(TABLE)].map(([table]) => table);
  const long = found.filter((table) => {
    const digits = table.match(/\d[\d_.]{4,}/g) ?? [];
    return digits.length >= 16 || (table.match(new RegExp(NUMBER, "g")) ?? []).length >= 100;
  });
  return [...long, ...[...text.matchAll(PACKED)].map(([packed]) => packed)];
}

function filesUnder(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && TEXTS.includes(extname(entry.name)))
    .map((entry) => join(entry.parentPath, entry.name));
}

const points = (count: number): number[][] =>
  Array.from({ length: count }, (_, k) => [Math.sin(k + 1), Math.cos(3 * k + 1)]);

test.each([
  ["JSON", JSON.stringify(points(11))],
  [
    "Python",
    `best = [\n${points(11)
      .map(([x, y]) => `    (${x}, ${y}),\n`)
      .join("")}]`,
  ],
  ["a notebook's lines", JSON.stringify(points(11).map(([x, y]) => `    [${x}, ${y}],\n`))],
  ["text to be split", points(11).flat().join(" ")],
  ["short floats", JSON.stringify(points(13).map((row) => row.map((value) => value.toFixed(4))))],
  ["bytes", Buffer.from(new Float64Array(points(16).flat()).buffer).toString("base64")],
  ["integer vectors", JSON.stringify(points(60).map((row) => row.map((value) => Math.round(9 * value))))],
])("a construction in %s would be found", (_, text) => {
  expect(tablesIn(`x = 1\n${text}\ny = 2`)).not.toEqual([]);
});

test("none is", () => {
  const build = process.env["NBEVOLVE_TEST_BUILD"];
  const folders = [
    ...FOLDERS.map((folder) => join(packageRoot(), folder)),
    ...(build === undefined ? [] : [build]),
  ];
  // The script that sets maths holds the measures of KaTeX's letters.
  const files = folders.flatMap(filesUnder).filter((file) => !file.endsWith("dashboard/maths.js"));
  expect(files.length).toBeGreaterThan(200);
  const found = files.flatMap((file) =>
    tablesIn(readFileSync(file, "utf8")).map((table) => [file, table.slice(0, 120)]),
  );
  expect(found).toEqual([]);
});
