// Owns: `nbevolve bench soak`: a run whose processes are killed at random, again and again. What must hold all the while:
// no finished round is lost, no process is left behind, no wrong kernel state is accepted.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { randomAt } from "../../src/core/random.ts";
import { readHistory } from "../../src/history/index.ts";
import { readJson } from "../../src/loop/json-blob.ts";
import { readLines } from "../../src/machine/read-lines.ts";
import type { KernelState, RestoreTier } from "../../src/contracts/index.ts";
import { openRunStore } from "../../src/store/index.ts";
import type { Bench } from "../bench.ts";
import { chainAfter } from "./chain.ts";
import { descendants, isAlive, VICTIMS, type FoundProcess, type Victim } from "./processes.ts";

const SEED = 1;
const LONGEST_PAUSE_MS = 1_500;
const LINE_CHARS = 1_000;
/** The most kills in one round: on a busy machine a round takes longer than the pauses. */
const KILLS_A_ROUND = 4;
/** How long the processes of a killed controller may live on. */
const LEFT_MS = 5_000;

interface SoakFigures {
  readonly kills: Readonly<Record<Victim, number>>;
  /** How often the run stopped with an error, and was resumed. */
  readonly stops: number;
  /** Rounds that the run called finished, and how many of them its journal lacks. */
  readonly rounds: number;
  readonly lostRounds: readonly string[];
  /** Processes that outlived their controller. */
  readonly left: number;
  readonly branches: number;
  /** Branches whose submission is not what their recipe gives, each with what was said about its kernel. */
  readonly wrong: readonly string[];
  readonly failures: number;
  readonly restores: Readonly<Partial<Record<RestoreTier, number>>>;
}

export const soakBench: Bench<{ readonly kills: number }> = {
  name: "soak",
  description:
    "A run whose processes are killed at random: no finished round may be lost, no wrong state accepted.",
  flags: [
    { flag: "--kills <n>", description: "How many processes are killed.", value: "count", default: 100 },
  ],
  async run({ kills }, { progress }) {
    const figures = await soak(kills, progress);
    const { left, wrong, lostRounds } = figures;
    return { figures, report: soakReport(figures), failed: left + wrong.length + lostRounds.length > 0 };
  },
};

async function soak(kills: number, progress: (line: string) => void): Promise<SoakFigures> {
  const root = await mkdtemp(join(tmpdir(), "nbe-soak-"));
  const dir = join(root, "run");
  const count = { controller: 0, server: 0, kernel: 0, template: 0 };
  const said = new Set<string>();
  let left = 0;
  let stops = 0;
  let asked = 0;
  let controller = startController(dir, said);
  try {
    for (let done = 0; done < kills;) {
      // A run that makes no progress between two kills has nothing to lose.
      if (said.size * KILLS_A_ROUND <= done && controller.exitCode === null) {
        await pause(LONGEST_PAUSE_MS / 10);
        continue;
      }
      const random = randomAt(SEED, "kill", (asked += 1));
      await pause(random.next() * LONGEST_PAUSE_MS);
      if (controller.exitCode !== null) {
        // A server that is killed before it answers stops a run with an error: it can be resumed.
        stops += 1;
        if (stops > kills) throw new Error("the controller ends by itself again and again");
        controller = startController(dir, said);
      }
      const victim = VICTIMS[random.int(VICTIMS.length)] ?? "controller";
      if (!(await killOne(victim, controller, (n) => random.int(n)))) continue;
      if (victim === "controller") {
        left += await countLeft(controller);
        controller = startController(dir, said);
      }
      count[victim] += 1;
      done += 1;
      progress(`${done}: ${victim}; ${said.size} rounds`);
    }
    const last = descendants(controller.pid ?? 0);
    controller.kill("SIGTERM");
    if (controller.exitCode === null) await once(controller, "exit");
    left += await stillThere(last);
    return { kills: count, stops, left, ...(await judgeRun(dir, said)) };
  } finally {
    controller.kill("SIGKILL");
    await rm(root, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** `said`: receives each round that the controller calls finished. */
function startController(dir: string, said: Set<string>): ChildProcess {
  const program = fileURLToPath(new URL("./controller.js", import.meta.url));
  const child = spawn(process.execPath, [program, dir], { stdio: ["pipe", "pipe", "inherit"] });
  // It is killed again and again: a pipe that breaks is its end.
  readLines(child.stdout, LINE_CHARS, (line) => void said.add(line)).catch(() => undefined);
  return child;
}

const trees = new WeakMap<ChildProcess, readonly FoundProcess[]>();

/** False when there is no such process at this moment. */
async function killOne(
  victim: Victim,
  controller: ChildProcess,
  pick: (n: number) => number,
): Promise<boolean> {
  const tree = descendants(controller.pid ?? 0);
  if (victim === "controller") {
    trees.set(controller, tree);
    controller.kill("SIGKILL");
    await once(controller, "exit");
    return true;
  }
  // A server without kernels has only just started.
  const isUp = tree.some(({ what }) => what === "kernel");
  const found = tree.filter(({ what }) => what === victim && (what !== "server" || isUp));
  const one = found[pick(Math.max(1, found.length))];
  if (one === undefined || !isAlive(one)) return false;
  try {
    process.kill(one.pid, "SIGKILL");
    return true;
  } catch {
    return false; // it ended in this very moment
  }
}

const countLeft = (controller: ChildProcess): Promise<number> => stillThere(trees.get(controller) ?? []);

async function stillThere(tree: readonly FoundProcess[]): Promise<number> {
  const until = performance.now() + LEFT_MS;
  while (tree.some(isAlive) && performance.now() < until) await pause(20);
  return tree.filter(isAlive).length;
}

async function judgeRun(
  dir: string,
  said: ReadonlySet<string>,
): Promise<Omit<SoakFigures, "kills" | "stops" | "left">> {
  await using store = await openRunStore(dir, { mode: "read" });
  const history = await readHistory(store);
  const open = [...history.open.values()].filter(({ outcome }) => outcome === null);
  const ended = history.ended
    .toArray()
    .map((episode) => ({ ...episode, proposal: episode.outcome.proposal }));
  const episodes = [...ended, ...open];
  const rounds = new Set(
    episodes.flatMap(({ proposal, rounds: all }) => all.map(({ round }) => `${proposal.id} ${round}`)),
  );
  const restores: Partial<Record<RestoreTier, number>> = {};
  for (const { tier } of episodes.flatMap((episode) => episode.restores))
    restores[tier] = (restores[tier] ?? 0) + 1;
  const wrong: string[] = [];
  for (const branch of history.branches.values()) {
    const recipe = await readJson<KernelState>(store, branch.kernel);
    if ((await readJson(store, branch.submission)) === chainAfter(recipe)) continue;
    const told = ended
      .filter(({ proposal }) => proposal.number === branch.number)
      .flatMap((episode) => episode.restores.flatMap(({ differences }) => differences));
    wrong.push(`${branch.id} (${told.join(" ") || "nothing was said"})`);
  }
  return {
    rounds: rounds.size,
    lostRounds: [...said].filter((line) => !rounds.has(line)),
    branches: history.branches.size,
    wrong,
    failures: history.failures,
    restores,
  };
}

function soakReport(result: SoakFigures): string {
  const { kills, stops, rounds, lostRounds, left, branches, wrong, failures, restores } = result;
  const each = Object.entries(kills).map(([what, n]) => `${n} ${what}`);
  const tiers = Object.entries(restores).map(([tier, n]) => `${n} by ${tier}`);
  return [
    `killed: ${each.join(", ")}; stopped with an error: ${stops}`,
    `finished rounds: ${rounds}; lost: ${lostRounds.length === 0 ? "none" : lostRounds.join(", ")}`,
    `processes left behind: ${left}`,
    `branches whose submission is not what their recipe gives: ${wrong.length === 0 ? "none" : wrong.join(", ")} of ${branches}`,
    `failed episodes: ${failures}; kernels restored: ${tiers.join(", ")}`,
    "",
  ].join("\n");
}
