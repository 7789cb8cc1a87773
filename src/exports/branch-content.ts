// Owns: what a file of a branch holds, by the ending of its name. Never writes a file.
import { readFile } from "node:fs/promises";
import { extname } from "node:path";
import { decodeText } from "../core/decode-text.ts";
import { RunError } from "../core/errors.ts";
import { resultPicture } from "../core/notebook/present-notebook.ts";
import { stringifyNotebook } from "../core/notebook/save-notebook.ts";
import { imageMime } from "../core/output/pictures.ts";
import { shippedPath } from "../shipped.ts";
import type { BlobReader, Branch, JsonObject, Notebook, Task } from "../contracts/index.ts";
import { scriptOf } from "./script.ts";
import { pinsOf } from "./script-packages.ts";

/** What a branch is made a file of. */
export interface BranchSource {
  readonly blobs: BlobReader;
  /** A branch's notebook as readers get it. */
  readonly present: (branch: Branch) => Promise<Notebook>;
  readonly task: Task;
  /** Variables of the environment under which cells run. */
  readonly environment: Readonly<Record<string, string>>;
  /** The run's, as journalled. */
  readonly settings: JsonObject;
}

type Content = string | Uint8Array;

interface Form {
  /** Such a file, in words. */
  readonly what: string;
  /** Null where the branch has no such thing. */
  readonly make: (source: BranchSource, branch: Branch) => Promise<Content | null>;
}

/** By the ending of the file's name. */
const FORMS: Readonly<Record<string, Form>> = {
  ".json": { what: "the submission, exactly as it was judged", make: submissionText },
  ".py": { what: "a script that runs by itself", make: scriptText },
  ".png": { what: "the last picture that its cells drew", make: pngBytes },
  ".svg": { what: "the same, where they drew it as SVG", make: svgText },
  ".ipynb": { what: "the notebook, with a head for readers", make: notebookText },
};

/** The endings that there are, and what each stands for, in words. */
export const BRANCH_FILES = Object.entries(FORMS)
  .map(([ending, { what }]) => `${ending} ${what}`)
  .join("; ");

/**
 * What is to be in the file; null where its cells drew no picture of that kind.
 * @throws RunError `bad-option` for another ending; `bad-notebook` | `blob-missing` where the run is damaged.
 */
export function branchContent(source: BranchSource, branch: Branch, file: string): Promise<Content | null> {
  return formOf(file).make(source, branch);
}

/** @throws RunError `bad-option` where the file's name has none of the endings. */
export function formOf(file: string): Form {
  const ending = extname(file).toLowerCase();
  const form = Object.hasOwn(FORMS, ending) ? FORMS[ending] : undefined;
  if (form !== undefined) return form;
  throw new RunError("bad-option", `${file}: its name must end in what is to be written: ${BRANCH_FILES}`);
}

async function submissionText({ blobs }: BranchSource, { submission }: Branch): Promise<string> {
  return `${Buffer.from(await blobs.readBlob(submission)).toString("utf8")}\n`;
}

async function notebookText({ present }: BranchSource, branch: Branch): Promise<string> {
  return stringifyNotebook(await present(branch));
}

async function scriptText(source: BranchSource, branch: Branch): Promise<string> {
  const { present, task, environment, settings } = source;
  const requirements = decodeText(await readFile(shippedPath("src/machine/python/requirements.txt")));
  const ending = decodeText(await readFile(shippedPath("src/exports/python/last_lines.py")));
  return scriptOf({
    notebook: await present(branch),
    submission: task.submission,
    environment,
    pins: pinsOf(requirements, settings),
    ending: ending.replace(/^"""[^]*?"""\n+/, ""),
  });
}

async function pngBytes({ present }: BranchSource, branch: Branch): Promise<Uint8Array | null> {
  const result = resultPicture((await present(branch)).cells, "image/png");
  // What a cell calls a PNG need be none.
  if (result === null || imageMime(result.picture) !== "image/png") return null;
  return Buffer.from(result.picture, "base64");
}

async function svgText({ present }: BranchSource, branch: Branch): Promise<string | null> {
  return resultPicture((await present(branch)).cells, "image/svg+xml")?.picture ?? null;
}
