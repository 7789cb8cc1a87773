// Owns: where our own Python environments lie, how one is published, and which leftovers may go. A directory
// counts only once a published file names it, so what was interrupted is never mistaken for an environment.
import { createHash, randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { homedir, hostname } from "node:os";
import { join, resolve } from "node:path";
import { z } from "zod";
import { mayBeAlive } from "../process-alive.ts";

const publishedSchema = z.object({
  /** Absolute path of its interpreter. */
  python: z.string(),
  version: z.string(),
  packages: z.record(z.string(), z.string()),
  /** Its own directory (`sys.prefix`). */
  root: z.string(),
  /** The installation that it was made from (`sys.base_prefix`); it does not work without it. */
  base: z.string(),
  /** What it has besides the packages that nbevolve brings, as `name==version`. */
  added: z.array(z.string()).default([]),
});

/** A finished environment, as its published file tells. */
export type Published = Readonly<z.infer<typeof publishedSchema>>;

/** Our folder in the user's cache; the one that `NBEVOLVE_CACHE` names goes first. */
export function cacheDirectory(env: NodeJS.ProcessEnv): string {
  if (env["NBEVOLVE_CACHE"]) return resolve(env["NBEVOLVE_CACHE"]);
  const home = env["HOME"] ?? homedir();
  if (process.platform === "darwin") return join(home, "Library", "Caches", "nbevolve");
  if (process.platform === "win32")
    return join(env["LOCALAPPDATA"] ?? join(home, "AppData", "Local"), "nbevolve");
  return join(env["XDG_CACHE_HOME"] || join(home, ".cache"), "nbevolve");
}

/** Where environments lie inside the cache folder. */
export const environmentsDirectory = (env: NodeJS.ProcessEnv): string => join(cacheDirectory(env), "python");

/** The part of the name that says what is installed, and for which machine. `packages`: what is asked for besides. */
export function requirementsKey(requirements: string, packages: readonly string[] = []): string {
  const recipe = packages.length === 0 ? requirements : `${requirements}\n${JSON.stringify(packages)}`;
  const hash = createHash("sha256").update(recipe).digest("hex").slice(0, 12);
  return `${hash}-${process.platform}-${process.arch}`;
}

/** The whole name of an environment: `<recipe>-py<major>.<minor>`. */
export const environmentKey = (recipe: string, version: string): string =>
  `${recipe}-py${version.split(".").slice(0, 2).join(".")}`;

/** A finished environment for the recipe, of the newest Python there is; starts no process. */
export async function findPublished(directory: string, recipe: string): Promise<Published | null> {
  const names = await namesIn(directory);
  const minor = (name: string): number => Number(/-py\d+\.(\d+)\.json$/.exec(name)?.[1] ?? -1);
  const candidates = names.filter((name) => name.startsWith(`${recipe}-py`) && name.endsWith(".json"));
  for (const name of candidates.sort((one, other) => minor(other) - minor(one))) {
    const published = await readPublished(join(directory, name));
    // The interpreter is a link to the installation it was made from: gone when that was removed.
    if (published && existsSync(published.python)) return published;
  }
  return null;
}

/** A new directory name for the key; it tells who is making it, so that leftovers can be recognised. */
export const newDirectory = (directory: string, key: string): string =>
  join(directory, `${key}.${hostname()}.${process.pid}.${randomBytes(4).toString("hex")}`);

/** Makes the environment the one that is found under its key, in one step. */
export async function publish(directory: string, key: string, environment: Published): Promise<void> {
  const draft = `${environment.root}.draft`;
  await writeFile(draft, `${JSON.stringify(environment, null, 2)}\n`);
  await rename(draft, join(directory, `${key}.json`));
}

/** Removes what makers that are gone left behind under the key. What resists is left for the next time. */
export async function sweep(directory: string, key: string): Promise<void> {
  const names = await namesIn(directory);
  const published = await readPublished(join(directory, `${key}.json`));
  const abandoned = names.filter((name) => name.startsWith(`${key}.${hostname()}.`) && !isMakerAlive(name));
  for (const path of abandoned.map((name) => join(directory, name)))
    if (path !== published?.root) await removeTree(path);
}

/** Removes a directory or file; true when it is gone. */
export async function removeTree(path: string): Promise<boolean> {
  try {
    await rm(path, { recursive: true, force: true, maxRetries: 3, retryDelay: 100 });
    return true;
  } catch {
    return !existsSync(path); // never published, so no run will use it
  }
}

async function namesIn(directory: string): Promise<string[]> {
  return existsSync(directory) ? await readdir(directory) : [];
}

function isMakerAlive(name: string): boolean {
  const pid = Number(/\.(\d+)\.[0-9a-f]{8}(\.draft|\.log)?$/.exec(name)?.[1]);
  return mayBeAlive(pid);
}

/** Null for what is not such a file, whatever the reason: the environment is then made again. */
async function readPublished(path: string): Promise<Published | null> {
  try {
    return publishedSchema.parse(JSON.parse(await readFile(path, "utf8")));
  } catch {
    return null;
  }
}
