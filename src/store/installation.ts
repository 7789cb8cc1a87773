// Owns: what this user's installation made: the key in the user's state folder, and the marks that are made with it. A run
// that carries a mark was started, or was once trusted, by this user; every other one came from somebody else.
import { createHmac, randomBytes } from "node:crypto";
import { linkSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { errorCode } from "../core/errors.ts";
import { makePrivateFolder, PRIVATE_FILE } from "./private-files.ts";

const KEY = /^[\w-]{43}$/;

/** Our folder for what is this user's and should last; the one that `NBEVOLVE_STATE` names goes first. */
export function stateDirectory(env: NodeJS.ProcessEnv = process.env): string {
  if (env["NBEVOLVE_STATE"]) return resolve(env["NBEVOLVE_STATE"]);
  const home = env["HOME"] ?? homedir();
  if (process.platform === "darwin") return join(home, "Library", "Application Support", "nbevolve");
  if (process.platform === "win32")
    return join(env["LOCALAPPDATA"] ?? join(home, "AppData", "Local"), "nbevolve");
  return join(env["XDG_STATE_HOME"] || join(home, ".local", "state"), "nbevolve");
}

/** The mark of a run by its first event, which names everything that the run was started with; null where there is no key. */
export function markOf(firstEvent: string): string | null {
  const key = readKey(keyFile());
  return key === null ? null : signWith(key, firstEvent);
}

/** As `markOf`; makes the key when there is none. Null where none can be made. */
export function makeMark(firstEvent: string): string | null {
  const key = readKey(keyFile()) ?? makeKey();
  return key === null ? null : signWith(key, firstEvent);
}

function signWith(key: string, firstEvent: string): string {
  return createHmac("sha256", key).update(firstEvent).digest("base64url");
}

function keyFile(): string {
  return join(stateDirectory(), "key");
}

/** Null for what is missing, cannot be read or is no key: nothing is then trusted. */
function readKey(file: string): string | null {
  try {
    const text = readFileSync(file, "latin1").trim();
    return KEY.test(text) ? text : null;
  } catch (problem) {
    if (problem instanceof Error && "syscall" in problem) return null;
    throw problem;
  }
}

/** The first of several processes that make it at the same moment makes the key of all. */
function makeKey(): string | null {
  const file = keyFile();
  const draft = `${file}.${process.pid}.${randomBytes(4).toString("hex")}`;
  try {
    makePrivateFolder(stateDirectory());
    writeFileSync(draft, `${randomBytes(32).toString("base64url")}\n`, { mode: PRIVATE_FILE, flag: "wx" });
    publishOnce(draft, file);
    rmSync(draft);
  } catch (problem) {
    if (!(problem instanceof Error && "syscall" in problem)) throw problem;
  }
  return readKey(file);
}

function publishOnce(draft: string, file: string): void {
  try {
    linkSync(draft, file);
  } catch (problem) {
    if (errorCode(problem) !== "EEXIST") throw problem;
  }
}
