// Owns: whether boxes work on this machine, found out by running one: that the program is there says nothing where the
// system refuses user namespaces. Never falls back to anything.
import { spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { text } from "node:stream/consumers";
import { messageOf } from "../../core/errors.ts";
import { lastLine } from "../python/inspect.ts";
import { type Features, boxArguments } from "./box-arguments.ts";
import { seccompFilter } from "./seccomp.ts";

export type SandboxProbe =
  | { readonly ok: true; readonly program: string; readonly version: string; readonly features: Features }
  | { readonly ok: false; readonly reason: string; readonly remedy: string };

const INSTALL = "Debian, Ubuntu: apt-get install bubblewrap; Fedora: dnf install bubblewrap";
const ALLOW =
  "allow unprivileged user namespaces (Ubuntu: sysctl kernel.apparmor_restrict_unprivileged_userns=0; Docker: another seccomp profile)";
const TRUE = "/usr/bin/true";
const FILTER_FD = 3;

const known = new Map<string, Promise<SandboxProbe>>();

/** Runs an empty box, once in the life of this process for each search path. 20 to 50 ms. */
export function probeSandbox(path: string = process.env["PATH"] ?? ""): Promise<SandboxProbe> {
  const found = known.get(path) ?? probe(path);
  known.set(path, found);
  return found;
}

async function probe(path: string): Promise<SandboxProbe> {
  if (process.platform !== "linux")
    return { ok: false, reason: `there is no bubblewrap on ${process.platform}`, remedy: "none yet" };
  const program = path
    .split(delimiter)
    .map((folder) => join(folder, "bwrap"))
    .find(isExecutable);
  if (program === undefined) return { ok: false, reason: "bubblewrap is not installed", remedy: INSTALL };
  try {
    const version = (await run(program, ["--version"])).said.trim();
    const help = (await run(program, ["--help"])).said;
    const features = { disableUserns: help.includes("--disable-userns"), size: help.includes("--size ") };
    const view = { readOnly: [], writable: [], hidden: [], cwd: "/", network: false };
    const args = [...boxArguments(view, features), "--seccomp", `${FILTER_FD}`, "--", TRUE];
    const box = await run(program, args, seccompFilter());
    if (box.code === 0) return { ok: true, program, version, features };
    return { ok: false, reason: `${version} cannot run a box: ${lastLine(box.said)}`, remedy: ALLOW };
  } catch (problem) {
    return { ok: false, reason: messageOf(problem), remedy: INSTALL };
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

async function run(
  program: string,
  args: readonly string[],
  filter?: Buffer,
): Promise<{ readonly code: number | null; readonly said: string }> {
  const child = spawn(program, args, { env: {}, stdio: ["ignore", "pipe", "pipe", "pipe"] });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  const input = child.stdio[FILTER_FD];
  if (input !== null && input !== undefined && "end" in input) {
    input.on("error", () => undefined); // one that ends before it reads it tells so by its end
    input.end(filter);
  }
  const said = [child.stdout, child.stderr].map(async (stream) => (stream === null ? "" : text(stream)));
  const [code, ...texts] = await Promise.all([ended, ...said]);
  return { code, said: texts.join("") };
}
