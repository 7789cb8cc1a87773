// Owns: `inbox/` of a run directory, one file for each command that waits. The sender writes a file whole; the run
// removes it when the command is carried out. Never decides what a command does.
import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { RunError } from "../core/errors.ts";
import { parseNotebook } from "../core/notebook/load-notebook.ts";
import { newDeferred } from "../core/deferred.ts";
import type { Inbox, RunCommand } from "../contracts/index.ts";
import { ownSession } from "./lock.ts";
import { makePrivateFolder } from "./private-files.ts";
import { writeAtomic } from "./mirrors/write-atomic.ts";

/** A command as its sender writes it. */
export type CommandDraft = RunCommand extends infer L
  ? L extends RunCommand
    ? Omit<L, "id">
    : never
  : never;

/** The folder is watched until the inbox is disposed of. */
export type OpenInbox = Inbox & Disposable;

/** Milliseconds between two looks at the folder: not every file system reports changes. */
const LOOK_MS = 300;

const id = z.string().regex(/^[\w-]+$/);
const COMMAND: z.ZodType<RunCommand> = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("steer"),
    id,
    note: z.string(),
    branch: z.string().nullable(),
    proposals: z.int().min(1),
  }),
  z.strictObject({ kind: z.literal("inject"), id, notebook: z.string().refine(isNotebook) }),
  z.strictObject({ kind: z.enum(["pause", "unpause", "stop"]), id, session: z.string() }),
]);

/** Puts the command into the inbox of the run, durably. */
export async function sendCommand(dir: string, draft: CommandDraft): Promise<RunCommand> {
  const folder = join(dir, "inbox");
  makePrivateFolder(folder);
  // Names sort in the order sent, as far as clocks agree.
  const command: RunCommand = { ...draft, id: `${Date.now().toString().padStart(15, "0")}-${randomUUID()}` };
  await writeAtomic(fileOf(dir, command), `${JSON.stringify(command)}\n`);
  return command;
}

/** Whether the run has not carried the command out yet. */
export function isWaiting(dir: string, command: RunCommand): boolean {
  return existsSync(fileOf(dir, command));
}

/** The commands that wait for a run, in the order sent. Other files are left out. */
export async function readWaitingCommands(dir: string): Promise<readonly RunCommand[]> {
  const commands: RunCommand[] = [];
  for (const name of await namesIn(dir)) {
    const command = await readCommand(join(dir, "inbox", name));
    if (command !== null) commands.push(command);
  }
  return commands;
}

/**
 * The inbox of a run that this process writes, beginning with the commands that were there. `say` hears of files that are
 * no commands, which are set aside, and of a folder that cannot be read.
 */
export async function openInbox(dir: string, say: (line: string) => void): Promise<OpenInbox> {
  const session = ownSession(dir);
  const seen = new Set<string>();
  let commands: readonly RunCommand[] = [];
  let news = newDeferred();
  let looking: Promise<void> = Promise.resolve();

  async function look(): Promise<void> {
    const before = commands.length;
    for (const name of await namesIn(dir)) {
      if (seen.has(name)) continue;
      seen.add(name);
      const file = join(dir, "inbox", name);
      const command = await readCommand(file);
      if (command === null) {
        say(`${file} is no command to a run; it is set aside as ${name}.refused`);
        await rename(file, `${file}.refused`);
      } else if ("session" in command && command.session !== session) await rm(file, { force: true });
      else commands = [...commands, command];
    }
    if (commands.length === before) return;
    news.resolve();
    news = newDeferred();
  }

  await look();
  const timer = setInterval(() => {
    looking = looking.then(look).catch((error: unknown) => say(`the inbox cannot be read: ${String(error)}`));
  }, LOOK_MS);
  return {
    pending: () => commands,
    news: () => news.promise,
    async done(command) {
      await rm(fileOf(dir, command), { force: true });
      commands = commands.filter(({ id: other }) => other !== command.id);
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}

function isNotebook(text: string): boolean {
  try {
    parseNotebook(text, "the command");
    return true;
  } catch (error) {
    if (error instanceof RunError) return false;
    throw error;
  }
}

function fileOf(dir: string, { id: name }: RunCommand): string {
  return join(dir, "inbox", `${name}.json`);
}

async function namesIn(dir: string): Promise<readonly string[]> {
  const folder = join(dir, "inbox");
  if (!existsSync(folder)) return [];
  const found = await readdir(folder, { withFileTypes: true });
  return found
    .flatMap((one) => (one.isFile() && /^[\w-]+\.json$/.test(one.name) ? [one.name] : []))
    .toSorted();
}

/** Null when the file holds no command of this version. */
async function readCommand(file: string): Promise<RunCommand | null> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(file, "utf8"));
  } catch (cause) {
    if (cause instanceof SyntaxError) return null;
    throw cause;
  }
  return COMMAND.safeParse(value).data ?? null;
}
