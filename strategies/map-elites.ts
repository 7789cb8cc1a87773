// Owns: MAP-Elites - the best branch of every niche lives, and any of them may be a parent.
import { bestFirst } from "../src/core/run/branch.ts";
import type { Branch, Strategy } from "../src/contracts/index.ts";
import { addElite, emptyArchive, type Acceptance, type Archive } from "./parts/archive.ts";
import { checkAxes, coordinates, notebookAxes, type Axis } from "./parts/axes.ts";
import { cvtCentroids, nearestCentroid } from "./parts/cvt.ts";
import { gridNiche } from "./parts/grid.ts";
import { checkShare, checkWhole, refuse } from "./parts/options.ts";

export interface MapElitesOptions extends Acceptance {
  /** What spans the niches; by default what any notebook has. Give the task's `descriptors`. */
  readonly axes?: readonly Axis[];
  /** Voronoi niches, so many, instead of a grid of the axes' bins; 0 for the grid; 0. */
  readonly centroids?: number;
  /** Of the centroids' places; 0. */
  readonly cvtSeed?: number;
  /** Ranges grow with what is seen, and the elites are binned anew; for grids; false. */
  readonly adaptive?: boolean;
  /** Elites drawn for one parent, with replacement; the best of them is it. 1 draws evenly; 1 or more; 2. */
  readonly size?: number;
  /** Probability that a proposal has a second parent, from another niche; 0 to 1; 0.15. */
  readonly crossover?: number;
  /** Elites of other niches that the model is shown, at most; 0 or more; 1. */
  readonly inspirations?: number;
}

export interface Niches {
  readonly founder: Branch;
  readonly archive: Archive;
  /** As they are now; they change only where the ranges adapt. */
  readonly axes: readonly Axis[];
}

/**
 * A parent is the best of a few elites drawn evenly. Source: Mouret and Clune 2015, "Illuminating search spaces by mapping
 * elites"; acceptance, ties and clipping as in pyribs. @throws RunError `bad-option`.
 */
export function mapElites(options: MapElitesOptions = {}): Strategy<Niches> {
  const { centroids = 0, cvtSeed = 0, adaptive = false, crossover = 0.15, inspirations = 1 } = options;
  const { size = 2, learningRate = 1, thresholdMin = null } = options;
  const axes = checkAxes("map-elites", options.axes ?? notebookAxes);
  checkWhole("map-elites", 0, { centroids, cvtSeed, inspirations });
  checkWhole("map-elites", 1, { size });
  checkShare("map-elites", { crossover, learningRate });
  if (learningRate < 1 && thresholdMin === null)
    refuse("map-elites", "thresholdMin", null, "a number where learningRate is below 1");
  if (adaptive && (centroids > 0 || learningRate < 1))
    refuse("map-elites", "adaptive", true, "false with centroids or with a learningRate below 1");
  const places = centroids === 0 ? null : cvtCentroids(axes, centroids, cvtSeed);
  const rule: Acceptance = { learningRate, thresholdMin };

  function place(niches: Niches, branch: Branch): Niches {
    const point = coordinates(niches.axes, branch);
    if (!point.every(Number.isFinite)) return niches; // nowhere among the niches
    if (adaptive && !inside(niches.axes, point)) return place(rebinned(niches, point), branch);
    const niche = places === null ? gridNiche(niches.axes, point) : nearestCentroid(places, point);
    return { ...niches, archive: addElite(niches.archive, niche, branch, rule) };
  }

  return {
    name: "map-elites",
    settings: {
      axes: axes.map((axis) => ({ ...axis })),
      centroids,
      cvtSeed,
      adaptive,
      size,
      crossover,
      inspirations,
      learningRate,
      thresholdMin,
    },
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
}

function eliteAt(archive: Archive, place: number): Branch | undefined {
  return archive.elites.get(archive.niches.get(place) ?? -1)?.branch;
}

function inside(axes: readonly Axis[], point: readonly number[]): boolean {
  return axes.every(({ min, max }, i) => {
    const value = point[i] ?? min;
    return value >= min && value <= max;
  });
}

/**
 * The niches over ranges that hold the point too. Ranges at least double, so that this is rare; where elites come
 * together in one niche the best stays, and of equals the one that was found first.
 */
function rebinned({ founder, archive, axes }: Niches, point: readonly number[]): Niches {
  const wider = axes.map((axis, i) => widened(axis, point[i] ?? axis.min));
  const elites = archive.niches.toArray().flatMap((niche) => archive.elites.get(niche)?.branch ?? []);
  const again = elites
    .toSorted((a, b) => a.number - b.number)
    .reduce(
      (next, branch) => addElite(next, gridNiche(wider, coordinates(wider, branch)), branch),
      emptyArchive,
    );
  return { founder, archive: again, axes: wider };
}

function widened(axis: Axis, value: number): Axis {
  const { min, max } = axis;
  if (value < min) return { ...axis, min: Math.min(value, min - (max - min)) };
  if (value > max) return { ...axis, max: Math.max(value, max + (max - min)) };
  return axis;
}
