import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { privateFolder } from "../../src/machine/private-folder.ts";

let parent = "";
const before = process.env["TMPDIR"];
beforeEach(async () => {
  parent = await mkdtemp("/tmp/guard-");
  process.env["TMPDIR"] = parent;
});
afterEach(async () => {
  if (before === undefined) delete process.env["TMPDIR"];
  else process.env["TMPDIR"] = before;
  await rm(parent, { recursive: true });
});

/** A folder as another owner would have left it. */
async function left(
  name: string,
  change: (owner: Record<string, unknown>) => Record<string, unknown>,
): Promise<void> {
  const mine = await privateFolder();
  await cp(mine, join(parent, name), { recursive: true });
  const owner = join(parent, name, "owner");
  await writeFile(owner, JSON.stringify(change(JSON.parse(await readFile(owner, "utf8")))));
  await rm(mine, { recursive: true });
}

async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ["-e", ""]);
  await once(child, "exit");
  return child.pid ?? 0;
}

test("folders of dead owners are removed when the next one is made", async () => {
  const pid = await deadPid();
  await left("nbe-dead00", (owner) => ({ ...owner, pid }));
  // Another process with the number of one that died.
  await left("nbe-reused", (owner) => ({ ...owner, since: "1" }));
  const mine = await privateFolder();
  expect(await readdir(parent)).toEqual([mine.slice(parent.length + 1)]);
});

test("whatever may be somebody's stays", async () => {
  const pid = await deadPid();
  await left("nbe-alive0", (owner) => owner);
  await left("nbe-others", (owner) => ({ ...owner, pid, where: "another machine" }));
  await left("nbe-broken", () => ({ pid }));
  await left("nbe-dead-or-not", (owner) => ({ ...owner, pid }));
  await mkdir(join(parent, "nbe-making"));
  await privateFolder();
  const names = await readdir(parent);
  for (const name of ["nbe-alive0", "nbe-others", "nbe-broken", "nbe-dead-or-not", "nbe-making"])
    expect(names).toContain(name);
});
