// Owns: the source that is nbevolve's own server: events by server-sent events, which the browser takes up again where it was cut off.
import type { ActionAnswer, PageInfo, SentBatch, SentStanding } from "../../contracts/index.ts";
import type { PlacedEvent, RunSource, Source } from "../source.ts";

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
    follow(from, { onBatch, onStanding, onTrouble }) {
      const stream = new EventSource(`${base}/stream?from=${from}`);
      stream.addEventListener("batch", ({ data }: MessageEvent<string>) => {
        const batch: SentBatch = JSON.parse(data);
        onBatch(batch);
      });
      stream.addEventListener("standing", ({ data }: MessageEvent<string>) => {
        const standing: SentStanding = JSON.parse(data);
        onStanding(standing);
      });
      // A run that cannot be read is said, and not asked for again.
      stream.addEventListener("refused", ({ data }: MessageEvent<string>) => {
        stream.close();
        onTrouble(String(JSON.parse(data)));
      });
      stream.addEventListener("open", () => onTrouble(null));
      stream.addEventListener("error", () =>
        onTrouble("The server does not answer. The page goes on by itself once it is there again."),
      );
      return () => stream.close();
    },
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

async function readJson<T>(path: string): Promise<T> {
  const response = await fetch(path);
  if (!response.ok) throw new Error(await response.text());
  const value: T = await response.json();
  return value;
}
