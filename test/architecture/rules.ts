// Owns: who may import whom, and what `core` may not do. Never reads a file.
import { posix } from "node:path";
import { codeOnly, importsOf } from "./source-text.ts";

/** Any room, or any package. */
type Allowed = readonly string[] | "any";

export interface RoomRule {
  /** Rooms besides its own. */
  readonly rooms: Allowed;
  /** Packages that are imported at run time; for types alone, any. `node:` stands for all of Node. */
  readonly packages: Allowed;
}

const INNER = ["contracts", "core"] as const;
const EFFECTS: RoomRule = { rooms: [...INNER, "shipped", "time-limit"], packages: "any" };
const ROOT: RoomRule = { rooms: "any", packages: "any" };

/** Composition roots may import every room, except that nothing imports `cli`, and only tests import `testing`. */
export const ROOMS: Readonly<Record<string, RoomRule>> = {
  contracts: { rooms: [], packages: [] },
  core: {
    rooms: ["contracts"],
    packages: ["@lezer/common", "@lezer/python", "immutable", "seedrandom", "zod"],
  },
  environment: { rooms: INNER, packages: ["node:", "zod"] },
  // Handed its strategy, renderer, model, kernels and store; never imports a concrete one.
  loop: { rooms: [...INNER, "environment"], packages: ["node:", "p-limit"] },
  // What kernels and verifiers share: the Python environment, the sandbox, the guard.
  machine: EFFECTS,
  kernels: { rooms: [...INNER, "machine", "shipped", "time-limit"], packages: "any" },
  models: EFFECTS,
  store: EFFECTS,
  // What a run amounts to, read from its journal.
  history: { rooms: [...INNER, "store"], packages: ["node:"] },
  // Branches and runs as files of the user's.
  exports: { rooms: [...INNER, "history", "store", "shipped"], packages: ["node:"] },
  tasks: EFFECTS,
  // The page's server: http and who may ask; what it says is read and done elsewhere.
  server: { rooms: [...INNER, "history", "run", "shipped", "store"], packages: ["node:", "zod"] },
  // What a browser runs: it knows the types that it is sent, and reduces and compares as everybody else does.
  dashboard: {
    rooms: [...INNER, "history", "strategies"],
    packages: [
      ...["@lezer/common", "@lezer/highlight", "@lezer/python", "@preact/signals", "ansi_up", "d3-hierarchy"],
      ...["diff", "dompurify", "immutable", "katex", "markdown-it", "preact", "preact/hooks", "uplot"],
    ],
  },
  verifiers: { rooms: [...INNER, "machine", "shipped"], packages: "any" },
  // When nothing came in time.
  "time-limit": { rooms: [], packages: [] },
  // Where our own files lie.
  shipped: { rooms: [], packages: ["node:"] },
  strategies: { rooms: INNER, packages: ["immutable"] },
  renderers: { rooms: INNER, packages: [] },
  benchmarks: ROOT,
  run: ROOT,
  index: ROOT,
  testing: ROOT,
  cli: ROOT,
};

/** Rooms that only these may import. */
const PRIVATE: Readonly<Record<string, readonly string[]>> = {
  cli: [],
  testing: [],
  benchmarks: ["cli", "run", "index"],
};

/** The room of a file, by its path from the top of the checkout, with forward slashes. */
export function roomOf(file: string): string {
  const [first = "", second = ""] = file.split("/");
  return first === "src" ? second.replace(/\.ts$/, "") : first;
}

/** What is wrong with one file, each in one line that names file, import and rule. */
export function violations(file: string, text: string): string[] {
  const room = roomOf(file);
  const rule = ROOMS[room];
  if (!rule) return [`${file}: the room "${room}" has no rule; add it to test/architecture/rules.ts`];
  const wrongImports = importsOf(text).flatMap(({ from, typeOnly }) => {
    const problem = from.startsWith(".")
      ? wrongRoom(room, rule, file, from)
      : wrongPackage(rule, from, typeOnly);
    return problem ? [`${file} imports "${from}": ${room} ${problem}`] : [];
  });
  return room === "core" ? [...wrongImports, ...impurities(file, text)] : wrongImports;
}

function wrongRoom(room: string, rule: RoomRule, file: string, from: string): string | null {
  if (!/\.tsx?$/.test(from)) return "imports our own files by their whole name, ending in .ts";
  const target = roomOf(posix.normalize(posix.join(posix.dirname(file), from)));
  if (target === room) return null;
  const importers = PRIVATE[target];
  if (importers && !importers.includes(room)) return `may not import ${target}`;
  return rule.rooms === "any" || rule.rooms.includes(target) ? null : `may import only ${listed(rule.rooms)}`;
}

function wrongPackage(rule: RoomRule, from: string, typeOnly: boolean): string | null {
  if (rule.packages === "any" || (typeOnly && !from.startsWith("node:"))) return null;
  const fits = rule.packages.some((name) => (name === "node:" ? from.startsWith(name) : from === name));
  return fits ? null : `may import only these packages: ${listed(rule.packages)}`;
}

const listed = (names: readonly string[]): string => names.join(", ") || "nothing";

/** No clock, no chance, no waiting: what core says depends on its arguments alone. */
const IMPURE =
  /\b(?:new Date|Date\s*\.|Date\(|Math\.random|await|async|setTimeout|setInterval|queueMicrotask|process\.|performance\.)/g;

function impurities(file: string, text: string): string[] {
  return [...codeOnly(text).matchAll(IMPURE)].map(
    ([found]) => `${file} has "${found.trim()}": core has no clock, no chance and no waiting`,
  );
}
