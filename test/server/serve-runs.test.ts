// The page's server over real HTTP: every event once and in order, live and after a cut; bounds; and that it only reads.
import { createHash } from "node:crypto";
import { cp, mkdir, mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { request as ask } from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { ActionAnswer, PageInfo, RunEvent, SentBatch } from "../../src/contracts/index.ts";
import type { PlacedEvent } from "../../src/dashboard/source.ts";
import { serveRuns } from "../../src/server/serve-runs.ts";
import { openRunStore, readWaitingCommands, type RunStore } from "../../src/store/index.ts";
import { memoryJournal } from "../../src/testing/memory-journal.ts";
import { tinyRun } from "../support/tiny-run.ts";

const page = resolve(process.env["NBEVOLVE_TEST_BUILD"] ?? "dist", "dashboard");
let root = "";
const folder = (): string => join(root, "runs");
const one = (): string => join(folder(), "one");

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "nbevolve-server-"));
  await using store = await openRunStore(one(), { mode: "write" });
  await tinyRun(store, { proposals: 5 });
  await mkdir(join(folder(), "no run"));
});
afterAll(() => rm(root, { recursive: true, force: true }));

async function eventsOf(dir: string): Promise<readonly RunEvent[]> {
  await using store = await openRunStore(dir, { mode: "read" });
  const events: RunEvent[] = [];
  for await (const event of store.read(0)) events.push(event);
  return events;
}

/** What a browser does that was given the link. */
async function visit(dir: string) {
  const served = await serveRuns(dir, { page });
  onTestFinished(() => served[Symbol.asyncDispose]());
  const { origin } = new URL(served.url);
  const first = await fetch(served.url, { redirect: "manual" });
  expect([first.status, first.headers.get("location")]).toEqual([303, "/"]);
  const [cookie = ""] = (first.headers.get("set-cookie") ?? "").split(";");
  expect(first.headers.get("set-cookie")).toMatch(/; HttpOnly; SameSite=Strict; Path=\/$/);
  const get = (path: string, headers: Record<string, string> = {}) =>
    fetch(`${origin}${path}`, { headers: { cookie, ...headers } });
  const post = (path: string, body: string, headers: Record<string, string> = { "x-nbevolve": "page" }) =>
    fetch(`${origin}${path}`, { method: "POST", body, headers: { cookie, origin, ...headers } });
  return { origin, cookie, get, post };
}

async function readJson<T>(answer: Promise<Response>): Promise<T> {
  const value: T = JSON.parse(await (await answer).text());
  return value;
}

/** Batches of a stream until there are so many events, from the place that it was begun at. */
async function readBatches(
  response: Response,
  count: number,
): Promise<readonly { id: number; batch: SentBatch }[]> {
  const batches: { id: number; batch: SentBatch }[] = [];
  let text = "";
  let events = 0;
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  while (events < count && reader !== undefined) {
    const { value, done } = await reader.read();
    if (done) break;
    text += value;
    const blocks = text.split("\n\n");
    text = blocks.pop() ?? "";
    for (const block of blocks) {
      const [, id, data] = /^id: (\d+)\nevent: batch\ndata: (.*)$/.exec(block) ?? [];
      if (id === undefined || data === undefined) continue;
      const batch: SentBatch = JSON.parse(data);
      batches.push({ id: Number(id), batch });
      events += batch.events.length;
    }
  }
  await reader?.cancel();
  return batches;
}

describe("the page's server", () => {
  test("gives the page, under a policy that loads nothing from elsewhere, and the runs of a folder", async () => {
    const { get } = await visit(folder());
    const index = await get("/");
    expect(index.headers.get("content-security-policy")).toMatch(/default-src 'none'; script-src 'self'/);
    expect(await index.text()).toContain('<script src="page.js">');
    for (const name of ["page.js", "page.css"]) expect((await get(`/${name}`)).status).toBe(200);
    const first: PageInfo = await readJson(get("/api/info"));
    expect(first).toMatchObject({ version: 1, kind: "server", title: "runs", runs: [{ name: "one" }] });
  });

  test.each([
    ["/nowhere", 404],
    ["/api/nowhere", 404],
    ["/api/runs", 404],
    ["/api/runs/two/events?from=0&to=1", 404],
    ["/api/runs/no%20run/events?from=0&to=1", 404],
    ["/api/runs/..%2Fone/events?from=0&to=1", 404],
    ["/api/runs/%2e%2e/events?from=0&to=1", 404],
    ["/api/runs/%ff/events?from=0&to=1", 400],
    ["/..%2f..%2fpackage.json", 404],
    ["/api/runs/one/events?from=0", 400],
    ["/api/runs/one/events?from=-1&to=1", 400],
    ["/api/runs/one/events?from=0&to=999999999", 400],
    ["/api/runs/one/events?from=0&to=1e3", 400],
    [`/api/runs/one/blobs/${"0".repeat(64)}`, 409],
    ["/api/runs/one/blobs/..%2f..%2fx", 404],
    ["/api/runs/one/actions", 405],
    ["/api/runs/one/stream?from=x", 400],
    ["/?token=wrong", 200],
  ])("answers %s by %i", async (path, status) => {
    const { get } = await visit(folder());
    const answer = await get(path);
    expect([answer.status, (await answer.text()).length > 0]).toEqual([status, true]);
  });

  test("keeps out whoever has no token, and names that mean another machine", async () => {
    const { origin, cookie } = await visit(folder());
    expect((await fetch(`${origin}/api/info`)).status).toBe(401);
    expect((await fetch(`${origin}/?token=wrong`)).status).toBe(401);
    const { port } = new URL(origin);
    const status = await new Promise<number | undefined>((done, fail) => {
      const headers = { host: `evil.example:${port}`, cookie };
      ask({ host: "127.0.0.1", port, path: "/api/info", headers }, (got) => {
        got.resume();
        done(got.statusCode);
      })
        .on("error", fail)
        .end();
    });
    expect(status).toBe(421);
  });

  test("gives every event once and in order, and from where it was cut off", async () => {
    const { get } = await visit(one());
    const events = await eventsOf(one());
    const all = await readBatches(await get("/api/runs/one/stream?from=0"), events.length);
    expect(all.flatMap(({ batch }) => batch.events.map(([, event]) => event))).toEqual(events);
    const again = await get("/api/runs/one/stream?from=0", { "last-event-id": "7" });
    const rest = await readBatches(again, events.length - 7);
    expect(rest[0]?.batch.from).toBe(7);
    expect(rest.at(-1)?.id).toBe(events.length);
    const some: readonly PlacedEvent[] = await readJson(get("/api/runs/one/events?from=2&to=9"));
    expect(some.map(({ seq, sent: [, event] }) => [seq, event])).toEqual(
      events.slice(2, 9).map((event, at) => [at + 2, event]),
    );
    const own: readonly PlacedEvent[] = await readJson(get("/api/runs/one/events?from=0&to=999&proposal=p2"));
    expect(own.length).toBeGreaterThan(3);
    expect(JSON.stringify(own)).not.toMatch(/"p[13]"/);
  });

  test("sends what a live run appends, each event once, to several at a time", async () => {
    const recorded = memoryJournal();
    await tinyRun(recorded, { proposals: 4 });
    const dir = join(root, "live");
    await using store: RunStore = await openRunStore(dir, { mode: "write" });
    const events: RunEvent[] = [];
    for await (const event of recorded.read(0)) events.push(event);
    const { get } = await visit(dir);
    const reading = [0, 0, 3].map(async (from) =>
      readBatches(await get(`/api/runs/live/stream?from=${from}`), events.length - from),
    );
    const blobs = await Promise.all(
      [...new Set(JSON.stringify(events).match(/\b[0-9a-f]{64}\b/g))].map(async (hash) => ({
        hash,
        bytes: await recorded.readBlob(hash).catch(() => null),
      })),
    );
    const known = blobs.flatMap(({ hash, bytes }) => (bytes === null ? [] : [{ hash, bytes }]));
    for (const [at, event] of events.entries()) await store.append([event], at === 0 ? known : []);
    for (const [at, from] of [0, 0, 3].entries()) {
      const batches = (await reading[at]) ?? [];
      expect(batches.flatMap(({ batch }) => batch.events.map(([, event]) => event))).toEqual(
        events.slice(from),
      );
    }
  });

  test("gives blobs exactly, never as a page of their own", async () => {
    const { get } = await visit(one());
    const [started] = await eventsOf(one());
    if (started?.type !== "run-started") throw new Error("the run does not begin");
    const blob = await get(`/api/runs/one/blobs/${started.founder.notebook}`);
    const bytes = Buffer.from(await blob.arrayBuffer());
    expect(createHash("sha256").update(bytes).digest("hex")).toBe(started.founder.notebook);
    expect(blob.headers.get("content-type")).toBe("application/octet-stream");
    expect(blob.headers.get("content-security-policy")).toContain("sandbox");
    expect(blob.headers.get("cache-control")).toContain("immutable");
  });

  test("changes a run by commands alone", async () => {
    const dir = join(root, "steered");
    await cp(one(), dir, { recursive: true });
    const before = await readFile(join(dir, "run.db"));
    const { get, post } = await visit(dir);
    const act = async (action: unknown): Promise<ActionAnswer> =>
      readJson(post("/api/runs/steered/actions", JSON.stringify(action)));
    await readBatches(await get("/api/runs/steered/stream?from=0"), 3);
    expect((await readFile(join(dir, "run.db"))).equals(before)).toBe(true);

    const steer = { do: "steer", note: "try hexagons", branch: null, proposals: 2 };
    expect(await act(steer)).toEqual({ ok: true, text: "The note waits until the run is resumed." });
    expect(await readWaitingCommands(dir)).toMatchObject([
      { kind: "steer", note: "try hexagons", proposals: 2 },
    ]);
    expect(await act({ do: "steer", note: " ", branch: null, proposals: 2 })).toMatchObject({ ok: false });
    expect(await act({ do: "steer", note: "x", branch: "b999", proposals: 2 })).toMatchObject({
      ok: false,
      text: expect.stringContaining("b999"),
    });
    expect(await act({ do: "stop" })).toEqual({ ok: false, text: expect.stringContaining("No process") });
    expect(await act({ do: "inject", notebook: "no notebook" })).toMatchObject({ ok: false });
    for (const body of ["", "{", "[]", '{"do":"stop","more":1}', '{"do":"rm"}', '{"do":"steer"}'])
      expect((await post("/api/runs/steered/actions", body)).status).toBe(400);
    expect((await post("/api/runs/steered/actions", JSON.stringify(steer), {})).status).toBe(403);
    expect(await readWaitingCommands(dir)).toHaveLength(1);
    await stat(join(dir, "run.db"));
  });

  test("says of a folder's runs what each came to, and why one cannot be read", async () => {
    await mkdir(join(folder(), "broken"));
    await cp(join(one(), "journal.jsonl"), join(folder(), "broken", "run.db"));
    await cp(one(), join(folder(), "two"), { recursive: true });
    const { get } = await visit(folder());
    let info: PageInfo;
    do info = await readJson(get("/api/info"));
    while (info.runs.some(({ facts, problem }) => facts === null && problem === null));
    expect(info.runs).toMatchObject([
      { name: "broken", problem: expect.stringMatching(/./), facts: null },
      { name: "one", facts: { proposals: 5, standing: "finished" } },
      { name: "two", facts: { proposals: 5, standing: "finished" } },
    ]);
  });

  test("of no folder is refused", async () => {
    await expect(serveRuns(join(root, "nowhere"), { page })).rejects.toThrow(/there is no folder/);
  });
});
