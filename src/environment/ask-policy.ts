// Owns: whether a tool call may be carried out, as the policy says, or the person whom it sends to.
// Never carries out a call and never remembers a decision.
import { messageOf, RunError } from "../core/errors.ts";
import type { Action, ActionPolicy, AskPerson, Decision, PolicyAnswer } from "../contracts/index.ts";

const VERDICTS: readonly unknown[] = ["allow", "deny", "ask"];

/** Without `askPerson`, a call that the policy answers with `ask` is denied. @throws RunError `policy-failed`; the signal's reason. */
export async function askPolicy(
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

async function answerOf(policy: ActionPolicy, action: Action, signal: AbortSignal): Promise<PolicyAnswer> {
  let answer: PolicyAnswer;
  try {
    answer = await policy(action, { signal });
  } catch (cause) {
    signal.throwIfAborted();
    throw policyFailure(action, `threw (${messageOf(cause)}) when it was asked`, cause);
  }
  // It comes from outside: its type is a promise only.
  if (!VERDICTS.includes(answer?.verdict))
    throw policyFailure(action, `gave ${JSON.stringify(answer)} as its answer`);
  return answer;
}

function policyFailure({ call, proposal }: Action, words: string, cause?: unknown): RunError {
  const message = `the action policy ${words} about ${call.tool} of ${proposal}. Mend it and resume: nothing is lost.`;
  return new RunError("policy-failed", message, { cause });
}
