// Owns: which steps of a replay only show something, so that the state may be had without them. A hint: whoever skips
// them compares the state that results with what it was, and runs all of them where it is not the same. Pure.
import { namesIn } from "../../core/python/python-names.ts";
import type { Effects } from "./thaw/effects.ts";
import type { Step } from "./recipes.ts";
import type { StateDigest } from "./state-digest.ts";

/** Less is not worth an attempt that may fail. */
const WORTH_MS = 500;
/** What may leave files, or settings of the process: the digest does not see them. */
const LEAVES_MORE =
  /\bopen\s*\(|sav(?:e|ing)|dump|writ|\.to_\w+\s*\(|mkdir|remove|unlink|rename|shutil|subprocess|\bos\.|\bsys\.|environ|rcParams|\brc\s*\(|\bstyle\b|backend|random|^\s*[!%]/m;
/** Generators that belong to modules are not in the digest either. */
const SEEDS = /\bseed\s*\(|\bset_?state\s*\(|\bmanual_seed\b/;
const PYPLOT = /\bimport\s+matplotlib\.pyplot\s+as\s+(\w+)/g;

/**
 * Indices of the steps, from `first` on, that may be left out; none when that would not spare much.
 * `digest`: of the state after all steps.
 */
export function skippable(
  steps: readonly Step[],
  effects: readonly Effects[],
  digest: StateDigest,
  first: number,
): ReadonlySet<number> {
  const text = steps.map(({ source }) => source).join("\n");
  if (SEEDS.test(text)) return new Set();
  const pyplot = new Set([...text.matchAll(PYPLOT)].map(([, alias = ""]) => alias));
  const found = steps.flatMap((step, index) => {
    const effect = effects[index];
    return index >= first && effect !== undefined && onlyShows(step, effect, digest, pyplot) ? [index] : [];
  });
  const spared = found.reduce((sum, index) => sum + (steps[index]?.durationMs ?? 0), 0);
  return spared >= WORTH_MS ? new Set(found) : new Set();
}

function onlyShows(
  { source, status }: Step,
  { defines, changes, uses, opaque }: Effects,
  digest: StateDigest,
  pyplot: ReadonlySet<string>,
): boolean {
  if (status !== "ok" || opaque || defines.size > 0 || LEAVES_MORE.test(source)) return false;
  if ([...changes].some((name) => !pyplot.has(name))) return false;
  // The code of functions that it calls is somebody else's cell: what they use is among `uses`.
  return (
    [...uses].every((name) => isSeen(name, digest) || pyplot.has(name)) && namesIn(source).uses.length > 0
  );
}

/** Whether a change of the name's value would show in the digest, or it has none that could change. */
function isSeen(name: string, digest: StateDigest): boolean {
  const entry = digest.get(name);
  if (entry === undefined) return true; // a builtin, or one that is gone
  return entry.content !== null || /^builtins\.(?:function|type|module)$/.test(entry.type);
}
