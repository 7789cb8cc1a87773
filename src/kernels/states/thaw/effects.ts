// Owns: what the steps of a recipe do to names, and which must run again to give missing names their values. The other
// names hold their final values then. Read from the source: a hint, whose result the description of the state judges. Pure.
import { namesIn } from "../../../core/python/python-names.ts";
import type { ExecutedStep } from "../recipes.ts";
import type { DescribedNames } from "../state-description.ts";

/** What a step does to names, as far as its source and that of the functions it calls show. */
export interface Effects {
  /** Bound to something new. */
  readonly defines: ReadonlySet<string>;
  /** Their objects may change. */
  readonly changes: ReadonlySet<string>;
  readonly uses: ReadonlySet<string>;
  /** It may do anything. */
  readonly opaque: boolean;
}

/** Stands for the random generators that belong to modules: drawing from one changes it for all. */
const GLOBAL_RANDOM = "<random>";
const DEFINES_CODE = /\b(?:def|lambda|class)\b/;

/** `stateful`: names whose objects change when they are used, such as generators of numbers. */
export function effectsOf(
  steps: readonly Pick<ExecutedStep, "source">[],
  stateful: ReadonlySet<string>,
): readonly Effects[] {
  /** Effects of code that a name stands for, found where it was last bound. */
  const code = new Map<string, { readonly uses: Set<string>; readonly changes: Set<string> }>();
  return steps.map(({ source }) => {
    const names = namesIn(source);
    const uses = new Set([...names.uses, ...names.mutates]);
    const changes = new Set(names.mutates);
    if (/\brandom\b/.test(source)) for (const set of [uses, changes]) set.add(GLOBAL_RANDOM);
    for (const name of [...uses]) {
      const called = code.get(name);
      for (const used of called?.uses ?? []) uses.add(used);
      for (const changed of called?.changes ?? []) changes.add(changed);
    }
    for (const name of [...uses, ...names.defines]) if (stateful.has(name)) changes.add(name);
    const holdsCode = DEFINES_CODE.test(source);
    for (const name of names.defines) {
      if (holdsCode) code.set(name, { uses, changes });
      else code.delete(name);
    }
    return { defines: new Set(names.defines), changes, uses, opaque: names.opaque };
  });
}

/** Indices, ascending, of the steps that make the missing names again. */
export function stepsFor(missing: Iterable<string>, effects: readonly Effects[]): readonly number[] {
  const lost = new Set(missing);
  const wanted = new Set(lost);
  const picked: number[] = [];
  /** Names whose value at the end is not the one they had before this step. */
  const changedLater = new Set<string>();
  for (let index = effects.length - 1; index >= 0 && wanted.size > 0; index -= 1) {
    const effect = effects[index];
    if (effect === undefined) break;
    if (effect.opaque) return Array.from({ length: index + 1 }, (_, at) => at).concat(picked);
    const { defines, changes, uses } = effect;
    const touched = [...defines, ...changes];
    for (const name of touched) changedLater.add(name);
    if (!touched.some((name) => wanted.has(name))) continue;
    picked.unshift(index);
    for (const name of defines) if (!changes.has(name)) wanted.delete(name);
    for (const name of uses) if (changedLater.has(name) || lost.has(name)) wanted.add(name);
  }
  return picked;
}

/** What all steps took, in milliseconds; a step whose time is not known counts as nothing. */
export function totalMs(steps: readonly ExecutedStep[]): number {
  return steps.reduce((sum, { durationMs = 0 }) => sum + durationMs, 0);
}

/** What the picked steps take, in milliseconds. */
export function costMs(picked: readonly number[], durationsMs: readonly number[]): number {
  return picked.reduce((sum, index) => sum + (durationsMs[index] ?? 0), 0);
}

const PASSIVE =
  /^(?:builtins\.(?:int|float|complex|bool|str|bytes|bytearray|list|tuple|dict|set|frozenset|range|slice|NoneType|function|type|module|builtin_function_or_method)|types\.ModuleType|numpy\.(?:ndarray|[a-z]+\d*|dtypes\..*)|pandas\..*\.(?:DataFrame|Series|Index|RangeIndex))$/;

/** Names whose objects may change by being used, as far as their types tell. */
export function statefulNames(described: DescribedNames): ReadonlySet<string> {
  return new Set([...described].flatMap(([name, { type }]) => (PASSIVE.test(type) ? [] : [name])));
}
