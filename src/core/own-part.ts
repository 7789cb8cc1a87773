// Owns: calling a part of a user's own, such as a strategy or a tool, and saying which one failed, where and why.
// Never says how a run goes on: who keeps the run does.
import { messageOf, RunError, type RunErrorCode } from "./errors.ts";

const CODES = {
  strategy: "strategy-failed",
  renderer: "renderer-failed",
  tool: "tool-failed",
  model: "model-failed",
  "function for descriptors": "descriptors-failed",
  "action policy": "policy-failed",
  "function askPerson": "policy-failed",
  listener: "listener-failed",
} as const satisfies Readonly<Record<string, RunErrorCode>>;

export interface OwnPart {
  readonly kind: keyof typeof CODES;
  /** Absent where a run has only one of the kind. */
  readonly name?: string | undefined;
  /** Where it is defined, for what goes wrong without a stack. */
  readonly place?: string | undefined;
}

/** The error that names the part, what it did, where, and the remedy. `cause`: what it threw, if it threw. */
export function partFailure({ kind, name, place }: OwnPart, did: string, cause?: unknown): RunError {
  const who = name === undefined ? `the ${kind}` : `the ${kind} "${name}"`;
  const where = placeOf(cause) ?? place;
  const words = `${did.replace(/(?<!\.)\.+$/, "")}${where === undefined ? "" : ` (${where})`}`;
  return new RunError(CODES[kind], `${who} ${words}. Mend the ${kind}.`, { cause });
}

/** Whether a part of the user's own stopped the run. */
export function isPartFailure(error: unknown): error is RunError {
  return error instanceof RunError && Object.values<RunErrorCode>(CODES).includes(error.code);
}

/** Calls a part that must answer at once; `method`: null for one that is a function. @throws RunError that names it, for anything that it throws and for a promise. */
export function callPart<T>(part: OwnPart, method: string | null, call: () => T): T {
  let answer: T;
  try {
    answer = call();
  } catch (cause) {
    throw partFailure(part, `threw${method === null ? "" : ` in ${method}`}: ${messageOf(cause)}`, cause);
  }
  if (!isPromise(answer)) return answer;
  void answer.then(undefined, () => undefined); // what it would reject with is not the fault
  const what = method === null ? "" : ` ${method}`;
  throw partFailure(part, `answered${what} with a promise: it must answer at once, without async and await`);
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}

const OWN_CODE = decodeURI(new URL("..", import.meta.url).pathname);

/** The line of a user's file in the stack of what was thrown, such as `/project/mine.js:3:9`; undefined where there is none. */
export function placeOf(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error) || typeof thrown.stack !== "string") return undefined;
  const places = thrown.stack.split("\n").flatMap((line) => {
    const [, call] = /^\s*at (?:async )?(.*)/.exec(line) ?? [];
    const place = (call ?? "").slice((call ?? "").lastIndexOf("(") + 1).replace(/\)$/, "");
    return /:\d+:\d+$/.test(place) && !/^node:|^<anonymous>/.test(place) ? [plainPath(place)] : [];
  });
  const isOthers = (place: string): boolean => place.includes("/node_modules/") || place.startsWith(OWN_CODE);
  return places.find((place) => !isOthers(place)) ?? places[0];
}

function plainPath(place: string): string {
  return place.startsWith("file://") ? decodeURI(place.slice("file://".length)) : place;
}
