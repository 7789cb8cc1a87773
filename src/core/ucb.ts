// Owns: choosing among arms by upper confidence bounds and ranks. Pure arithmetic; never chooses by chance.

/** The share of the other values that this one, which is among them or not, is better than: 0 to 1. */
export function rankShare(value: number, values: readonly number[]): number {
  return values.filter((other) => other < value).length / Math.max(values.length - 1, 1);
}

/**
 * An arm's worth: its mean reward and a bonus for being little tried; Infinity before its first try. `total`: tries of
 * all arms. Source: Auer et al. 2002 (UCB1).
 */
export function upperBound(reward: number, tries: number, total: number, exploration: number): number {
  return tries === 0 ? Infinity : reward + exploration * Math.sqrt(Math.log(total + 1) / tries);
}
