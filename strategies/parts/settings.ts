// Owns: declaring a strategy's settings once: their types, defaults, checks and descriptions. Knows no strategy.
import { RunError } from "../../src/core/errors.ts";
import type { DescriptorSpec, Json, JsonObject, Strategy } from "../../src/contracts/index.ts";

/** What a strategy may take from the run that it is made for. */
export interface StrategyContext {
  /** The task's descriptors; empty where it has none. */
  readonly descriptors: readonly DescriptorSpec[];
  /** A strategy to be wrapped, by its name. @throws RunError `bad-option` where there is none. */
  strategyNamed(name: string, settings: JsonObject): Strategy;
}

/** One setting of a strategy. */
export interface Setting<T> {
  /** What it means, in one sentence. */
  readonly meaning: string;
  /** What it may be; completes "it must be ...". */
  readonly range: string;
  /** The default, as documentation and error messages show it. */
  readonly defaultText: string;
  /** The value where none is given. */
  defaultValue(context: StrategyContext): T;
  /** The value as a program, a command line or a journal gives it; undefined where it is out of range. */
  read(value: unknown, context: StrategyContext): T | undefined;
  /** As the journal keeps it; `read` takes it back. */
  toJson(value: T): Json;
}

/** What can be set of a strategy, by name. */
export type Settings = Readonly<Record<string, Setting<unknown>>>;

/** The values of declared settings. */
export type ValuesOf<S extends Settings> = {
  readonly [K in keyof S]: S[K] extends Setting<infer T> ? T : never;
};

/** What a strategy says of itself: for people, and to be made from settings. */
export interface StrategyDeclaration<S extends Settings = Settings> {
  readonly name: string;
  /** What it does, in a line. */
  readonly summary: string;
  /** Who published it, and when; empty where nobody did. */
  readonly source: string;
  /** In the order in which the journal keeps them. */
  readonly settings: S;
}

/** What a strategy does, without its name and settings. `settings`: values in place of the declared ones, for the journal. */
export type StrategyMethods<P> = Pick<Strategy<P>, "start" | "ask" | "tell"> & {
  readonly settings?: JsonObject;
};

/** Makes a strategy of its options, and knows what they are. */
export interface StrategyFactory<S extends Settings = Settings, P = unknown> {
  /** @throws RunError `bad-option` for an option that is unknown or out of range. */
  (options?: { readonly [K in keyof S]?: ValuesOf<S>[K] | undefined }): Strategy<P>;
  readonly declaration: StrategyDeclaration<S>;
  /** The same of JSON, as a command line or a journal has it. @throws RunError `bad-option`. */
  fromSettings(settings: JsonObject, context: StrategyContext): Strategy<P>;
}

/** A strategy that can be made of JSON, whatever its settings. */
export type DeclaredStrategy = Pick<StrategyFactory, "declaration" | "fromSettings">;

/** The options of a strategy: `OptionsOf<typeof tournament>`. */
export type OptionsOf<F> = F extends (options?: infer O) => unknown ? NonNullable<O> : never;

/** A strategy as a function of its options. The types of the options, their checks and their documentation follow from the declaration. */
export function defineStrategy<S extends Settings, P>(
  declaration: StrategyDeclaration<S>,
  make: (values: ValuesOf<S>) => StrategyMethods<P>,
): StrategyFactory<S, P> {
  const build = (given: Readonly<Record<string, unknown>>, context: StrategyContext): Strategy<P> => {
    const values = readSettings(declaration, given, context);
    const entries = Object.entries(declaration.settings).map(
      ([key, setting]) => [key, setting.toJson(values[key])] as const,
    );
    const methods = make(values);
    return {
      ...methods,
      name: declaration.name,
      settings: { ...Object.fromEntries(entries), ...methods.settings },
    };
  };
  return Object.assign((options = {}) => build(options, NO_CONTEXT), { declaration, fromSettings: build });
}

const NO_CONTEXT: StrategyContext = {
  descriptors: [],
  strategyNamed(name) {
    throw new RunError("bad-option", `"${name}" is only a name: give the strategy itself`);
  },
};

function readSettings<S extends Settings>(
  { name, settings }: StrategyDeclaration<S>,
  given: Readonly<Record<string, unknown>>,
  context: StrategyContext,
): ValuesOf<S> {
  const unknown = Object.keys(given).find((key) => !Object.hasOwn(settings, key));
  if (unknown !== undefined) {
    const known = Object.entries(settings).map(([key, { defaultText }]) => `${key}=${defaultText}`);
    const remedy = known.length === 0 ? "It has none" : `It has, with their defaults: ${known.join(", ")}`;
    throw new RunError("bad-option", `the strategy ${name} has no setting "${unknown}". ${remedy}.`);
  }
  const values = Object.entries(settings).map(([key, setting]) => {
    const value = given[key];
    const read = value === undefined ? setting.defaultValue(context) : setting.read(value, context);
    return [key, read === undefined ? refuse(name, key, value, setting.range) : read] as const;
  });
  return Object.fromEntries(values) as ValuesOf<S>; // each value was read by the setting of its key
}

/** Refuses a value, such as one that does not go with another's. @throws RunError `bad-option`. */
export function refuse(strategy: string, name: string, value: unknown, range: string): never {
  const shown = typeof value === "number" ? String(value) : JSON.stringify(value);
  throw new RunError("bad-option", `${strategy}: ${name} is ${shown}; it must be ${range}`);
}

/** A setting of plain JSON that `accepts` tells from other values. */
export function jsonSetting<T extends Json>(
  value: T,
  range: string,
  meaning: string,
  accepts: (value: unknown) => value is T,
): Setting<T> {
  return {
    meaning,
    range,
    defaultText: typeof value === "string" ? value : JSON.stringify(value),
    defaultValue: () => value,
    read: (given) => (accepts(given) ? given : undefined),
    toJson: (given) => given,
  };
}

function numberSetting(value: number, range: string, meaning: string, accepts: (value: number) => boolean) {
  const isOne = (given: unknown): given is number => typeof given === "number" && accepts(given);
  return jsonSetting<number>(value, range, meaning, isOne);
}

/** A whole number of `from` or more. */
export function whole(from: number, value: number, meaning: string): Setting<number> {
  const accepts = (given: number): boolean => Number.isInteger(given) && given >= from;
  return numberSetting(value, `a whole number of ${from} or more`, meaning, accepts);
}

/** A probability, or a part of a whole. */
export function share(value: number, meaning: string): Setting<number> {
  return numberSetting(value, "a number from 0 to 1", meaning, (given) => given >= 0 && given <= 1);
}

/** A number of 0 or more. */
export function weight(value: number, meaning: string): Setting<number> {
  return numberSetting(value, "a number of 0 or more", meaning, (given) => given >= 0);
}

/** A number above 0. */
export function positive(value: number, meaning: string): Setting<number> {
  return numberSetting(value, "a number above 0", meaning, (given) => given > 0);
}

/** Any number but NaN and the infinities. */
export function finite(value: number, meaning: string): Setting<number> {
  return numberSetting(value, "a finite number", meaning, Number.isFinite);
}

/** Yes or no. */
export function flag(value: boolean, meaning: string): Setting<boolean> {
  const isFlag = (given: unknown): given is boolean => typeof given === "boolean";
  return jsonSetting<boolean>(value, "true or false", meaning, isFlag);
}

/** One of some words. */
export function oneOf<const T extends string>(
  words: readonly T[],
  value: NoInfer<T>,
  meaning: string,
): Setting<T> {
  const isWord = (given: unknown): given is T => words.some((word) => word === given);
  return jsonSetting<T>(value, `one of ${words.join(", ")}`, meaning, isWord);
}

/** A list of names. */
export function names(meaning: string): Setting<readonly string[]> {
  const areNames = (given: unknown): given is readonly string[] =>
    Array.isArray(given) && given.every((name) => typeof name === "string");
  return jsonSetting<readonly string[]>([], "a list of names", meaning, areNames);
}

/** The same, or null, which is the default and means what `defaultText` says. */
export function optional<T>(setting: Setting<T>, defaultText: string): Setting<T | null> {
  return {
    ...setting,
    range: `${setting.range}, or null`,
    defaultText,
    defaultValue: () => null,
    read: (given, context) => (given === null ? null : setting.read(given, context)),
    toJson: (given) => (given === null ? null : setting.toJson(given)),
  };
}

/** A strategy to wrap. In JSON its name, or `{ name, ...settings }`. */
export function wrappedStrategy(strategy: DeclaredStrategy, meaning: string): Setting<Strategy> {
  return {
    meaning,
    range: "a strategy: its name, or { name, ...settings }",
    defaultText: strategy.declaration.name,
    defaultValue: (context) => strategy.fromSettings({}, context),
    read: readStrategy,
    toJson: ({ name, settings }) => ({ name, ...settings }),
  };
}

/** Some strategies to wrap, 1 or more. */
export function wrappedStrategies(
  strategies: readonly DeclaredStrategy[],
  meaning: string,
): Setting<readonly Strategy[]> {
  return {
    meaning,
    range: "a list of 1 or more strategies: their names, or { name, ...settings } each",
    defaultText: JSON.stringify(strategies.map(({ declaration }) => declaration.name)),
    defaultValue: (context) => strategies.map((strategy) => strategy.fromSettings({}, context)),
    read(given, context) {
      if (!Array.isArray(given) || given.length === 0) return undefined;
      const read = given.flatMap((one) => readStrategy(one, context) ?? []);
      return read.length === given.length ? read : undefined;
    },
    toJson: (given) => given.map(({ name, settings }) => ({ name, ...settings })),
  };
}

function readStrategy(given: unknown, context: StrategyContext): Strategy | undefined {
  if (typeof given === "string") return context.strategyNamed(given, {});
  if (isStrategy(given)) return given;
  if (!isNamed(given)) return undefined;
  const { name, ...settings } = given;
  return context.strategyNamed(name, settings);
}

function isStrategy(given: unknown): given is Strategy {
  return typeof given === "object" && given !== null && "start" in given && "ask" in given && "tell" in given;
}

function isNamed(given: unknown): given is JsonObject & { readonly name: string } {
  return typeof given === "object" && given !== null && "name" in given && typeof given.name === "string";
}
