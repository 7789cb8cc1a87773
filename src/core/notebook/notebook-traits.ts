// Owns: what a notebook's code is like, for descriptors and near-duplicates: numbers by name, and a fingerprint.
import type { CodeCell, Notebook } from "../../contracts/index.ts";
import { approximateTokens } from "../approximate-tokens.ts";
import { isCode, markOf, countRounds } from "./notebook.ts";
import { namesIn } from "../python/python-names.ts";
import { parsePython, withoutMagics } from "../python/parse-python.ts";

/** Kinds of algorithm, each recognised by words that code of that kind hardly does without. */
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
    "notebook.rounds": countRounds(notebook),
    "notebook.seconds": own.reduce((sum, cell) => sum + (markOf(cell).durationMs ?? 0), 0) / 1000,
  };
}

const GRAM = 3;
const WHOLE = new Set(["String", "FormatString", "ContinuedString"]);

/**
 * A fingerprint of the code that is not the task's, without comments, layout and the names that cells define at their
 * top level: 16 hex digits, of which few bits differ where little of the code does.
 * Source: Charikar 2002 (similarity by random hyperplanes); Manku et al. 2007 (near-duplicates, 3 bits of 64).
 */
export function fingerprintOf(notebook: Notebook): string {
  const sources = notebook.cells
    .filter((cell) => isCode(cell) && markOf(cell).role !== "task")
    .map((cell) => cell.source);
  const own = new Set(sources.flatMap(ownNames));
  const tokens = sources.flatMap((source) => tokensOf(source, own));
  const votes: number[] = Array.from({ length: 64 }, () => 0);
  for (let i = 0; i < Math.max(tokens.length - GRAM + 1, 1); i++) {
    const gram = tokens.slice(i, i + GRAM).join(" ");
    const halves = [hashGram(gram, 0), hashGram(gram, 1)];
    for (let bit = 0; bit < 64; bit++)
      votes[bit] = (votes[bit] ?? 0) + (((halves[bit >> 5] ?? 0) >>> (bit & 31)) & 1 ? 1 : -1);
  }
  return Array.from({ length: 16 }, (_, i) => toHexDigit(votes.slice(4 * i, 4 * i + 4))).join("");
}

/** Whether two fingerprints differ in no more bits than `bits`. */
export function isAlike(a: string, b: string, bits: number): boolean {
  let different = 0;
  for (let i = 0; i < 16; i++) {
    const digit = parseInt(a[i] ?? "0", 16) ^ parseInt(b[i] ?? "0", 16);
    different += (digit & 1) + ((digit >> 1) & 1) + ((digit >> 2) & 1) + ((digit >> 3) & 1);
  }
  return different <= bits;
}

function ownNames(source: string): readonly string[] {
  const { defines, imports } = namesIn(source);
  const imported = new Set(imports);
  return defines.filter((name) => !imported.has(name));
}

function tokensOf(source: string, own: ReadonlySet<string>): readonly string[] {
  const { text } = withoutMagics(source);
  const tokens: string[] = [];
  parsePython(text).iterate({
    enter({ name, from, to, node }) {
      if (name === "Comment") return false;
      const isToken = WHOLE.has(name) || node.firstChild === null;
      if (!isToken || from === to) return true;
      const token = text.slice(from, to);
      tokens.push(name === "VariableName" && own.has(token) ? "_" : token);
      return false;
    },
  });
  return tokens;
}

/** FNV-1a with a final mixing (murmur3's), so that every bit depends on every character. */
function hashGram(text: string, salt: number): number {
  let value = 2166136261 ^ salt;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 16777619);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}

function toHexDigit(votes: readonly number[]): string {
  return votes.reduce((value, vote, i) => value | (vote > 0 ? 1 << i : 0), 0).toString(16);
}
