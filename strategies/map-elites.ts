// Owns: MAP-Elites: the best branch of every niche lives, and any of them may be a parent.
import { bestFirst } from "../src/core/run/branch.ts";
import type { Branch } from "../src/contracts/index.ts";
import { addElite, emptyArchive, type Acceptance, type Archive } from "./parts/archive.ts";
import {
  axesSetting,
  coordinatesOf,
  cvtCentroids,
  gridNiche,
  nearestCentroid,
  type Axis,
} from "./parts/niches.ts";
import {
  defineStrategy,
  finite,
  flag,
  optional,
  refuse,
  share,
  whole,
  type StrategyMethods,
} from "./parts/settings.ts";

/** The population of `mapElites`. */
export interface Niches {
  readonly founder: Branch;
  readonly archive: Archive;
  /** As they are now; they change only where the ranges adapt. */
  readonly axes: readonly Axis[];
}

/**
 * A parent is the best of a few elites drawn evenly. Source: Mouret and Clune 2015, "Illuminating search spaces by mapping
 * elites"; acceptance, ties and clipping as in pyribs.
 */
export const mapElites = defineStrategy(
  {
    name: "map-elites",
    summary: "the best of every niche lives; a grid, or `centroids` for Voronoi niches",
    source: "Mouret and Clune 2015; Vassiliades 2018",
    settings: {
      axes: axesSetting("What spans the niches."),
      centroids: whole(0, 0, "Voronoi niches in place of a grid of the axes' bins; 0 for the grid."),
      cvtSeed: whole(0, 0, "Seed of the places of the centroids."),
      adaptive: flag(false, "Whether ranges grow with what is seen, and elites are binned again; for grids."),
      size: whole(
        1,
        2,
        "Elites drawn for one parent, with replacement, of which the best is taken; 1 draws evenly.",
      ),
      crossover: share(0.15, "Probability that a proposal has a second parent, from another niche."),
      inspirations: whole(0, 1, "Elites of other niches that the model is shown, at most."),
      learningRate: share(
        1,
        "How far a niche's threshold moves to a newcomer's fitness; below 1, a worse one may get in.",
      ),
      thresholdMin: optional(finite(0, "What the first elite of a niche must exceed."), "none"),
    },
  },
  (settings): StrategyMethods<Niches> => {
    const { axes, centroids, cvtSeed, adaptive, size, crossover, inspirations, learningRate, thresholdMin } =
      settings;
    if (learningRate < 1 && thresholdMin === null)
      refuse("map-elites", "thresholdMin", null, "a number where learningRate is below 1");
    if (adaptive && (centroids > 0 || learningRate < 1))
      refuse("map-elites", "adaptive", true, "false with centroids or with a learningRate below 1");
    const places = centroids === 0 ? null : cvtCentroids(axes, centroids, cvtSeed);
    const rule: Acceptance = { learningRate, thresholdMin };

    function place(niches: Niches, branch: Branch): Niches {
      const point = coordinatesOf(niches.axes, branch);
      if (!point.every(Number.isFinite)) return niches; // nowhere among the niches
      if (adaptive && !isInside(niches.axes, point)) return place(rebin(niches, point), branch);
      const niche = places === null ? gridNiche(niches.axes, point) : nearestCentroid(places, point);
      return { ...niches, archive: addElite(niches.archive, niche, branch, rule) };
    }

    return {
      start: (founder) => place({ founder, archive: emptyArchive, axes }, founder),
      ask({ founder, archive }, { random }) {
        const draw = (): Branch => eliteAt(archive, random.int(archive.niches.size)) ?? founder;
        const parent = (): Branch => Array.from({ length: size }, draw).toSorted(bestFirst)[0] ?? founder;
        if (archive.niches.isEmpty()) return { operator: "draft", parents: [founder.id], island: 0 };
        const first = parent().id;
        const others = new Set(Array.from({ length: inspirations + 1 }, () => draw().id));
        others.delete(first);
        const [second, ...rest] = others;
        if (second !== undefined && random.next() < crossover)
          return { operator: "cross", parents: [first, second], island: 0, inspirations: rest };
        const shown = [...others].slice(0, inspirations);
        return { operator: "improve", parents: [first], island: 0, inspirations: shown };
      },
      tell: (niches, outcome) => (outcome.ok ? place(niches, outcome.branch) : niches),
    };
  },
);

function eliteAt(archive: Archive, place: number): Branch | undefined {
  return archive.elites.get(archive.niches.get(place) ?? -1)?.branch;
}

function isInside(axes: readonly Axis[], point: readonly number[]): boolean {
  return axes.every(({ min, max }, i) => {
    const value = point[i] ?? min;
    return value >= min && value <= max;
  });
}

/**
 * The niches over ranges that hold the point too. Ranges at least double, so that this is rare; where elites come
 * together in one niche the best stays, and of equals the one that was found first.
 */
function rebin({ founder, archive, axes }: Niches, point: readonly number[]): Niches {
  const wider = axes.map((axis, i) => widen(axis, point[i] ?? axis.min));
  const elites = archive.niches.toArray().flatMap((niche) => archive.elites.get(niche)?.branch ?? []);
  const again = elites
    .toSorted((a, b) => a.number - b.number)
    .reduce(
      (next, branch) => addElite(next, gridNiche(wider, coordinatesOf(wider, branch)), branch),
      emptyArchive,
    );
  return { founder, archive: again, axes: wider };
}

function widen(axis: Axis, value: number): Axis {
  const { min, max } = axis;
  if (value < min) return { ...axis, min: Math.min(value, min - (max - min)) };
  if (value > max) return { ...axis, max: Math.max(value, max + (max - min)) };
  return axis;
}
