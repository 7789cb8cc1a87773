// Owns: folders that say whose they are: the small private one of each server, and others; and which owners are dead, so that
// the next one removes what they left.
// Never removes a folder whose owner may live, or that is not ours.
import { lstat, mkdir, mkdtemp, readdir, readFile, readlink, rm, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { mayBeAlive } from "./process-alive.ts";
import { makeTemporaryFolder } from "./temporary-folder.ts";

const PREFIX = "nbe-";
const NAME = /^nbe-[A-Za-z0-9]{6}$/;
const OWNER = "owner";
/** A unix socket's path may have 103 characters on macOS, 107 on Linux; what we and Jupyter add takes 65. */
const LONGEST_TEMPORARY_DIR = 36;

/** A new one, mode 0700; the caller removes it. Stale ones of this user are removed on the way. */
export async function privateFolder(): Promise<string> {
  const parent = shortTemporaryDir();
  const stale = await findStale(parent);
  await Promise.all(
    stale.map((folder) => rm(folder, { recursive: true, force: true }).catch(() => undefined)),
  );
  return markOwn(await makeTemporaryFolder(PREFIX, parent));
}

/** A new folder of this process's there, mode 0700; the caller removes it. */
export async function ownFolder(parent: string): Promise<string> {
  await mkdir(parent, { recursive: true, mode: 0o700 });
  return markOwn(await mkdtemp(join(parent, PREFIX)));
}

async function markOwn(folder: string): Promise<string> {
  await writeFile(join(folder, OWNER), `${JSON.stringify(await currentOwner())}\n`);
  return folder;
}

/** Those there whose owner is known to be dead. */
export async function findStale(parent: string): Promise<readonly string[]> {
  const names = (await readdir(parent).catch(() => [])).filter((name) => NAME.test(name));
  const found = await Promise.all(
    names.map(async (name) => ((await isStale(join(parent, name))) ? [join(parent, name)] : [])),
  );
  return found.flat();
}

interface Owner {
  readonly pid: number;
  /** What tells this process from a later one with its number; empty where the system does not say. */
  readonly since: string;
  /** Two containers may share a folder and not their processes. */
  readonly where: string;
}

/** Ours, made by this user on this machine, and its owner is dead. Whatever is not known for sure is not stale. */
async function isStale(folder: string): Promise<boolean> {
  try {
    const found = await lstat(folder);
    if (!found.isDirectory() || found.uid !== process.getuid?.()) return false;
    const owner = ownerOf(await readFile(join(folder, OWNER), "utf8"));
    if (owner === null || owner.where !== (await machineIdentity())) return false;
    if (!mayBeAlive(owner.pid)) return true;
    const since = await startOf(owner.pid);
    return since !== "" && owner.since !== "" && since !== owner.since;
  } catch {
    return false; // gone, being made, or not to be looked at
  }
}

function ownerOf(text: string): Owner | null {
  const { pid, since, where }: Record<string, unknown> = JSON.parse(text);
  if (typeof pid !== "number" || typeof since !== "string" || typeof where !== "string") return null;
  return { pid, since, where };
}

const currentOwner = async (): Promise<Owner> => ({
  pid: process.pid,
  since: await startOf(process.pid),
  where: await machineIdentity(),
});

/** When the process began: this start of the machine, and ticks since then; empty where the system does not say. */
async function startOf(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, "latin1").catch(() => "");
  const boot = await readFile("/proc/sys/kernel/random/boot_id", "utf8").catch(() => "");
  const ticks = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  return ticks === undefined ? "" : `${boot.trim()} ${ticks}`;
}

/** The machine, and the space in which its processes are numbered. */
async function machineIdentity(): Promise<string> {
  return `${hostname()} ${await readlink("/proc/self/ns/pid").catch(() => "")}`;
}

function shortTemporaryDir(): string {
  const usual = tmpdir();
  return usual.length <= LONGEST_TEMPORARY_DIR ? usual : "/tmp";
}
