// Commands on a disk: whole, in order, given until they are done with; what is none, or for another session, is not.
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  isWaiting,
  openInbox,
  sendCommand,
  liveSession,
  readWaitingCommands,
} from "../../src/store/index.ts";
import { lockRun, type RunLock } from "../../src/store/lock.ts";

let dir = "";
let lock: RunLock;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "nbevolve-inbox-"));
  lock = await lockRun(dir);
});
afterEach(async () => {
  lock.release();
  await rm(dir, { recursive: true, force: true });
});

const note = { kind: "steer", note: "é", branch: null, proposals: 1 } as const;

test("commands are given in the order sent until they are done with, by the next session too", async () => {
  const first = await sendCommand(dir, note);
  const second = await sendCommand(dir, { ...note, note: "2" });
  {
    using inbox = await openInbox(dir, () => undefined);
    expect(inbox.pending()).toEqual([first, second]);
    await inbox.done(first);
    expect(inbox.pending()).toEqual([second]);
    expect([isWaiting(dir, first), isWaiting(dir, second)]).toEqual([false, true]);
    const news = inbox.news();
    const third = await sendCommand(dir, { ...note, note: "3" });
    await news;
    expect(inbox.pending()).toEqual([second, third]);
  }
  expect(await readWaitingCommands(dir)).toHaveLength(2);
  using again = await openInbox(dir, () => undefined);
  expect(again.pending()).toHaveLength(2);
});

test("a command for an earlier session is thrown away; a file that is no command is set aside by name", async () => {
  const session = await liveSession(dir);
  if (session === null) throw new Error("the lock is held");
  await sendCommand(dir, { kind: "stop", session: `${session} before` });
  const heard = await sendCommand(dir, { kind: "pause", session });
  await writeFile(join(dir, "inbox", "half.json"), '{"kind": "steer"');
  await sendCommand(dir, { kind: "inject", notebook: '{"cells": 3}' });
  const said: string[] = [];
  using inbox = await openInbox(dir, (line) => said.push(line));
  expect(inbox.pending()).toEqual([heard]);
  expect(said).toHaveLength(2);
  expect(said.join()).toMatch(/half\.json is no command to a run; it is set aside as half\.json\.refused/);
  expect((await readdir(join(dir, "inbox"))).filter((name) => name.endsWith(".json"))).toHaveLength(1);
});

test("whether somebody is at work is known by the lock, not by what a dead process left", async () => {
  expect(await liveSession(dir)).toMatch(new RegExp(`^${process.pid} `));
  lock.release();
  await writeFile(join(dir, "lock.json"), '{"pid": 1}');
  expect(await liveSession(dir)).toBeNull();
  lock = await lockRun(dir);
});
