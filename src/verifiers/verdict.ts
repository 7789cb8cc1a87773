// Owns: turning what came out of a judge's process into a Score. Trusts nothing in it: every field is checked again.
import { constants } from "node:os";
import { z } from "zod";
import type { Direction, InvalidScore, Score } from "../contracts/index.ts";
import { readForeignAnswer } from "../core/foreign-answer.ts";
import { clipText } from "../core/untrusted.ts";
import { MOST_DISK_MB, MOST_TASKS, type JudgeOptions, type JudgeRun } from "./judge-process.ts";

export const READY = "ready\n";

/** Whether the verifier had its say, or its full time: any other end says nothing about the submission. */
export function hasJudged({ ended, verdict }: JudgeRun): boolean {
  if (["wall", "memory", "tasks", "disk"].includes(ended.ended)) return true;
  return (ended.ended === "exit" || ended.ended === "signal") && verdict.startsWith(READY);
}

/** The score in a judgement; whatever kept the verifier from a verdict is an invalid score that says so. */
export function scoreOf(
  judgement: JudgeRun,
  direction: Direction,
  limits: Pick<JudgeOptions, "timeoutMs" | "memoryMb">,
): Score {
  const said = judgement.printed.trimEnd();
  const printed = said === "" ? "" : `The verifier printed:\n${said}`;
  const stopped = whyStopped(judgement, limits);
  if (stopped !== null) return invalidScore(stopped, {}, printed);
  const verdict = readForeignAnswer(judgement.verdict.slice(READY.length), VERDICT, MOST);
  if (!verdict.ok) return invalidScore(`the verifier broke the verdict: ${verdict.why}`, {}, printed);
  const { score, metrics, message } = verdict.value;
  if (score === null) return invalidScore(message, metrics, printed);
  const fitness = direction === "maximize" ? score : -score;
  return {
    valid: true,
    fitness: fitness === 0 ? 0 : fitness,
    metrics: { ...metrics, score },
    message: joinMessages(message, printed),
  };
}

function invalidScore(
  message: string,
  metrics: Readonly<Record<string, number>>,
  printed: string,
): InvalidScore {
  return { valid: false, fitness: null, metrics, message: joinMessages(message, printed) };
}

const joinMessages = (...parts: string[]): string => parts.filter((part) => part !== "").join("\n\n");

/** Null when the judge ended by itself, its verdict given. */
export function whyStopped(
  { ended, verdict }: JudgeRun,
  limits: Pick<JudgeOptions, "timeoutMs" | "memoryMb">,
): string | null {
  if (ended.ended === "wall") return `the verifier was stopped at its limit of ${limits.timeoutMs / 1000} s`;
  if (ended.ended === "memory")
    return `the verifier was stopped at its memory limit of ${limits.memoryMb} MB`;
  if (ended.ended === "tasks")
    return `the verifier was stopped at its limit of ${MOST_TASKS} processes and threads`;
  if (ended.ended === "disk") return `the verifier was stopped at its limit of ${MOST_DISK_MB} MB on disk`;
  if (ended.ended === "exit" && ended.status === 0 && verdict.split("\n").length === 3) return null;
  const how = ended.ended === "signal" ? signalName(ended.status) : `exit code ${ended.status}`;
  return `the verifier's process ended (${how}) before it gave a verdict`;
}

function signalName(number: number | null): string {
  const found = Object.entries(constants.signals).find(([, value]) => value === number);
  return found?.[0] ?? `signal ${number}`;
}

/** As nbevolve_verifier/verdict.py writes it; what reaches the descriptor in another way has the same form or is none. */
const MOST = { chars: 1 << 20, items: 1_000 };
const metrics = z.record(z.string().max(120), z.number());
const message = z.string().transform((text) => clipText(text, 20_000));
const VERDICT = z.discriminatedUnion("valid", [
  z.object({ valid: z.literal(true), score: z.number(), metrics, message }),
  z.object({ valid: z.literal(false), score: z.null(), metrics, message }),
]);
