// Owns: facts of a run in words: its head, niches, restores, reproductions, tokens and notices. Pure.
import { bestFirst } from "../../core/run/branch.ts";
import { countOf, recordOf, stringOf } from "../../core/untrusted.ts";
import { besideBestKnown, fitnessOfTarget, ownScore, showNumber, targetOf } from "../../history/index.ts";
import { ownProposals } from "../../core/run/counts.ts";
import type { History } from "../../core/run/history.ts";
import type { Branch, DescriptorSpec, Reproduction, Restored, Task, Usage } from "../../contracts/index.ts";
import { gridNiche, gridSize } from "../../../strategies/parts/niches.ts";

/** What a run is of, with what it was made, how far it came and what it took. */
export function headLines(task: Task, history: History): readonly string[] {
  const { settings, seed, startedMs, latestMs, ended, best, founder, reproduced, usage } = history;
  const model = stringOf(settings["model"]);
  const strategy = stringOf(recordOf(settings["strategy"])["name"]);
  const times = [
    ...(startedMs === null ? [] : [`begun ${dateText(startedMs)}`]),
    ...(latestMs === null ? [] : [`latest event ${dateText(latestMs)}`]),
  ];
  const score = ownScore(best.score);
  const survives = reproduced.get(best.id)?.survives === true ? "; reproduced" : "";
  const gain = best.id === founder.id && ended.size > 0 ? "; nothing betters the first notebook yet" : "";
  return [
    `${task.name}: ${task.direction} the score; model ${model}, strategy ${strategy}, seed ${seed}`,
    [...times, ...countTexts(history)].join(", "),
    `best ${best.id}: score ${showNumber(score)}${besideBestKnown(task, score)}${survives}${gain}`,
    ...targetTexts(task, history),
    ...(usage.inputTokens > 0 ? [usageText(usage)] : []),
  ];
}

/** `1 injected`, `2 failed`, `3 of 24 proposals`: what the first session asked for, as long as it is not made. */
function countTexts(history: History): readonly string[] {
  const { injected, failures, settings } = history;
  const asked = countOf(settings["proposals"]) ?? 0;
  const own = ownProposals(history);
  return [
    ...(injected === 0 ? [] : [`${injected} injected`]),
    ...(failures === 0 ? [] : [`${failures} failed`]),
    own < asked ? `${own} of ${asked} proposals` : proposalsText({ proposals: own, injected: 0 }),
  ];
}

/** Where the run stops, when that is not the best known score, of which it is said anyway. */
function targetTexts(task: Task, { settings, best }: History): readonly string[] {
  const target = targetOf(task, settings["target"]);
  if (target === null || target === task.bestKnown) return [];
  const isReached = best.score.fitness >= fitnessOfTarget(target, task.direction);
  return [`target: ${showNumber(target)}, ${isReached ? "reached" : "not reached"}`];
}

export const dateText = (ms: number): string =>
  `${new Date(ms).toISOString().slice(0, 16).replace("T", " ")} UTC`;

/** How many niches have a branch, and the best few. Empty where the task has no descriptors. */
export function nichesText(axes: readonly DescriptorSpec[], branches: readonly Branch[]): readonly string[] {
  if (axes.length === 0) return [];
  const elites = new Map<number, Branch>();
  for (const branch of branches.toSorted(bestFirst)) {
    const niche = gridNiche(axes, branch.descriptor);
    if (!elites.has(niche)) elites.set(niche, branch);
  }
  const names = axes.map(({ metric }) => metric).join(", ");
  const best = [...elites.values()]
    .slice(0, 5)
    .map(({ id, descriptor }) => `${id} at ${placeOf(descriptor)}`);
  return [
    `niches by ${names}: ${elites.size} of ${gridSize(axes)} have a branch; the best: ${best.join("; ")}`,
  ];
}

function placeOf(descriptor: readonly number[]): string {
  return descriptor.map((value) => Number(value.toPrecision(3))).join(", ");
}

/** `1 proposal`, `3 proposals and 2 injected`. */
export function proposalsText(run: Pick<History, "proposals" | "injected">): string {
  const own = ownProposals(run);
  return `${own} proposal${own === 1 ? "" : "s"}${run.injected === 0 ? "" : ` and ${run.injected} injected`}`;
}

/** One restore: `kernel: fork in 0.06 s`, why it was no faster, and what differs from the parent. */
export function restoredText({ tier, durationMs, differences, reason }: Restored): string {
  return [
    `kernel: ${tier} in ${(durationMs / 1000).toFixed(2)} s${reason === undefined ? "" : `, ${reason}`}`,
    ...differences,
  ].join("\n");
}

/** How many restores of each tier, and each reason once with its proposals. `[proposal, restored]`. */
export function restoresText(restores: readonly (readonly [string, Restored])[]): readonly string[] {
  if (restores.length === 0) return [];
  const tiers = groupByKey(restores.map(([, { tier }]) => [tier, ""]));
  const counts = [...tiers].map(([tier, all]) => `${all.length} by ${tier}`);
  const reasons = groupByKey(
    restores.flatMap(([name, { reason }]) => (reason === undefined ? [] : [[reason, name] as const])),
  );
  const differing = restores.filter(([, { differences }]) => differences.length > 0).map(([name]) => name);
  return [
    `kernels restored: ${counts.join(", ")}`,
    ...[...reasons].map(([reason, names]) => `  ${reason} (${listNames(names)})`),
    ...(differing.length === 0 ? [] : [`  not quite as their parents' (${listNames(differing)})`]),
  ];
}

const MOST_NAMED = 8;

function listNames(names: readonly string[]): string {
  const unique = [...new Set(names)];
  const more = unique.length - MOST_NAMED;
  return unique.slice(0, MOST_NAMED).join(", ") + (more > 0 ? ` and ${more} more` : "");
}

/** The values of each key, in the order given. */
export function groupByKey(
  pairs: readonly (readonly [string, string])[],
): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>();
  for (const [key, name] of pairs) {
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [name]);
    else group.push(name);
  }
  return groups;
}

/** How reproducing a branch went. Empty when it was not tried. */
export function reproductionLines(reproduction: Reproduction | undefined): readonly string[] {
  if (reproduction === undefined) return [];
  const { survives, reason, differences, durationMs } = reproduction;
  const took = `${(durationMs / 1000).toFixed(1)} s`;
  return [
    survives ? `reproduced in a fresh kernel, ${took}` : `not reproduced: ${reason} (${took})`,
    ...differences.map(({ cell, what }) => `  ${cell === null ? "" : `${cell} `}${what}`),
  ];
}

/** `tokens: 12,000 in (9,000 cached), 800 out (300 thinking); $0.0123`. */
export function usageText(usage: Usage): string {
  const {
    inputTokens,
    cachedTokens,
    cacheWriteTokens = 0,
    outputTokens,
    reasoningTokens = 0,
    costUsd,
  } = usage;
  const of = (tokens: number, what: string): readonly string[] =>
    tokens === 0 ? [] : [`${tokens.toLocaleString("en")} ${what}`];
  const within = (parts: readonly string[]): string => (parts.length === 0 ? "" : ` (${parts.join(", ")})`);
  const input = within([...of(cachedTokens, "cached"), ...of(cacheWriteTokens, "written to the cache")]);
  const output = within(of(reasoningTokens, "thinking"));
  return `tokens: ${inputTokens.toLocaleString("en")} in${input}, ${outputTokens.toLocaleString("en")} out${output}; ${costText(costUsd)}`;
}

/** `cost`: in dollars; null where a price is not known. */
export function costText(cost: number | null): string {
  return cost === null ? "cost unknown" : `$${cost.toFixed(4)}`;
}

const COUNTED: Readonly<Record<string, readonly [one: string, many: string]>> = {
  retried: ["request asked again", "requests asked again"],
  slowed: ["wait for the rate limit", "waits for the rate limit"],
  repaired: ["repair of a reply", "repairs of replies"],
  adapted: ["adaptation to the server", "adaptations to the server"],
  absent: ["reply in place of a model out of reach", "replies in place of models out of reach"],
  "too-long": ["prompt folded to fit", "prompts folded to fit"],
};

const REPAIRED = "repaired:";

const REPAIRS: typeof COUNTED = {
  text: ["call written as text", "calls written as text"],
  name: ["misspelt tool", "misspelt tools"],
  json: ["call that was no plain JSON", "calls that were no plain JSON"],
  arguments: ["call that did not fit its tool", "calls that did not fit their tools"],
  source: ["cell in a fence or as lines", "cells in a fence or as lines"],
  repetition: ["endless repetition", "endless repetitions"],
  unasked: ["call where none was allowed", "calls where none was allowed"],
};

/**
 * Counts from the journal in words: `12 requests asked again, 3 repairs of replies (2 misspelt tools, 1 call written as text)`;
 * empty when there are none. Runs of before have no kinds of repairs.
 */
export function noticesText(counts: Readonly<Record<string, number>>): string {
  const all = Object.entries(counts);
  const kinds = all.flatMap(([type, count]) =>
    type.startsWith(REPAIRED) ? [countText(REPAIRS, type.slice(REPAIRED.length), count)] : [],
  );
  const which = kinds.length === 0 ? "" : ` (${kinds.join(", ")})`;
  return all
    .filter(([type]) => !type.startsWith(REPAIRED))
    .map(([type, count]) => `${countText(COUNTED, type, count)}${type === "repaired" ? which : ""}`)
    .join(", ");
}

function countText(words: typeof COUNTED, type: string, count: number): string {
  const [one, many] = words[type] ?? [type, type];
  return `${count} ${count === 1 ? one : many}`;
}
