// Owns: how fast the controller is when episodes cost nothing: proposals a second, resuming many branches, and strategies
// whose populations grow.
import { Map as PersistentMap } from "immutable";
import { randomAt } from "../../src/core/random.ts";
import { evolve } from "../../src/loop/evolve.ts";
import type { EvolveOptions } from "../../src/loop/types.ts";
import type { Branch, JsonObject, Proposal, RunEvent, Strategy } from "../../src/contracts/index.ts";
import { openRunStore } from "../../src/store/index.ts";
import * as strategies from "../../strategies/index.ts";
import { median } from "../measure.ts";
import { noOpBranch, noOpEnd, noOpStart } from "./no-op.ts";

const SEED = 1;
const PAGE = 2000;

export interface Throughput {
  readonly proposals: number;
  readonly parallel: number;
  readonly seconds: number;
  readonly perSecond: number;
  /** Processor time of all threads of the process: it holds on a busy machine, where `seconds` does not. */
  readonly cpuSeconds: number;
}

/** Measures proposals a second, end to end, to the journal of a run directory. */
export async function measureThroughput(
  dir: string,
  proposals: number,
  parallel: number,
): Promise<Throughput> {
  await using store = await openRunStore(dir, { mode: "write" });
  const began = performance.now();
  const before = process.cpuUsage();
  await evolve(
    {
      strategy: strategies.tournament(),
      journal: store,
      playFounder: async () => noOpStart(SEED),
      playEpisode: async (proposal, run) => noOpEnd(proposal, run),
    },
    evolveOptions(proposals, parallel),
  );
  const seconds = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage(before);
  return { proposals, parallel, seconds, perSecond: proposals / seconds, cpuSeconds: (user + system) / 1e6 };
}

function evolveOptions(proposals: number, parallel: number): EvolveOptions {
  const budget = { proposals, targetFitness: null };
  return { parallel, order: "as-finished", budget, signal: new AbortController().signal };
}

/** Writes a run with this many proposals, each with a branch, in large appends. */
export async function writeRun(dir: string, proposals: number): Promise<void> {
  await using store = await openRunStore(dir, { mode: "write" });
  const { event, blobs } = noOpStart(SEED);
  await store.append([event], blobs);
  let branches: readonly Branch[] = [noOpBranch(0, [])];
  for (let number = 1; number <= proposals; number += PAGE) {
    const page = Array.from({ length: Math.min(PAGE, proposals - number + 1) }, (_, i) =>
      noOpBranch(number + i, [randomAt("parent", number + i).pick(branches)]),
    );
    await store.append(page.flatMap(eventsOf));
    branches = page; // parents are of the page before
  }
}

function eventsOf(branch: Branch): readonly RunEvent[] {
  const { number, parents } = branch;
  const proposal: Proposal = { operator: "improve", parents, island: 0, number, id: `p${number}` };
  return [
    { type: "proposal-made", proposal },
    { type: "episode-ended", outcome: { ok: true, proposal, branch } },
    { type: "proposal-told", proposal: proposal.id },
  ];
}

export interface ResumeFigures {
  readonly branches: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** Resident memory of the process once the run is resumed. */
  readonly residentMb: number;
}

/** Opens a run to write to it and reduces its journal. Call it in its own process, or the memory is not the run's alone. */
export async function measureResume(dir: string): Promise<ResumeFigures> {
  const began = performance.now();
  const before = process.cpuUsage();
  await using store = await openRunStore(dir, { mode: "write" });
  const run = await evolve(
    {
      strategy: strategies.tournament(),
      journal: { read: (from) => store.read(from), append: async () => undefined },
      playFounder: () => Promise.reject(new Error("there is a run")),
      playEpisode: () => Promise.reject(new Error("nothing is left to play")),
    },
    evolveOptions(1, 1),
  );
  const seconds = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage(before);
  const cpuSeconds = (user + system) / 1e6;
  return {
    branches: run.branches.size,
    seconds,
    cpuSeconds,
    residentMb: process.memoryUsage.rss() / 2 ** 20,
  };
}

export interface Pace {
  readonly strategy: string;
  /** Microseconds of one ask and of one tell, the median of the last 500 or fewer: one figure for each size of the history. */
  readonly askUs: readonly number[];
  readonly tellUs: readonly number[];
}

/** Strategies that wrap others are measured around these; what is not here is measured with its defaults. */
const SETTINGS: Readonly<Record<string, JsonObject>> = {
  islands: { of: "map-elites" },
  adaptive: { of: ["tournament", "map-elites"] },
};

/** Measures every shipped strategy, and MAP-Elites with Voronoi niches too. `sizes`: numbers of branches, ascending. */
export function measurePaces(sizes: readonly number[]): readonly Pace[] {
  const names = strategies.SHIPPED_STRATEGIES.map(({ declaration }) => declaration.name);
  return [
    ...names.map((name) => measurePace(name, strategies.shippedStrategy(name, SETTINGS[name]), sizes)),
    measurePace("map-elites (cvt)", strategies.mapElites({ centroids: 64 }), sizes),
  ];
}

function measurePace(name: string, strategy: Strategy, sizes: readonly number[]): Pace {
  let population: unknown = strategy.start(noOpBranch(0, []));
  let branches: PersistentMap<string, Branch> = PersistentMap([["b0", noOpBranch(0, [])]]);
  const asks: number[] = [];
  const tells: number[] = [];
  const askUs: number[] = [];
  const tellUs: number[] = [];
  for (let number = 1; number <= (sizes.at(-1) ?? 0); number++) {
    const began = performance.now();
    const move = strategy.ask(population, { number, open: [], random: randomAt(SEED, number) });
    const asked = performance.now();
    if (move === null) throw new Error(`${name} waits for what is not there`);
    const { outcome } = noOpEnd({ ...move, number, id: `p${number}` }, { branches });
    const before = performance.now();
    population = strategy.tell(population, outcome);
    asks.push(asked - began);
    tells.push(performance.now() - before);
    if (outcome.ok) branches = branches.set(outcome.branch.id, outcome.branch);
    if (!sizes.includes(number)) continue;
    askUs.push(median(asks.splice(0).slice(-SAMPLE)) * 1000);
    tellUs.push(median(tells.splice(0).slice(-SAMPLE)) * 1000);
  }
  return { strategy: name, askUs, tellUs };
}

const SAMPLE = 500;
