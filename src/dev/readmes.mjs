// Owns: `npm run readmes`: a README.md in each folder of code, with one line for each file, from the first sentence of
// the file's opening comment. With `--check` it writes nothing and fails when one is not up to date.
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { ROOT } from "./ensure.mjs";

const ROOMS = ["src", "strategies", "renderers", "benchmarks"];
const CODE = /\.(?:tsx?|mjs|py)$/;
const MARK = "<!-- Made by `npm run readmes` from the files' opening comments. -->";

/** The README of each folder that has code, by its path from the top; null where there must be none. */
export function readmesOf(root = ROOT) {
  return new Map(
    ROOMS.flatMap((room) => foldersIn(join(root, room))).map((folder) => [
      relative(root, join(folder, "README.md")),
      readmeOf(folder, relative(root, folder)),
    ]),
  );
}

/** What `npm run readmes` would change. */
export function staleReadmes(root = ROOT) {
  return [...readmesOf(root)].flatMap(([file, text]) => {
    const path = join(root, file);
    const now = existsSync(path) ? readFileSync(path, "utf8") : null;
    return now === text ? [] : [file];
  });
}

function foldersIn(folder) {
  const below = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && isShown(entry.name))
    .flatMap(({ name }) => foldersIn(join(folder, name)));
  return [folder, ...below];
}

const isShown = (name) => !/^__pycache__$|\.dist-info$/.test(name);

function readmeOf(folder, path) {
  const entries = readdirSync(folder, { withFileTypes: true }).toSorted(byName);
  const files = entries
    .filter((entry) => entry.isFile() && CODE.test(entry.name))
    .map(({ name }) => lineOf(name, firstSentence(readFileSync(join(folder, name), "utf8"), name)));
  const folders = entries
    .filter((entry) => entry.isDirectory() && isShown(entry.name) && hasCode(join(folder, entry.name)))
    .map(({ name }) => `- [${name}/](${name}/README.md)`);
  if (files.length + folders.length === 0) return null;
  const lists = [folders, files].filter((list) => list.length > 0).map((list) => list.join("\n"));
  return `${MARK}\n\n# ${path}\n\n${lists.join("\n\n")}\n`;
}

const lineOf = (name, sentence) => `- \`${name}\`${sentence === "" ? "" : `: ${sentence}`}`;

const hasCode = (folder) =>
  readdirSync(folder, { recursive: true }).some((name) => CODE.test(name) && !name.includes("__pycache__"));

const byName = ({ name: one }, { name: other }) => (one < other ? -1 : 1);

/** The first sentence of a file's opening comment, on one line. */
export function firstSentence(text, name) {
  const comment = openingComment(text.replace(/^#!.*\n/, ""));
  const words = comment
    .replace(/^Owns: /, "")
    .replaceAll(/\s+/g, " ")
    .trim();
  if (words === "") return name === "__init__.py" ? "The package." : "";
  const end = /[.:](?= [A-Z`])|\.$/.exec(words)?.index ?? words.length;
  const sentence = words.slice(0, end);
  return `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}.`;
}

function openingComment(text) {
  const lines = /^(?:(?:\/\/|#).*\n)+/.exec(text)?.[0];
  if (lines !== undefined) return lines.replaceAll(/^(?:\/\/|#) ?/gm, "");
  const block = /^\/\*\*([^]*?)\*\//.exec(text)?.[1];
  if (block !== undefined) return block.replaceAll(/^\s*\* ?/gm, "");
  return /^"""([^]*?)"""/.exec(text)?.[1] ?? "";
}

if (process.argv[1] !== undefined && basename(process.argv[1]) === "readmes.mjs") {
  for (const [file, text] of readmesOf()) {
    if (text === null) rmSync(join(ROOT, file), { force: true });
    else writeFileSync(join(ROOT, file), text);
  }
}
