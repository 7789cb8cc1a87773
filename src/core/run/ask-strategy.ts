// Owns: calling a strategy's methods and reporting what goes wrong in one. Never decides what to ask.
import type { Strategy } from "../../contracts/index.ts";
import { messageOf, RunError } from "../errors.ts";

/** Calls a strategy. @throws RunError `strategy-failed`, with its name, for anything that it throws and for a promise. */
export function askStrategy<T>(
  strategy: Pick<Strategy, "name" | "places">,
  what: "start" | "ask" | "tell",
  call: () => T,
): T {
  const failureOf = (words: string, cause?: unknown): RunError => {
    const message = `strategy "${strategy.name}" ${words}`.trim();
    return new RunError("strategy-failed", `${message}. Mend the strategy and resume: nothing is lost.`, {
      cause,
    });
  };
  let answer: T;
  try {
    answer = call();
  } catch (cause) {
    const where = cause instanceof Error ? (/^\s*at .*$/m.exec(cause.stack ?? "")?.[0]?.trim() ?? "") : "";
    throw failureOf(`threw in ${what}(): ${messageOf(cause)} ${where}`, cause);
  }
  if (typeof answer !== "object" || answer === null || !("then" in answer)) return answer;
  const place = strategy.places?.[what];
  const at = place === undefined ? "" : ` (${place})`;
  throw failureOf(`answered ${what}()${at} with a promise: it must answer at once, without async and await`);
}
