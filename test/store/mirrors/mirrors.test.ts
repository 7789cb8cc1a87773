import { appendFileSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openRunStore, type RunStore } from "../../../src/store/index.ts";
import {
  episodeEnded,
  runStarted,
  type Sample,
  turnEnded,
} from "../../../src/testing/conformance/journal-samples.ts";
import { expectMirrors, noteIn } from "../expect-run.ts";
import { planned } from "../planned-run.ts";
import { scratch } from "../scratch.ts";

const COUNT = 12;

test("the readable files follow every append", async () => {
  const dir = scratch();
  await using store = await openRunStore(dir, { mode: "write" });
  expectMirrors(dir, 0);
  for (let seq = 0; seq < COUNT; seq++) {
    await give(store, planned(seq));
    expectMirrors(dir, seq + 1);
  }
  expect(await count(store)).toBe(COUNT);
});

test("best.ipynb is the fittest branch, and of equals the one proposed first", async () => {
  const dir = scratch();
  await using store = await openRunStore(dir, { mode: "write" });
  const best: string[] = [];
  for (const sample of [
    runStarted(1),
    episodeEnded(3, 2),
    episodeEnded(2, 2),
    episodeEnded(4, 2),
    episodeEnded(5, 1),
  ]) {
    await give(store, sample);
    best.push(noteIn(join(dir, "best.ipynb")).replace("the notebook of ", ""));
  }
  expect(best).toEqual(["founder", "b3", "b2", "b2", "b2"]);
});

test("notebooks are written as Jupyter lays them out", async () => {
  const dir = scratch();
  await using store = await openRunStore(dir, { mode: "write" });
  await give(store, runStarted());
  const text = readFileSync(join(dir, "branches", "founder.ipynb"), "utf8");
  expect(text.startsWith('{\n "cells": [\n  {\n')).toBe(true);
  expect(text.endsWith("\n}\n")).toBe(true);
});

test.each(["../b1", "b/1", "b1.x", "", "b 1"])(
  "a branch called %j is refused before it is kept",
  async (id) => {
    const dir = scratch();
    await using store = await openRunStore(dir, { mode: "write" });
    const { events, blobs } = runStarted();
    const renamed = events.map((event) =>
      event.type === "run-started" ? { ...event, founder: { ...event.founder, id } } : event,
    );
    await expect(store.append(renamed, blobs)).rejects.toThrow("cannot name a branch");
    expectMirrors(dir, 0);
  },
);

describe("opening makes right", () => {
  const jsonl = "journal.jsonl";
  const b5 = join("branches", "b5.ipynb");
  const damages: readonly [string, (dir: string) => void][] = [
    ["a journal.jsonl without its last lines", (dir) => truncateSync(join(dir, jsonl), endOfLine(dir, 4))],
    ["a journal.jsonl torn within a line", (dir) => truncateSync(join(dir, jsonl), endOfLine(dir, 4) - 7)],
    ["a journal.jsonl torn within its only line", (dir) => truncateSync(join(dir, jsonl), 9)],
    ["an empty journal.jsonl", (dir) => truncateSync(join(dir, jsonl))],
    ["a missing journal.jsonl", (dir) => rmSync(join(dir, jsonl))],
    [
      "a journal.jsonl that knows more than the truth",
      (dir) => appendFileSync(join(dir, jsonl), line(COUNT)),
    ],
    ["a journal.jsonl whose end is zeros", (dir) => appendFileSync(join(dir, jsonl), Buffer.alloc(5000))],
    ["a journal.jsonl that is another run's", (dir) => writeFileSync(join(dir, jsonl), line(3))],
    ["a journal.jsonl whose beginning is gone", (dir) => keepFrom(dir, endOfLine(dir, 2))],
    [
      "a journal.jsonl of two megabytes without an end of line",
      (dir) => writeFileSync(join(dir, jsonl), "x".repeat(2e6)),
    ],
    ["a missing branch", (dir) => rmSync(join(dir, b5))],
    ["a torn branch", (dir) => truncateSync(join(dir, b5), 100)],
    ["an empty branch", (dir) => truncateSync(join(dir, b5))],
    ["missing branches", (dir) => rmSync(join(dir, "branches"), { recursive: true })],
    ["a missing best.ipynb", (dir) => rmSync(join(dir, "best.ipynb"))],
    ["another best.ipynb", (dir) => writeFileSync(join(dir, "best.ipynb"), readFileSync(join(dir, b5)))],
  ];

  test.each(damages)("%s", async (_, damage) => {
    const dir = scratch();
    await writePlanned(dir);
    damage(dir);
    await using store = await openRunStore(dir, { mode: "write" });
    expectMirrors(dir, COUNT);
    await give(store, planned(COUNT));
    expectMirrors(dir, COUNT + 1);
    expect(await count(store)).toBe(COUNT + 1);
  });
});

describe("when a readable file cannot be written", () => {
  test("the event is kept and acknowledged, and the next append fails until the file can be written", async () => {
    const dir = scratch();
    await using store = await openRunStore(dir, { mode: "write" });
    await give(store, planned(0));
    obstruct(dir);
    await give(store, planned(1));
    await expect(give(store, planned(2))).rejects.toMatchObject({
      code: "journal-unwritable",
      message: expect.stringContaining("while writing its readable copies"),
    });
    expect(await count(store)).toBe(2);
    rmSync(join(dir, "journal.jsonl"), { recursive: true });
    await give(store, planned(2));
    expectMirrors(dir, 3);
  });

  test("closing says so, when no append has", async () => {
    const dir = scratch();
    const store = await openRunStore(dir, { mode: "write" });
    obstruct(dir);
    await give(store, planned(0));
    await expect(store[Symbol.asyncDispose]()).rejects.toMatchObject({ code: "journal-unwritable" });
    rmSync(join(dir, "journal.jsonl"), { recursive: true });
    await using again = await openRunStore(dir, { mode: "write" });
    expect(await count(again)).toBe(1);
    expectMirrors(dir, 1);
  });

  test("closing is silent, when an append has said so", async () => {
    const dir = scratch();
    const store = await openRunStore(dir, { mode: "write" });
    obstruct(dir);
    await give(store, planned(0));
    await expect(give(store, turnEnded(1, 1))).rejects.toMatchObject({ code: "journal-unwritable" });
    await expect(store[Symbol.asyncDispose]()).resolves.toBeUndefined();
  });
});

async function writePlanned(dir: string): Promise<void> {
  await using store = await openRunStore(dir, { mode: "write" });
  for (let seq = 0; seq < COUNT; seq++) await give(store, planned(seq));
}

function give(store: RunStore, { events, blobs }: Sample): Promise<void> {
  return store.append(events, blobs);
}

async function count(store: RunStore): Promise<number> {
  let events = 0;
  for await (const _ of store.read(0)) events++;
  return events;
}

/** Puts a directory where journal.jsonl was. */
function obstruct(dir: string): void {
  rmSync(join(dir, "journal.jsonl"));
  mkdirSync(join(dir, "journal.jsonl"));
}

/** A line as the mirror writes it, at a time that no truth knows. */
function line(seq: number): string {
  const event = JSON.stringify(planned(seq).events[0]);
  return `{"seq":${seq},"at":"2001-01-01T00:00:00.000Z",${event.slice(1)}\n`;
}

/** The position after so many lines of journal.jsonl. */
function endOfLine(dir: string, lines: number): number {
  const text = readFileSync(join(dir, "journal.jsonl"), "utf8");
  return Buffer.byteLength(`${text.split("\n").slice(0, lines).join("\n")}\n`);
}

function keepFrom(dir: string, position: number): void {
  const file = join(dir, "journal.jsonl");
  writeFileSync(file, readFileSync(file).subarray(position));
}
