// Owns: what the page of a run costs and how soon it knows: the controller's rate with a reader and without one, and the delay of an event.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { randomAt } from "../../src/core/random.ts";
import { serveRuns, type ServeOptions } from "../../src/server/serve-runs.ts";
import { openRunStore } from "../../src/store/index.ts";
import { measureThroughput, type Throughput } from "../controller/measure.ts";
import { noOpStart } from "../controller/no-op.ts";
import { openStream } from "./open-stream.ts";

const PARALLEL = 64;
/** Milliseconds between an event's arrival and the next append, at most: longer than between two looks of the server. */
const MOST_REST_MS = 120;

/** Milliseconds from the moment at which an append is durable until its event was read from the stream, one for each event. */
export async function measureDelays(
  dir: string,
  events: number,
  options: ServeOptions = {},
): Promise<readonly number[]> {
  await using store = await openRunStore(dir, { mode: "write" });
  const { event, blobs } = noOpStart(1);
  await store.append([event], blobs);
  await using served = await serveRuns(dir, options);
  const stream = await openStream(served.url);
  await stream.until(1);
  const delays: number[] = [];
  for (let number = 1; number <= events; number++) {
    await pause(randomAt("rest", number).next() * MOST_REST_MS);
    const proposal = { operator: "improve", parents: ["b0"], island: 0, number, id: `p${number}` } as const;
    await store.append([{ type: "proposal-made", proposal }]);
    const durable = performance.now();
    await stream.until(number + 1);
    delays.push(performance.now() - durable);
  }
  await stream.close();
  return delays;
}

/** The same run with nobody at its page and with a reader in a process of its own, served by the process of the run. */
export interface PairedRates {
  readonly without: Throughput;
  readonly with: Throughput;
}

/** `isPageFirst`: which of the two is measured first; a process that has run for longer is faster. */
export async function measureRates(
  folder: string,
  proposals: number,
  isPageFirst: boolean,
): Promise<PairedRates> {
  const measureAlone = () => measureThroughput(join(folder, "without"), proposals, PARALLEL);
  const before = isPageFirst ? null : await measureAlone();
  const withPage = await measureWatched(join(folder, "with"), proposals);
  return { with: withPage, without: before ?? (await measureAlone()) };
}

async function measureWatched(dir: string, proposals: number): Promise<Throughput> {
  {
    // A page needs a run's directory to be there.
    await using store = await openRunStore(dir, { mode: "write" });
    const { event, blobs } = noOpStart(1);
    await store.append([event], blobs);
  }
  await using served = await serveRuns(dir);
  const script = fileURLToPath(new URL("./reader-child.js", import.meta.url));
  const reader = spawn(process.execPath, [script, served.url], { stdio: ["ignore", "pipe", "inherit"] });
  try {
    await once(reader.stdout, "data"); // it has the first event
    return await measureThroughput(dir, proposals, PARALLEL);
  } finally {
    reader.kill();
  }
}
