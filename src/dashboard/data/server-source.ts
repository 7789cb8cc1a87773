// Owns: the source that is nbevolve's own server: events by server-sent events, which the browser takes up again where it was cut off.
import type { ActionAnswer, PageInfo, SentBatch, SentStanding } from "../../contracts/index.ts";
import type { Follower, PlacedEvent, RunSource, Source } from "../source.ts";

/** The server answers an action only with this header, which no other site can send along. */
const OWN_REQUEST = { "x-nbevolve": "page" };

export async function openServerSource(): Promise<Source> {
  return {
    info: await readJson<PageInfo>("api/info"),
    refresh: () => readJson<PageInfo>("api/info"),
    openRun,
  };
}

function openRun(name: string): RunSource {
  const base = `api/runs/${encodeURIComponent(name)}`;
  return {
    name,
    follow: (from, follower) => followStream(base, from, follower),
    readEvents(from, to, proposal) {
      const of = proposal === undefined ? "" : `&proposal=${encodeURIComponent(proposal)}`;
      return readJson<readonly PlacedEvent[]>(`${base}/events?from=${from}&to=${to}${of}`);
    },
    async readBlob(hash) {
      const response = await fetch(`${base}/blobs/${hash}`);
      if (!response.ok) throw new Error(await response.text());
      return new Uint8Array(await response.arrayBuffer());
    },
    async act(action) {
      const response = await fetch(`${base}/actions`, {
        method: "POST",
        headers: { ...OWN_REQUEST, "content-type": "application/json" },
        body: JSON.stringify(action),
      });
      const answer: ActionAnswer = await response.json();
      return answer;
    },
  };
}

/** Milliseconds until a stream that was refused is asked for again; one that was cut the browser takes up by itself. */
const AGAIN_MS = 2_000;

function followStream(base: string, from: number, { onBatch, onStanding, onTrouble }: Follower): () => void {
  let next = from;
  let stream: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  function open(): void {
    const opened = new EventSource(`${base}/stream?from=${next}`);
    stream = opened;
    opened.addEventListener("batch", ({ data }: MessageEvent<string>) => {
      const batch: SentBatch = JSON.parse(data);
      next = batch.from + batch.events.length;
      onBatch(batch);
    });
    opened.addEventListener("standing", ({ data }: MessageEvent<string>) => {
      const standing: SentStanding = JSON.parse(data);
      onStanding(standing);
    });
    // A run that cannot be read is said, and not asked for again.
    opened.addEventListener("refused", ({ data }: MessageEvent<string>) => {
      opened.close();
      onTrouble(String(JSON.parse(data)));
    });
    opened.addEventListener("open", () => onTrouble(null));
    opened.addEventListener("error", () => {
      onTrouble("The server does not answer. The page goes on by itself once it is there again.");
      if (opened.readyState === EventSource.CLOSED) timer = setTimeout(open, AGAIN_MS);
    });
  }
  open();
  return () => {
    clearTimeout(timer);
    stream?.close();
  };
}

async function readJson<T>(path: string): Promise<T> {
  const response = await fetch(path);
  if (!response.ok) throw new Error(await response.text());
  const value: T = await response.json();
  return value;
}
