// Owns: directories that are gone when their test is over, and disks of a size, where this machine allows them.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** A new, empty directory. */
export function scratch(): string {
  const dir = mkdtempSync(join(tmpdir(), "nbevolve-store-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** A new, empty disk of its own. `options`: as of `mount`, for example `size=1m`. */
export function disk(options: string): string {
  const dir = scratch();
  command("mount", ["-t", "tmpfs", "-o", options, "nbevolve-test", dir]);
  onTestFinished(() => command("umount", ["--lazy", dir]));
  return dir;
}

export function remount(dir: string, options: string): void {
  command("mount", ["-o", `remount,${options}`, dir]);
}

/** The same files at another place, where nothing can be written. */
export function readOnlyView(dir: string): string {
  const view = scratch();
  command("mount", ["--bind", dir, view]);
  onTestFinished(() => command("umount", ["--lazy", view]));
  command("mount", ["-o", "remount,bind,ro", view]);
  return view;
}

function command(name: string, args: readonly string[]): void {
  execFileSync(name, args, { stdio: "pipe" });
}

/** Whether `disk` works here: it needs the right to mount. */
export const canMount: boolean = tryMount();

function tryMount(): boolean {
  const dir = mkdtempSync(join(tmpdir(), "nbevolve-store-"));
  try {
    command("mount", ["-t", "tmpfs", "-o", "size=64k", "nbevolve-test", dir]);
    command("umount", [dir]);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
