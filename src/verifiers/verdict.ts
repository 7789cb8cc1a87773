// Owns: turning what came out of a judge's process into a Score. Trusts nothing in it: every field is checked again.
import { constants } from "node:os";
import type { Direction, InvalidScore, Score } from "../contracts/index.ts";
import type { JudgeOptions, JudgeRun } from "./judge-process.ts";

const READY = "ready\n";

/** Whether the verifier had its say, or its full time: any other end says nothing about the submission. */
export function hasJudged({ ended, verdict }: JudgeRun): boolean {
  if (ended.ended === "wall" || ended.ended === "memory") return true;
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
  const verdict = parseVerdict(judgement.verdict.slice(READY.length));
  if (verdict === null)
    return invalidScore("the verifier broke the verdict: it is not one that the judge writes", {}, printed);
  const { score, metrics, message } = verdict;
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
function whyStopped(
  { ended, verdict }: JudgeRun,
  limits: Pick<JudgeOptions, "timeoutMs" | "memoryMb">,
): string | null {
  if (ended.ended === "wall") return `the verifier was stopped at its limit of ${limits.timeoutMs / 1000} s`;
  if (ended.ended === "memory")
    return `the verifier was stopped at its memory limit of ${limits.memoryMb} MB`;
  if (ended.ended === "exit" && ended.status === 0 && verdict.split("\n").length === 3) return null;
  const how = ended.ended === "signal" ? signalName(ended.status) : `exit code ${ended.status}`;
  return `the verifier's process ended (${how}) before it gave a verdict`;
}

function signalName(number: number | null): string {
  const found = Object.entries(constants.signals).find(([, value]) => value === number);
  return found?.[0] ?? `signal ${number}`;
}

interface JudgeVerdict {
  /** Null when invalid. */
  readonly score: number | null;
  readonly metrics: Readonly<Record<string, number>>;
  readonly message: string;
}

function parseVerdict(line: string): JudgeVerdict | null {
  let given: unknown;
  try {
    given = JSON.parse(line);
  } catch {
    return null;
  }
  if (!isRecord(given)) return null;
  const { valid, score, metrics, message } = given;
  if (!isRecord(metrics) || typeof message !== "string") return null;
  if (!Object.values(metrics).every(Number.isFinite)) return null;
  const finite = Object.fromEntries(Object.entries(metrics).map(([name, value]) => [name, Number(value)]));
  if (valid === false && score === null) return { score, metrics: finite, message };
  return valid === true && typeof score === "number" && Number.isFinite(score)
    ? { score, metrics: finite, message }
    : null;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
