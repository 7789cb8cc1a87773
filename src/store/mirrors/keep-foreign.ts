// Owns: readable files that the journal does not account for, as after run.db was put back from an older copy: they may be
// last copies, and are moved away before the mirrors are written. Never reads them as truth.
import { existsSync, readdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { makePrivateFolder } from "../private-files.ts";
import { branchesIn } from "./branch-mirror.ts";
import { holdsOtherEvents } from "./journal-mirror.ts";
import type { Truth } from "./mirror.ts";

/** The folder that the files were moved to, absolute; null when there were none. */
export async function keepForeignFiles(dir: string, truth: Truth): Promise<string | null> {
  const found = await findForeignFiles(dir, truth);
  if (found.length === 0) return null;
  const folder = freeName(join(dir, "kept"));
  makePrivateFolder(join(folder, "branches"));
  for (const name of found) renameSync(join(dir, name), join(folder, name));
  return folder;
}

/** Paths within the directory. A journal of our own vouches for the notebooks beside it. */
async function findForeignFiles(dir: string, truth: Truth): Promise<readonly string[]> {
  const isEmpty = truth.events(0)[Symbol.iterator]().next().done === true;
  const isOther = await holdsOtherEvents(join(dir, "journal.jsonl"), truth);
  if (!isEmpty && !isOther) return [];
  const known = new Set([...branchesIn(truth)].map(({ id }) => `${id}.ipynb`));
  const folder = join(dir, "branches");
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".ipynb")) : [];
  const branches = names.filter((name) => !known.has(name)).map((name) => join("branches", name));
  const files = ["best.ipynb"].filter((name) => existsSync(join(dir, name)));
  return [...(isOther ? ["journal.jsonl"] : []), ...files, ...branches];
}

function freeName(path: string, number = 1): string {
  const name = `${path}-${number}`;
  return existsSync(name) ? freeName(path, number + 1) : name;
}
