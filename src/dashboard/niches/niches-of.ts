// Owns: the elites of niches, islands and the front of a history, and how niches filled as episodes ended. Pure; one pass over the
// episodes for each.
import type { History } from "../../core/run/history.ts";
import type { Branch } from "../../contracts/index.ts";
import { dominates } from "../../../strategies/parts/dominance.ts";
import { coordinatesOf, gridNiche, nearestCentroid } from "../../../strategies/parts/niches.ts";
import type { FrontAxis, NicheSpace } from "./spaces.ts";

/** How the niches filled. */
export interface NicheCourse {
  /** Branches scored, the first notebook included, behind each of the values below. */
  readonly branches: readonly number[];
  /** Occupied niches. */
  readonly filled: readonly number[];
  /** The sum over the elites of what their fitness exceeds the worst fitness of the run by. */
  readonly qd: readonly number[];
}

/** The niches as they are, and as they became so. */
export interface ShownNiches {
  readonly elites: ReadonlyMap<number, Branch>;
  readonly course: NicheCourse;
}

/** The best branch of each niche, whatever it displaced; branches that reproduction refuted count as none. */
export function nichesOf(history: History, space: NicheSpace): ShownNiches {
  const branches = sound(history);
  const worst = branches.reduce((low, { score }) => Math.min(low, score.fitness), Infinity);
  const elites = new Map<number, Branch>();
  const course = { branches: [] as number[], filled: [] as number[], qd: [] as number[] };
  let qd = 0;
  for (const [at, branch] of branches.entries()) {
    const niche = nicheOf(space, branch);
    const known = niche === null ? undefined : elites.get(niche);
    if (niche === null || (known !== undefined && known.score.fitness >= branch.score.fitness)) continue;
    qd += branch.score.fitness - (known?.score.fitness ?? worst);
    elites.set(niche, branch);
    course.branches.push(at + 1);
    course.filled.push(elites.size);
    course.qd.push(qd);
  }
  // They have stayed as they are until now.
  course.branches.push(branches.length);
  course.filled.push(elites.size);
  course.qd.push(qd);
  return { elites, course };
}

/** Null where it was measured as no number: it is nowhere among the niches. */
function nicheOf({ axes, centroids }: NicheSpace, branch: Branch): number | null {
  const point = coordinatesOf(axes, branch);
  if (!point.every(Number.isFinite)) return null;
  return centroids === null ? gridNiche(axes, point) : nearestCentroid(centroids, point);
}

/** A niche's bin on each axis: the last axis runs fastest in its number. */
export function binsOf({ axes }: Pick<NicheSpace, "axes">, niche: number): readonly number[] {
  let rest = niche;
  return axes
    .toReversed()
    .map(({ bins }) => {
      const bin = rest % bins;
      rest = Math.floor(rest / bins);
      return bin;
    })
    .toReversed();
}

/** In the order scored, the founder first. */
function sound({ founder, ended, reproduced }: History): readonly Branch[] {
  const made = ended.toArray().flatMap(({ outcome }) => (outcome.ok ? [outcome.branch] : []));
  return [founder, ...made].filter(({ id }) => reproduced.get(id)?.survives !== false);
}

/** What an island came to. */
export interface ShownIsland {
  readonly island: number;
  readonly episodes: number;
  readonly failures: number;
  readonly best: Branch | null;
  /** Episodes of the island since its best was found. */
  readonly since: number;
}

/** By number; one alone is no archipelago, and gives none. */
export function islandsOf(history: History): readonly ShownIsland[] {
  const islands = new Map<number, ShownIsland>();
  for (const { outcome } of history.ended) {
    const { island } = outcome.proposal;
    const { episodes, failures, best, since } = islands.get(island) ?? {
      episodes: 0,
      failures: 0,
      best: null,
      since: 0,
    };
    const branch =
      outcome.ok && history.reproduced.get(outcome.branch.id)?.survives !== false ? outcome.branch : null;
    const isBest = branch !== null && (best === null || branch.score.fitness > best.score.fitness);
    islands.set(island, {
      island,
      episodes: episodes + 1,
      failures: failures + (outcome.ok ? 0 : 1),
      best: isBest ? branch : best,
      since: isBest ? 0 : since + 1,
    });
  }
  return islands.size < 2 ? [] : [...islands.values()].toSorted((a, b) => a.island - b.island);
}

/** A branch among the metrics of a front. */
export interface FrontPoint {
  readonly branch: Branch;
  /** In the order of the axes, as they were measured. */
  readonly values: readonly number[];
  /** Whether no other branch is at least as good in all and better in one. */
  readonly isFront: boolean;
}

/** Branches that lack one of the metrics are left out. */
export function frontOf(history: History, axes: readonly FrontAxis[]): readonly FrontPoint[] {
  const measured = sound(history).flatMap((branch) => {
    const values = axes.map(({ metric }) => valueOf(branch, metric));
    return values.every(Number.isFinite) ? [{ branch, values }] : [];
  });
  const oriented = measured.map(({ values }) =>
    values.map((value, at) => (axes[at]?.direction === "minimize" ? -value : value)),
  );
  // What is dominated at all is dominated by one of the front, so that only the front so far is asked.
  let front: readonly number[] = [];
  for (const [at, point] of oriented.entries()) {
    if (front.some((other) => dominates(oriented[other] ?? [], point))) continue;
    front = [...front.filter((other) => !dominates(point, oriented[other] ?? [])), at];
  }
  const isFront = new Set(front);
  return measured.map((point, at) => ({ ...point, isFront: isFront.has(at) }));
}

function valueOf({ score, traits }: Branch, metric: string): number {
  if (metric === "fitness") return score.fitness;
  return score.metrics[metric] ?? traits?.[metric] ?? NaN;
}
