// Owns: the routes of the page's server: what is asked for, within bounds, and in which form it is answered.
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { messageOf, RunError } from "../core/errors.ts";
import { proposalOf } from "../core/run/proposal-of.ts";
import { parseJson } from "../core/untrusted.ts";
import { packageVersion } from "../shipped.ts";
import { holdsRun, openRunStore, type RunStore } from "../store/index.ts";
import type { PageInfo, SentEvent } from "../contracts/index.ts";
import { act, readAction } from "./act.ts";
import type { RunList } from "./run-list.ts";
import { sendEvents, type WrittenBatch } from "./send-events.ts";

/** Places of the journal that one request may look at, and events that it gets. */
const MOST_PLACES = 200_000;
const MOST_EVENTS = 20_000;
/** A notebook that somebody injects is the longest that is ever sent here. */
const MOST_BODY = 64 * 2 ** 20;

/** Milliseconds between two looks for a run that has not begun. */
const LOOK_MS = 200;

/** What is asked for is not there, or is not well asked. */
class WrongRequest extends Error {
  readonly status: number;
  constructor(status: number, text: string) {
    super(text);
    this.status = status;
  }
}

/** Answers what the page asks. `signal`: the server is closing. */
export async function answerApi(
  list: RunList,
  url: URL,
  request: IncomingMessage,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  try {
    await answer(list, url, request, response, signal);
  } catch (problem) {
    if (response.headersSent) throw problem;
    const status = problem instanceof WrongRequest ? problem.status : problem instanceof RunError ? 409 : 500;
    response
      .writeHead(status, { ...PLAIN, "content-type": "text/plain; charset=utf-8" })
      .end(`${messageOf(problem)}\n`);
  }
}

const PLAIN = { "cache-control": "no-store", "x-content-type-options": "nosniff" };

async function answer(
  list: RunList,
  url: URL,
  request: IncomingMessage,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  const [, api, what, name, part, rest, more] = url.pathname.split("/").map(decodeName);
  if (api !== "api" || more !== undefined) throw new WrongRequest(404, "There is no such page.");
  if (what === "info" && name === undefined) return sendJson(response, infoOf(list));
  const dir = what === "runs" && name !== undefined ? list.dirOf(name) : null;
  if (dir === null) throw new WrongRequest(404, "There is no such run.");
  if (part === "actions" && rest === undefined) return answerAction(dir, request, response);
  if (request.method !== "GET") throw new WrongRequest(405, "Only actions are posted.");
  if (part === "stream" && rest === undefined) return streamRun(dir, url, request, response, signal);
  await using store = await openRunStore(dir, { mode: "read" });
  if (part === "events" && rest === undefined) return sendJson(response, await eventsOf(store, url));
  if (part === "blobs" && rest !== undefined && /^[0-9a-f]{64}$/.test(rest)) {
    const bytes = await store.readBlob(rest);
    response.writeHead(200, { ...PLAIN, ...BLOB, "content-length": bytes.length }).end(bytes);
    return;
  }
  throw new WrongRequest(404, "There is no such page.");
}

/** A hash names the same bytes for ever. They are never a page of their own. */
const BLOB = {
  "cache-control": "private, max-age=31536000, immutable",
  "content-type": "application/octet-stream",
  "content-security-policy": "default-src 'none'; sandbox",
};

function decodeName(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new WrongRequest(400, "The address is not well formed.");
  }
}

function infoOf(list: RunList): PageInfo {
  const runs = list.runs();
  // What is new is there for the next request: a long run takes its time. A single run's page reads it by itself.
  if (runs.length > 1) void list.refresh();
  return { version: 1, release: packageVersion(), title: list.title, kind: "server", runs };
}

function sendJson(response: ServerResponse, value: unknown): void {
  response
    .writeHead(200, { ...PLAIN, "content-type": "application/json; charset=utf-8" })
    .end(JSON.stringify(value));
}

async function eventsOf(store: RunStore, url: URL) {
  const [from, to] = [placeIn(url, "from"), placeIn(url, "to")];
  const proposal = url.searchParams.get("proposal");
  if (to - from > MOST_PLACES)
    throw new WrongRequest(400, `No more than ${MOST_PLACES} places of the journal are read at once.`);
  const found: { readonly seq: number; readonly sent: SentEvent }[] = [];
  for await (const { seq, at, event } of store.readTimed(from)) {
    if (seq >= to || found.length >= MOST_EVENTS) break;
    if (proposal === null || proposalOf(event) === proposal)
      found.push({ seq, sent: [Date.parse(at), event] });
  }
  return found;
}

function placeIn(url: URL, name: string): number {
  const text = url.searchParams.get(name) ?? "";
  if (!/^\d{1,12}$/.test(text))
    throw new WrongRequest(400, `${name} is a place in the journal: a whole number from 0.`);
  return Number(text);
}

async function answerAction(dir: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== "POST") throw new WrongRequest(405, "An action is posted.");
  const action = readAction(parseJson(await readBody(request)));
  if (action === null) throw new WrongRequest(400, "That is no action.");
  sendJson(response, await act(dir, action));
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > MOST_BODY) throw new WrongRequest(413, `No more than ${MOST_BODY / 2 ** 20} MiB are taken.`);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString("utf8");
}

async function streamRun(
  dir: string,
  url: URL,
  request: IncomingMessage,
  response: ServerResponse,
  closing: AbortSignal,
): Promise<void> {
  const last = request.headers["last-event-id"];
  const from = typeof last === "string" && /^\d{1,12}$/.test(last) ? Number(last) : placeIn(url, "from");
  const gone = new AbortController();
  response.on("close", () => gone.abort());
  const signal = AbortSignal.any([gone.signal, closing]);
  response.writeHead(200, { ...PLAIN, "content-type": "text/event-stream; charset=utf-8" });
  const write = async (text: string): Promise<void> => {
    if (!response.write(text) && !signal.aborted)
      await once(response, "drain", { signal }).catch(() => undefined);
  };
  const sink = {
    batch: ({ text, next }: WrittenBatch) => write(`id: ${next}\nevent: batch\ndata: ${text}\n\n`),
    standing: (standing: unknown) => write(`event: standing\ndata: ${JSON.stringify(standing)}\n\n`),
    alive: () => write(": alive\n\n"),
  };
  try {
    // Its page may be open before the run has begun.
    while (!holdsRun(dir) && !signal.aborted)
      await pause(LOOK_MS, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    await using store = await openRunStore(dir, { mode: "read" });
    await sendEvents(store, from, sink, signal);
  } catch (problem) {
    await write(`event: refused\ndata: ${JSON.stringify(messageOf(problem))}\n\n`);
  }
  response.end();
}
