// Owns: whether a tool call is carried out: what is on record holds; else the policy says, or the person it sends to.
// A decision is durable before anything comes of it. Never carries out a call.
import { messageOf, RunError } from "../core/errors.ts";
import type { OpenEpisode } from "../core/run/history.ts";
import type { NotebookEnvironment } from "../environment/index.ts";
import type { Action, ActionPolicy, AskPerson, Decision, Proposal, ToolCall } from "../contracts/index.ts";
import type { RecordEvent } from "./evolve.ts";

interface Deciding {
  readonly parts: { readonly askPerson?: AskPerson | undefined };
  readonly proposal: Proposal;
  readonly environment: NotebookEnvironment;
  readonly record: RecordEvent;
  readonly signal: AbortSignal;
}

const VERDICTS: readonly unknown[] = ["allow", "deny", "ask"];

/** For one round. `open`: what an earlier session left on record. @throws RunError `policy-failed`; the signal's reason. */
export function createDecider(
  policy: ActionPolicy,
  { parts, proposal, environment, record, signal }: Deciding,
  round: number,
  open: OpenEpisode | undefined,
): (turn: number, call: ToolCall, at: number) => Promise<Decision> {
  return async (turn, call, at) => {
    const known = open?.decisions.find(
      (event) => event.round === round && event.turn === turn && event.call === at,
    );
    if (known !== undefined) return known.decision;
    const action: Action = {
      call,
      notebook: environment.state().notebook,
      proposal: proposal.id,
      round,
      turn,
    };
    const decision = await decide(policy, parts.askPerson, action, signal);
    const place = { proposal: proposal.id, round, turn, call: at, tool: call.tool };
    await record({ type: "call-decided", ...place, decision });
    return decision;
  };
}

async function decide(
  policy: ActionPolicy,
  askPerson: AskPerson | undefined,
  action: Action,
  signal: AbortSignal,
): Promise<Decision> {
  const { verdict, reason = "" } = await answerOf(policy, action, signal);
  signal.throwIfAborted();
  if (verdict !== "ask") return { verdict, by: "policy", reason };
  if (askPerson === undefined)
    return { verdict: "deny", by: "policy", reason: reason || "Nobody is there to be asked." };
  const answer = await askPerson(action, { why: reason, signal });
  return { verdict: answer.verdict, by: "person", reason: answer.reason ?? "" };
}

async function answerOf(
  policy: ActionPolicy,
  action: Action,
  signal: AbortSignal,
): Promise<Awaited<ReturnType<ActionPolicy>>> {
  const failed = (words: string, cause?: unknown): RunError =>
    new RunError(
      "policy-failed",
      `the action policy ${words} about ${action.call.tool} of ${action.proposal}. Mend it and resume: nothing is lost.`,
      { cause },
    );
  let answer: Awaited<ReturnType<ActionPolicy>>;
  try {
    answer = await policy(action, { signal });
  } catch (cause) {
    signal.throwIfAborted();
    throw failed(`threw (${messageOf(cause)}) when it was asked`, cause);
  }
  // It comes from outside: its type is a promise only.
  if (!VERDICTS.includes(answer?.verdict)) throw failed(`gave ${JSON.stringify(answer)} as its answer`);
  return answer;
}
