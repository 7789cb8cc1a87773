// Owns: calling a strategy's methods and reporting what goes wrong in one. Never decides what to ask.
import type { Strategy } from "../../contracts/index.ts";
import { callPart } from "../own-part.ts";

/** Calls a strategy. @throws RunError `strategy-failed`, with its name, for anything that it throws and for a promise. */
export function askStrategy<T>(
  { name, places }: Pick<Strategy, "name" | "places">,
  what: "start" | "ask" | "tell",
  call: () => T,
): T {
  return callPart({ kind: "strategy", name, place: places?.[what] }, `${what}()`, call);
}
