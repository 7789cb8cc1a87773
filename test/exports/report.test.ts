// A run as one file: what lies in it is what the journal holds, it replaces only reports, and it stays small unless told otherwise.
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { inflateRawSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writeReport } from "../../src/exports/report/report.ts";
import { addToEpisodes, wantedParts } from "../../src/exports/report/wanted-blobs.ts";
import { readSteps, type HistoryStep } from "../../src/history/index.ts";
import { readRequest } from "../../src/loop/turn-journal.ts";
import { openRunStore } from "../../src/store/index.ts";
import type { BlobHash, PageInfo, SentEvent, Task } from "../../src/contracts/index.ts";
import { tinyRun } from "../support/tiny-run.ts";
import { tinyTask } from "../support/tiny-task.ts";

const page = resolve(process.env["NBEVOLVE_TEST_BUILD"] ?? "dist", "dashboard");
let root = "";
const dir = (): string => join(root, "run <1>");
/** Would end the script that holds it, if it were not packed or escaped. */
const HOSTILE = "</script><script>globalThis.pwned = true</script><!-- \u2028 \ud800";
const task: Task = { ...tinyTask, statement: HOSTILE };
let steps: readonly HistoryStep[] = [];

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "nbevolve-report-"));
  {
    await using store = await openRunStore(dir(), { mode: "write" });
    await tinyRun(store, { task, proposals: 8, rounds: 2 });
  }
  const read: HistoryStep[] = [];
  for await (const step of readSteps(dir())) read.push(step);
  steps = read;
});
afterAll(() => rm(root, { recursive: true, force: true }));

interface Piece {
  readonly kind: string;
  readonly name: string;
  readonly text: string;
}

/** The pieces of data as a browser sees them: an element ends at the first `</script`. */
function piecesOf(html: string): readonly Piece[] {
  const found = html.matchAll(
    /<script type="application\/x-nbevolve" data-kind="([^"]*)" data-name="([^"]*)">(.*?)<\/script/gs,
  );
  return [...found].map(([, kind = "", name = "", text = ""]) => ({ kind, name, text }));
}

const unpacked = (text: string): string => inflateRawSync(Buffer.from(text, "base64")).toString("utf8");

async function written(name: string, all: boolean): Promise<readonly Piece[]> {
  const file = join(root, name);
  const report = await writeReport(dir(), { file, all, page });
  expect(report).toMatchObject({ file, leftOut: [], bytes: (await stat(file)).size });
  const html = await readFile(file, "utf8");
  expect(html.match(/<script(?! type="application\/x-nbevolve")/g)).toHaveLength(2);
  expect(html).not.toContain("globalThis.pwned");
  const document = html.replaceAll(/<(script|style)[^>]*>.*?<\/\1>/gs, "");
  expect(document).toContain('<div id="page">');
  expect(document).not.toMatch(/src=|href=|url\(|<script|<style/);
  return piecesOf(html);
}

/** Every blob that shows how the proposal was played, with the requests that its requests are told by. */
async function blobsOfProposal(id: string): Promise<readonly BlobHash[]> {
  const events = steps
    .map(({ event }) => event)
    .filter((event) => "proposal" in event && event.proposal === id);
  return events.flatMap((event) => {
    if (event.type === "turn-ended") return [event.reply, event.request ?? ""];
    if (event.type === "calls-ended") return [event.results];
    return event.type === "round-ended" ? [event.notebook] : [];
  });
}

describe("a report", () => {
  test("holds every event in order, what it is about, and its version", async () => {
    const pieces = await written("events.html", false);
    const infos = pieces.filter(({ kind }) => kind === "info");
    const info: PageInfo = JSON.parse(infos[0]?.text ?? "");
    const history = steps.at(-1)?.history;
    expect(info).toMatchObject({
      kind: "report",
      title: "run <1>",
      runs: [
        { name: "run <1>", problem: null, facts: { proposals: history?.proposals, standing: "finished" } },
      ],
    });
    const events = pieces
      .filter(({ kind }) => kind === "events")
      .flatMap(({ text }): readonly SentEvent[] => JSON.parse(unpacked(text)));
    expect(events.map(([, event]) => event)).toEqual(steps.map(({ event }) => event));
    expect(events.every(([timeMs]) => typeof timeMs === "number")).toBe(true);
  });

  test("holds the path to the best with all that its model saw, and with `all` every episode", async () => {
    await using store = await openRunStore(dir(), { mode: "read" });
    const history = steps.at(-1)?.history;
    if (history === undefined) throw new Error("the run has no event");
    for (const all of [false, true]) {
      const blobs = new Map(
        (await written(`blobs-${all}.html`, all))
          .filter(({ kind }) => kind === "blob")
          .map(({ name, text }) => [name, Buffer.from(unpacked(text))]),
      );
      const reader = {
        readBlob: async (hash: BlobHash) => {
          const bytes = blobs.get(hash);
          if (bytes === undefined) throw new Error(`the report lacks ${hash}`);
          expect(bytes.equals(Buffer.from(await store.readBlob(hash)))).toBe(true);
          return bytes;
        },
      };
      expect(JSON.parse(String(await reader.readBlob(history.task)))).toMatchObject({ name: task.name });
      const shown = all
        ? history.ended.map(({ outcome }) => outcome.proposal.id)
        : [`p${history.best.number}`];
      for (const id of shown) for (const hash of await blobsOfProposal(id)) await reader.readBlob(hash);
      await reader.readBlob(history.best.notebook);
      for (const { event } of steps) {
        if (event.type !== "turn-ended" || !shown.includes(event.proposal)) continue;
        const request = await readRequest(reader, event.request ?? "");
        expect(request).toEqual(await readRequest(store, event.request ?? ""));
      }
    }
  });

  test("takes the place of an earlier report, and of nothing else", async () => {
    const file = join(root, "again.html");
    await writeReport(dir(), { file, page });
    await writeReport(dir(), { file, page });
    await writeFile(file, "<!doctype html>my own page");
    await expect(writeReport(dir(), { file, page })).rejects.toThrow(
      /again\.html cannot be written: it is there/,
    );
    expect(await readFile(file, "utf8")).toBe("<!doctype html>my own page");
    await writeReport(dir(), { file, page, replaces: true });
    expect(piecesOf(await readFile(file, "utf8")).length).toBeGreaterThan(3);
  });

  test("of no run is refused, and leaves no file", async () => {
    const file = join(root, "none.html");
    await expect(writeReport(join(root, "nowhere"), { file, page })).rejects.toMatchObject({
      code: "run-missing",
    });
    await expect(stat(file)).rejects.toMatchObject({ code: "ENOENT" });
  });
});

test("wants nothing twice, the task first, and with `all` all that it wants without", () => {
  const episodes = new Map<string, BlobHash[]>();
  for (const { history, event } of steps) {
    addToEpisodes(episodes, event);
    const [some, all] = [false, true].map((whole) =>
      wantedParts(history, task, episodes, whole).flatMap(({ hashes }) => hashes),
    );
    expect(new Set(all).size).toBe(all?.length);
    expect(all?.slice(0, some?.length)).toEqual(some);
    expect(some?.[0]).toBe(history.task);
    expect(some).toContain(history.best.notebook);
  }
});
