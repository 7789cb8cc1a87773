// Owns: branches/<id>.ipynb, one file for each scored branch, and best.ipynb. Never reads a notebook back.
import { closeSync, constants, existsSync, fstatSync, openSync, readSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { errorCode, isMissingFile, RunError } from "../../core/errors.ts";
import { bestOf } from "../../core/run/branch.ts";
import { stringifyNotebook } from "../../core/notebook/save-notebook.ts";
import type { Branch, BranchId, RunEvent } from "../../contracts/index.ts";
import { makePrivateFolder, NO_FOLLOW } from "../private-files.ts";
import type { Mirror, Truth } from "./mirror.ts";
import { NotebookHeads } from "./notebook-head.ts";
import { writeAtomic, writeWhole } from "./write-atomic.ts";

const AT_ONCE = 16;
const WITH_BRANCH: readonly RunEvent["type"][] = ["run-started", "episode-ended"];
const TOLD: readonly RunEvent["type"][] = [...WITH_BRANCH, "branch-reproduced"];

export function branchMirror(dir: string, truth: Truth): Mirror {
  const bestFile = join(dir, "best.ipynb");
  const heads = new NotebookHeads(truth);
  let best: Branch | null = null;

  const fileOf = ({ id }: Branch): string => branchFile(dir, id);

  /** Does not wait for the disk: opening the run writes those again that a power cut left incomplete. */
  async function write(branch: Branch): Promise<void> {
    await writeWhole(fileOf(branch), stringifyNotebook(await heads.present(branch)));
  }

  return {
    async repair() {
      makePrivateFolder(join(dir, "branches"));
      for (const row of truth.events(0, TOLD)) heads.see(truth.decode(row), row.at);
      const torn: Branch[] = [];
      const looked = function* (): Generator<Branch, void, undefined> {
        for (const branch of branchesIn(truth)) {
          if (!isWhole(fileOf(branch))) torn.push(branch);
          yield branch;
        }
      };
      best = bestOf(looked(), heads.reproduced);
      for (const branch of torn) await write(branch);
      if (best === null) return;
      const text = stringifyNotebook(await heads.present(best));
      if (!existsSync(bestFile) || (await readFile(bestFile, "utf8")) !== text)
        await writeAtomic(bestFile, text);
    },
    async follow(events) {
      const before = best;
      const decoded = events.map((row) => truth.decode(row));
      for (const [index, row] of events.entries()) {
        const event = decoded[index];
        if (event !== undefined && TOLD.includes(event.type)) heads.see(event, row.at);
      }
      const added = decoded.flatMap((event) => branchOf(event) ?? []);
      best = bestOf(best === null ? added : [best, ...added], new Map());
      const isRefuted = decoded.some(
        (event) =>
          event.type === "branch-reproduced" && !event.reproduction.survives && event.branch === best?.id,
      );
      if (isRefuted) best = bestOf(branchesIn(truth), heads.reproduced);
      for (let at = 0; at < added.length; at += AT_ONCE)
        await Promise.all(added.slice(at, at + AT_ONCE).map(write));
      // A branch that was reproduced says so from now on.
      const reproduced = decoded.flatMap((event) =>
        event.type === "branch-reproduced" ? [event.branch] : [],
      );
      if (best !== null && (best !== before || reproduced.includes(best.id))) {
        if (reproduced.includes(best.id)) await write(best);
        await writeAtomic(bestFile, stringifyNotebook(await heads.present(best)));
      }
    },
  };
}

/** Every branch of the journal; a large run's are not held in memory. */
export function* branchesIn(truth: Truth): Generator<Branch, void, undefined> {
  for (const row of truth.events(0, WITH_BRANCH)) {
    const branch = branchOf(truth.decode(row));
    if (branch !== null) yield branch;
  }
}

/** A notebook's text ends in an unindented brace; a text that was cut off does not. */
const END = "\n}\n";

function isWhole(file: string): boolean {
  const opened = openOrNull(file);
  if (opened === null) return false;
  try {
    const tail = Buffer.alloc(END.length);
    const found = fstatSync(opened);
    if (!found.isFile()) return false;
    readSync(opened, tail, 0, END.length, Math.max(0, found.size - END.length));
    return tail.toString("latin1") === END;
  } finally {
    closeSync(opened);
  }
}

/** Null for what is not there and for a link; what is no file does not hold it up. */
function openOrNull(file: string): number | null {
  try {
    return openSync(file, constants.O_RDONLY | NO_FOLLOW | (constants.O_NONBLOCK ?? 0));
  } catch (problem) {
    if (isMissingFile(problem) || isLink(problem)) return null;
    throw problem;
  }
}

function isLink(problem: unknown): boolean {
  return errorCode(problem) === "ELOOP";
}

/** The copy of a branch's notebook for readers. @throws RunError `run-corrupt` for an id that is not safe as a file name. */
export function branchFile(dir: string, id: BranchId): string {
  if (SAFE_ID.test(id)) return join(dir, "branches", `${id}.ipynb`);
  throw new RunError(
    "run-corrupt",
    `${dir}: the journal has a branch ${JSON.stringify(id)}; no run names one so`,
  );
}

const SAFE_ID = /^[A-Za-z0-9_-]+$/;

/** The id, when it is safe as a file name on any system. @throws TypeError otherwise. */
export function checkBranchId(id: BranchId): BranchId {
  if (SAFE_ID.test(id)) return id;
  throw new TypeError(
    `${JSON.stringify(id)} cannot name a branch: only letters, digits, "_" and "-" are safe in a file name`,
  );
}

/** The scored branch that an event brings, or null. */
export function branchOf(event: RunEvent): Branch | null {
  if (event.type === "run-started") return event.founder;
  return event.type === "episode-ended" && event.outcome.ok ? event.outcome.branch : null;
}
