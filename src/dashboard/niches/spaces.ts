// Owns: what a run's strategy keeps besides a single population: niches, islands, a front. Read from the settings. Pure.
import { isRecord, listOf, recordOf, stringOf } from "../../core/untrusted.ts";
import type { Direction, JsonObject, Json, Task } from "../../contracts/index.ts";
import { cvtCentroids, gridSize, type Axis, type Point } from "../../../strategies/parts/niches.ts";

/** Larger spaces are drawn by nobody, and a stranger's settings may say anything. */
const MOST_NICHES = 20_000;
const MOST_CENTROIDS = 1_000;
const MOST_LEVELS = 8;

/** The niches of MAP-Elites. */
export interface NicheSpace {
  readonly axes: readonly Axis[];
  /** Null: a grid of the axes' bins. */
  readonly centroids: readonly Point[] | null;
  readonly size: number;
  /** Whether the strategy's ranges grow: what is outside these counts to the outermost niches. */
  readonly adaptive: boolean;
  /** Whether the strategy searches by them, or only the task describes them. */
  readonly isUsed: boolean;
}

/** One of the metrics of a front. */
export interface FrontAxis {
  readonly metric: string;
  readonly direction: Direction;
}

/** Null where the run has no axes, or too many niches to draw. */
export function nicheSpaceOf(settings: JsonObject, task: Task): NicheSpace | null {
  const found = findStrategy(settings["strategy"], "map-elites");
  const axes = (found === null ? asJsonList(task.descriptors) : listOf(found["axes"])).flatMap(readAxis);
  if (axes.length === 0) return null;
  const count = Math.trunc(Number(found?.["centroids"] ?? 0));
  const isVoronoi = count > 0 && count <= MOST_CENTROIDS;
  const size = isVoronoi ? count : gridSize(axes);
  if (!(size >= 1 && size <= MOST_NICHES) || count > MOST_CENTROIDS) return null;
  const seed = Math.trunc(Number(found?.["cvtSeed"] ?? 0));
  return {
    axes,
    centroids: isVoronoi ? cvtCentroids(axes, count, Number.isSafeInteger(seed) ? seed : 0) : null,
    size,
    adaptive: found?.["adaptive"] === true,
    isUsed: found !== null,
  };
}

/** Null where the strategy keeps no front. */
export function frontAxesOf(settings: JsonObject): readonly FrontAxis[] | null {
  const found = findStrategy(settings["strategy"], "pareto");
  const axes = listOf(found?.["objectives"]).flatMap((value): readonly FrontAxis[] => {
    const { metric, direction } = recordOf(value);
    const name = stringOf(metric);
    return name === ""
      ? []
      : [{ metric: name, direction: direction === "minimize" ? "minimize" : "maximize" }];
  });
  return axes.length < 2 ? null : axes.slice(0, MOST_LEVELS);
}

/** The strategy of that name, or the first one in it that has it. */
function findStrategy(value: Json | undefined, name: string, levels = MOST_LEVELS): JsonObject | null {
  const record = recordOf(value);
  if (record["name"] === name) return record;
  if (levels === 0) return null;
  for (const inner of [record["of"] ?? null, ...listOf(record["of"])].slice(0, 50)) {
    const found = isRecord(inner) ? findStrategy(inner, name, levels - 1) : null;
    if (found !== null) return found;
  }
  return null;
}

function asJsonList(descriptors: Task["descriptors"]): readonly Json[] {
  return descriptors.map(({ metric, min, max, bins }) => ({ metric, min, max, bins }));
}

function readAxis(value: Json): readonly Axis[] {
  const { metric, min, max, bins } = recordOf(value);
  const [low, high, count] = [min, max, bins].map(Number);
  if (low === undefined || high === undefined || count === undefined) return [];
  const isAxis =
    Number.isFinite(low) && Number.isFinite(high) && low < high && Number.isInteger(count) && count >= 1;
  return isAxis ? [{ metric: stringOf(metric), min: low, max: high, bins: count }] : [];
}
