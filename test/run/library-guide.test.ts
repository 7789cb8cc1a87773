// The guide's table of events is what `run.on` knows and what journals hold.
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
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
