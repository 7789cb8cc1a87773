// Owns: what a notebook is like, in numbers, for descriptors. Never judges, and runs nothing.
import type { CodeCell, Notebook } from "../../contracts/index.ts";
import { approximateTokens } from "../approximate-tokens.ts";
import { isCode, markOf, roundsPlayed } from "./notebook.ts";
import { namesIn } from "../python/python-names.ts";

/** Kinds of algorithm, each told by words that code of that kind hardly does without. */
const FAMILIES: Readonly<Record<string, RegExp>> = {
  gradient: /\b(?:minimize|least_squares|SLSQP|BFGS|torch|jax|autograd|adam)\b/i,
  linear: /\b(?:linprog|pulp|cvxpy|highspy|gurobipy|clarabel)\b/i,
  integer: /\b(?:milp|ortools|cp_model|pysat|z3|branch_and_bound)\b/i,
  annealing: /\b(?:dual_annealing|basinhopping|anneal\w*|temperature)\b/i,
  evolutionary: /\b(?:differential_evolution|cma|CMAEvolutionStrategy|crossover|mutat\w+)\b/i,
  sampling: /\b(?:monte_carlo|default_rng|random|uniform|sobol)\b/i,
  constructive: /\b(?:greedy|hexagonal|lattice|grid|linspace|meshgrid)\b/i,
  exact: /\b(?:Fraction|sympy|mpmath|Decimal)\b/,
  graph: /\b(?:networkx|scipy\.sparse\.csgraph|igraph|Delaunay|Voronoi)\b/,
  learning: /\b(?:sklearn|GaussianProcess\w*|RandomForest\w*|keras)\b/,
};

/**
 * By name: `notebook.cells`, `notebook.lines` and `notebook.tokens` (as a model counts, roughly) of code that is not the task's,
 * `notebook.imports` (modules and names), `notebook.families` (kinds of algorithm), `notebook.family.<kind>` (0 or 1), `notebook.rounds`, and
 * `notebook.seconds` of the cells' last runs. Seconds are a clock's: niches made of them are not reproducible.
 */
export function traitsOf(notebook: Notebook): Readonly<Record<string, number>> {
  const own = notebook.cells.filter((cell): cell is CodeCell => isCode(cell) && markOf(cell).role !== "task");
  const sources = own.map(({ source }) => source);
  const text = sources.join("\n");
  const families = Object.entries(FAMILIES).map(([kind, words]) => [kind, words.test(text) ? 1 : 0] as const);
  return {
    "notebook.cells": own.length,
    "notebook.lines": text.split("\n").filter((line) => /^\s*[^\s#]/.test(line)).length,
    "notebook.tokens": approximateTokens(text),
    "notebook.imports": new Set(sources.flatMap((source) => namesIn(source).imports)).size,
    "notebook.families": families.reduce((sum, [, present]) => sum + present, 0),
    ...Object.fromEntries(families.map(([kind, present]) => [`notebook.family.${kind}`, present])),
    "notebook.rounds": roundsPlayed(notebook),
    "notebook.seconds": own.reduce((sum, cell) => sum + (markOf(cell).durationMs ?? 0), 0) / 1000,
  };
}
