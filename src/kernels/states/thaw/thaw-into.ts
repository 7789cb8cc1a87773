// Owns: one kernel filled with a kept state: take what there is, run again what makes the rest, take once more what
// that may have changed. Knows no disk and no tier.
import type { Execution, RecipeStep } from "../../../contracts/kernel.ts";
import type { Answer } from "../../jupyter/kernel-helper.ts";
import { recordOf, textOf } from "../../../core/untrusted.ts";
import type { Effects } from "./effects.ts";
import { costMs } from "./effects.ts";
import type { FrozenKernel, Group } from "./saved-state.ts";

export interface ThawMeans {
  /** Folder of the contents. */
  readonly store: string;
  /** Asks the kernel's own module to take variables. */
  call(request: object): Promise<Answer>;
  /** Indices of the steps that make the names again. */
  stepsFor(names: readonly string[]): readonly number[];
  readonly effects: readonly Effects[];
  readonly durationsMs: readonly number[];
  readonly steps: readonly RecipeStep[];
  run(step: RecipeStep): Promise<Execution>;
}

export type Thawed =
  /** `notes`: what is not as it was, besides variables; a digest judges those. */
  { readonly notes: readonly string[] } | { readonly problem: string; readonly damaged: boolean };

/** Running more than this part of the recipe again is no better than running it all. */
const WORTHWHILE = 0.8;

export async function thawInto(kept: FrozenKernel, means: ThawMeans): Promise<Thawed> {
  const first = await take(kept, kept.groups, false, means);
  if ("problem" in first) return first;
  const missing = [...kept.lost.map(({ name }) => name), ...first.failed.keys()];
  const picked = means.stepsFor(missing);
  const [again, all] = [
    costMs(picked, means.durationsMs),
    costMs([...means.steps.keys()], means.durationsMs),
  ];
  if (picked.length > 0 && again > all * WORTHWHILE) {
    return {
      problem: `${whyMissing(kept, first.failed)}, and to make that again takes as long as all`,
      damaged: first.damaged,
    };
  }
  for (const index of picked) {
    const step = means.steps[index];
    if (step === undefined) continue;
    const { status } = await means.run(step);
    if (status !== step.status)
      return { problem: `${step.cell} did not end as before when it was run again`, damaged: first.damaged };
  }
  const last = await take(kept, takenAgain(kept, picked, first.failed, means.effects), true, means);
  if ("problem" in last) return last;
  return { notes: last.notes };
}

/** Groups that the steps used or changed: what is kept is right. Except where they share parts with what was made again. */
function takenAgain(
  kept: FrozenKernel,
  picked: readonly number[],
  failed: ReadonlyMap<string, string>,
  effects: readonly Effects[],
): readonly Group[] {
  const touched = picked.flatMap((index) => {
    const effect = effects[index];
    return effect === undefined ? [] : [...effect.defines, ...effect.changes, ...effect.uses];
  });
  const isOpaque = picked.some((index) => effects[index]?.opaque === true);
  const sharing = new Set(kept.lost.flatMap((lost) => lost.with));
  return kept.groups.filter(({ names }) => {
    if (names.some((name) => sharing.has(name) || failed.has(name))) return false;
    return isOpaque || names.some((name) => touched.includes(name));
  });
}

interface Taken {
  readonly failed: ReadonlyMap<string, string>;
  readonly damaged: boolean;
  readonly notes: readonly string[];
}

async function take(
  kept: FrozenKernel,
  groups: readonly Group[],
  isLast: boolean,
  means: ThawMeans,
): Promise<Taken | { readonly problem: string; readonly damaged: boolean }> {
  const { python, settings, names, figures, count } = kept;
  const answer = await means.call({
    store: means.store,
    python,
    groups,
    ...(isLast && { settings, names, figures, count }),
  });
  if (answer.how !== "answered") {
    const why = answer.how === "timeout" ? "the kernel did not answer" : `${answer.name}: ${answer.message}`;
    return { problem: why, damaged: false };
  }
  const said = recordOf(answer.value);
  if (typeof said["refused"] === "string") return { problem: said["refused"], damaged: false };
  const notes = Array.isArray(said["notes"]) ? said["notes"].map(textOf) : [];
  const failed = new Map(Object.entries(recordOf(said["failed"])).map(([name, why]) => [name, textOf(why)]));
  return { failed, damaged: said["damaged"] === true, notes };
}

function whyMissing(kept: FrozenKernel, failed: ReadonlyMap<string, string>): string {
  const reasons = [
    ...kept.lost.map(({ name, reason }) => `${name} was not kept (${reason})`),
    ...[...failed].map(([name, reason]) => `${name} cannot be read (${reason})`),
  ];
  return reasons.slice(0, 4).join("; ") + (reasons.length > 4 ? ` and ${reasons.length - 4} more` : "");
}
