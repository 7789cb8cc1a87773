// Owns: filling one kernel with a kept state: what was kept is taken, and cells that make the rest run again. What they
// may have changed is taken once more. Knows no disk and no tier.
import type { Execution, RecipeStep } from "../../../contracts/kernel.ts";
import type { HelperAnswer } from "../../jupyter/kernel-helper.ts";
import type { HelperValue } from "../../jupyter/helper-values.ts";
import type { Effects } from "./effects.ts";
import { costMs } from "./effects.ts";
import type { FrozenKernel, Group } from "./saved-state.ts";

export interface ThawActions {
  /** Folder of the contents. */
  readonly store: string;
  /** Asks the kernel's own module to take variables. */
  call(request: object): Promise<HelperAnswer<HelperValue<"thaw">>>;
  /** Indices of the steps that make the names again. */
  stepsFor(names: readonly string[]): readonly number[];
  readonly effects: readonly Effects[];
  readonly durationsMs: readonly number[];
  readonly steps: readonly RecipeStep[];
  run(step: RecipeStep): Promise<Execution>;
}

export type ThawResult =
  /** `notes`: what is not as it was, besides variables; a description of the state judges those. */
  { readonly notes: readonly string[] } | { readonly problem: string; readonly damaged: boolean };

/** Running more than this share of the recipe again is no better than running it all. */
const WORTHWHILE = 0.8;

export async function thawInto(kept: FrozenKernel, actions: ThawActions): Promise<ThawResult> {
  const first = await takeGroups(kept, kept.groups, false, actions);
  if ("problem" in first) return first;
  const missing = [...kept.lost.map(({ name }) => name), ...first.failed.keys()];
  const picked = actions.stepsFor(missing);
  const [again, all] = [
    costMs(picked, actions.durationsMs),
    costMs([...actions.steps.keys()], actions.durationsMs),
  ];
  if (picked.length > 0 && again > all * WORTHWHILE) {
    return {
      problem: `${whyMissing(kept, first.failed)}, and to make that again takes as long as all`,
      damaged: first.damaged,
    };
  }
  for (const index of picked) {
    const step = actions.steps[index];
    if (step === undefined) continue;
    const { status } = await actions.run(step);
    if (status !== step.status)
      return { problem: `${step.cell} did not end as before when it was run again`, damaged: first.damaged };
  }
  const last = await takeGroups(
    kept,
    groupsToRetake(kept, picked, first.failed, actions.effects),
    true,
    actions,
  );
  if ("problem" in last) return last;
  return { notes: last.notes };
}

/** Groups that the steps used or changed: what is kept is right. Except where they share parts with what was made again. */
function groupsToRetake(
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

interface TakeResult {
  readonly failed: ReadonlyMap<string, string>;
  readonly damaged: boolean;
  readonly notes: readonly string[];
}

async function takeGroups(
  kept: FrozenKernel,
  groups: readonly Group[],
  isLast: boolean,
  actions: ThawActions,
): Promise<TakeResult | { readonly problem: string; readonly damaged: boolean }> {
  const { python, settings, names, figures, count } = kept;
  const answer = await actions.call({
    store: actions.store,
    python,
    groups,
    settings,
    ...(isLast && { names, figures, count }),
  });
  if (answer.how !== "answered") {
    const why = answer.how === "timeout" ? "the kernel did not answer" : `${answer.name}: ${answer.message}`;
    return { problem: why, damaged: false };
  }
  const { refused, failed, damaged, notes } = answer.value;
  if (refused !== undefined) return { problem: refused, damaged: false };
  return { failed: new Map(Object.entries(failed)), damaged, notes };
}

function whyMissing(kept: FrozenKernel, failed: ReadonlyMap<string, string>): string {
  const reasons = [
    ...kept.lost.map(({ name, reason }) => `${name} was not kept (${reason})`),
    ...[...failed].map(([name, reason]) => `${name} cannot be read (${reason})`),
  ];
  return reasons.slice(0, 4).join("; ") + (reasons.length > 4 ? ` and ${reasons.length - 4} more` : "");
}
