// What is left of boxes whose pool's process is dead, and that those of processes that live are let be.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { Workspaces } from "../../../src/kernels/states/workspaces.ts";
import { Porter } from "../../../src/machine/files/porter.ts";
import { testPython } from "../../support/python.ts";

async function openWorkspaces(): Promise<Workspaces> {
  const root = await mkdtemp("/tmp/nbe-ws-");
  const porter = new Porter(testPython);
  onTestFinished(async () => {
    await porter[Symbol.asyncDispose]();
    await rm(root, { recursive: true });
  });
  return new Workspaces(root, porter);
}

/** Boxes with the workspaces b1, which is shown, and b2. */
async function makeBoxes(root: string, folder: string): Promise<void> {
  for (const name of ["box-1/b1", "box-1/~home", "box-2/b2"])
    await mkdir(join(root, folder, name), { recursive: true });
  await symlink(`${folder}/box-1/b1`, join(root, "b1"));
}

async function die(root: string, folder: string): Promise<void> {
  const child = spawn(process.execPath, ["-e", ""]);
  await once(child, "exit");
  const file = join(root, folder, "owner");
  await writeFile(file, JSON.stringify({ ...JSON.parse(await readFile(file, "utf8")), pid: child.pid }));
}

test("of the boxes of a dead process only workspaces that are shown stay", async () => {
  const workspaces = await openWorkspaces();
  const { root } = workspaces;
  const folder = await workspaces.openBoxes();
  await makeBoxes(root, folder);
  await die(root, folder);
  await workspaces.pruneDead();
  expect((await readdir(join(root, folder), { recursive: true })).toSorted()).toEqual(["box-1", "box-1/b1"]);
});

test("boxes of a process that lives stay, whoever asks, until their pool is closed", async () => {
  const workspaces = await openWorkspaces();
  const { root } = workspaces;
  const folder = await workspaces.openBoxes();
  await makeBoxes(root, folder);
  await new Workspaces(root, workspaces.porter).pruneDead();
  expect((await readdir(join(root, folder))).toSorted()).toEqual(["box-1", "box-2", "owner"]);
  await workspaces.closeBoxes();
  expect((await readdir(join(root, folder), { recursive: true })).toSorted()).toEqual(["box-1", "box-1/b1"]);
});
