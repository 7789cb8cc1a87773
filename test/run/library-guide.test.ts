// The guide's tables have what there is: events by what `run.on` knows and journals hold, limits, and codes of errors.
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import type { RunErrorCode } from "../../src/core/errors.ts";
import type { RunLimits } from "../../src/run/run-options.ts";
import { streamEvent } from "../../src/run/event-stream.ts";
import { listenerDesk } from "../../src/run/listeners.ts";
import { memoryJournal } from "../../src/testing/memory-journal.ts";
import { tinyRun } from "../support/tiny-run.ts";

const guide = fileURLToPath(new URL("../../docs/guides/library.md", import.meta.url));

/** Fields by type. Those in parentheses are fields of a field. */
async function documented(): Promise<ReadonlyMap<string, readonly string[]>> {
  const [, table = ""] =
    /<!-- table: events -->([^]*?)<!-- end -->/.exec(await readFile(guide, "utf8")) ?? [];
  const rows = [...table.matchAll(/^\| `([\w-]+)` +\|[^|]*\|([^|]*)\|$/gm)];
  return new Map(
    rows.map(([, type = "", fields = ""]) => [
      type,
      [...fields.replaceAll(/\([^)]*\)/g, "").matchAll(/`(\w+)`/g)].map(([, name = ""]) => name),
    ]),
  );
}

/** First cells of the rows of a table. */
async function namesIn(name: string): Promise<readonly string[]> {
  const text = await readFile(guide, "utf8");
  const [, table = ""] = new RegExp(`<!-- table: ${name} -->([^]*?)<!-- end -->`).exec(text) ?? [];
  return [...table.matchAll(/^\| `([\w-]+)` /gm)].map(([, first = ""]) => first);
}

/** Its keys are those of the type, or it does not compile. */
const CODES: Readonly<Record<RunErrorCode, true>> = {
  "bad-task": true,
  "bad-option": true,
  "bad-notebook": true,
  "founder-rejected": true,
  "verifier-unavailable": true,
  "python-unavailable": true,
  "kernel-unavailable": true,
  "machine-lacks": true,
  "sandbox-unavailable": true,
  "model-refused": true,
  "model-unreachable": true,
  "model-idle": true,
  "run-locked": true,
  "run-missing": true,
  "run-newer": true,
  "run-corrupt": true,
  "run-untrusted": true,
  "journal-unwritable": true,
  "disk-full": true,
  "blob-missing": true,
  "sqlite-unavailable": true,
  "strategy-failed": true,
  "renderer-failed": true,
  "tool-failed": true,
  "model-failed": true,
  "descriptors-failed": true,
  "policy-failed": true,
  "listener-failed": true,
};

const LIMITS: Readonly<Record<keyof RunLimits, true>> = {
  rounds: true,
  tokens: true,
  costUsd: true,
  seconds: true,
  cells: true,
  stagnation: true,
};

test("the guide says what each code of an error means, and what each limit is", async () => {
  expect((await namesIn("errors")).toSorted()).toEqual(Object.keys(CODES).toSorted());
  expect((await namesIn("budget")).toSorted()).toEqual(Object.keys(LIMITS).toSorted());
});

test("the guide names every event that there is", async () => {
  const desk = listenerDesk("run", () => expect.unreachable());
  const types = [...(await documented()).keys()];
  for (const type of types) expect(desk.on(type as never, () => undefined)).toBeTypeOf("function");
  const words = expect.stringContaining(`there are best, ${types.join(", ")}`);
  expect(() => desk.on("?" as never, () => undefined)).toThrow(expect.objectContaining({ message: words }));
});

test("the guide names every field that a run's events have", async () => {
  const fields = await documented();
  const journal = memoryJournal();
  await tinyRun(journal, { proposals: 4, rounds: 2, reproduce: "all", policy: () => ({ verdict: "allow" }) });
  const seen = new Set(journal.events.map(({ type }) => type));
  expect(seen.size).toBe(fields.size - 3); // people's commands: steered, paused, unpaused
  for (const [seq, event] of journal.events.entries()) {
    const told = Object.keys(streamEvent(event, seq)).filter((name) => name !== "type" && name !== "seq");
    expect(fields.get(event.type), event.type).toEqual(expect.arrayContaining(told));
  }
});
