// Owns: `inbox/` of a run directory, one file a letter: written whole by whoever sends, removed by the run when it is
// carried out. Never decides what a letter does.
import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { RunError } from "../core/errors.ts";
import { parseNotebook } from "../core/notebook/load-notebook.ts";
import { deferred } from "../core/deferred.ts";
import type { Inbox, Letter } from "../contracts/index.ts";
import { ownSitting } from "./lock.ts";
import { writeAtomic } from "./mirrors/write-atomic.ts";

/** A letter as its sender writes it. */
export type Draft = Letter extends infer L ? (L extends Letter ? Omit<L, "id"> : never) : never;

/** It is looked into until it is disposed of. */
export type OpenInbox = Inbox & Disposable;

/** How often the folder is looked at: a folder's own events are not told of on every file system. */
const LOOK_MS = 300;

const id = z.string().regex(/^[\w-]+$/);
const LETTER: z.ZodType<Letter> = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("steer"),
    id,
    note: z.string(),
    branch: z.string().nullable(),
    proposals: z.int().min(1),
  }),
  z.strictObject({ kind: z.literal("inject"), id, notebook: z.string().refine(isNotebook) }),
  z.strictObject({ kind: z.enum(["pause", "unpause", "stop"]), id, sitting: z.string() }),
]);

/** The letter, durably in the inbox of the run. */
export async function sendLetter(dir: string, draft: Draft): Promise<Letter> {
  const folder = join(dir, "inbox");
  await mkdir(folder, { recursive: true });
  // Names sort in the order sent, as far as clocks tell.
  const letter: Letter = { ...draft, id: `${Date.now().toString().padStart(15, "0")}-${randomUUID()}` };
  await writeAtomic(fileOf(dir, letter), `${JSON.stringify(letter)}\n`);
  return letter;
}

/** Whether the run has not carried it out yet. */
export function isWaiting(dir: string, letter: Letter): boolean {
  return existsSync(fileOf(dir, letter));
}

/** Letters that wait for a run, in the order sent. What is none is left out. */
export async function waitingLetters(dir: string): Promise<readonly Letter[]> {
  const letters: Letter[] = [];
  for (const name of await namesIn(dir)) {
    const letter = await readLetter(join(dir, "inbox", name));
    if (letter !== null) letters.push(letter);
  }
  return letters;
}

/**
 * The inbox of a run that this process writes; letters that were there are the first. `say`: of files that are no
 * letters, which are set aside, and of what was meant for an earlier sitting.
 */
export async function openInbox(dir: string, say: (line: string) => void): Promise<OpenInbox> {
  const sitting = ownSitting(dir);
  const seen = new Set<string>();
  let letters: readonly Letter[] = [];
  let news = deferred();
  let looking: Promise<void> = Promise.resolve();

  async function look(): Promise<void> {
    const before = letters.length;
    for (const name of await namesIn(dir)) {
      if (seen.has(name)) continue;
      seen.add(name);
      const file = join(dir, "inbox", name);
      const letter = await readLetter(file);
      if (letter === null) {
        say(`${file} is no letter to a run; it is set aside as ${name}.refused`);
        await rename(file, `${file}.refused`);
      } else if ("sitting" in letter && letter.sitting !== sitting) await rm(file, { force: true });
      else letters = [...letters, letter];
    }
    if (letters.length === before) return;
    news.resolve();
    news = deferred();
  }

  await look();
  const timer = setInterval(() => {
    looking = looking.then(look).catch((error: unknown) => say(`the inbox cannot be read: ${String(error)}`));
  }, LOOK_MS);
  return {
    pending: () => letters,
    news: () => news.promise,
    async done(letter) {
      await rm(fileOf(dir, letter), { force: true });
      letters = letters.filter(({ id: other }) => other !== letter.id);
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}

function isNotebook(text: string): boolean {
  try {
    parseNotebook(text, "the letter");
    return true;
  } catch (error) {
    if (error instanceof RunError) return false;
    throw error;
  }
}

function fileOf(dir: string, { id: name }: Letter): string {
  return join(dir, "inbox", `${name}.json`);
}

async function namesIn(dir: string): Promise<readonly string[]> {
  const folder = join(dir, "inbox");
  if (!existsSync(folder)) return [];
  return (await readdir(folder)).filter((name) => /^[\w-]+\.json$/.test(name)).toSorted();
}

/** Null for what is no letter of this version. */
async function readLetter(file: string): Promise<Letter | null> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(file, "utf8"));
  } catch (cause) {
    if (cause instanceof SyntaxError) return null;
    throw cause;
  }
  return LETTER.safeParse(value).data ?? null;
}
