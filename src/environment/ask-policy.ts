// Owns: whether a tool call may be carried out, as the policy says, or the person whom it sends to.
// Never carries out a call and never remembers a decision.
import { messageOf } from "../core/errors.ts";
import { partFailure, type OwnPart } from "../core/own-part.ts";
import { isRecord } from "../core/untrusted.ts";
import type { Action, ActionPolicy, AskPerson, Decision } from "../contracts/index.ts";

const POLICY: OwnPart = { kind: "action policy" };
const PERSON: OwnPart = { kind: "function askPerson" };

/** Without `askPerson`, a call that the policy answers with `ask` is denied. @throws RunError `policy-failed`; the signal's reason. */
export async function askPolicy(
  policy: ActionPolicy,
  askPerson: AskPerson | undefined,
  action: Action,
  signal: AbortSignal,
): Promise<Decision> {
  const asked = { action, signal };
  const first = await answerOf(POLICY, ["allow", "deny", "ask"], asked, () => policy(action, { signal }));
  if (first.verdict !== "ask") return { verdict: first.verdict, by: "policy", reason: first.reason };
  if (askPerson === undefined)
    return { verdict: "deny", by: "policy", reason: first.reason || "Nobody is there to be asked." };
  const { verdict, reason } = await answerOf(PERSON, ["allow", "deny"], asked, () =>
    askPerson(action, { why: first.reason, signal }),
  );
  return { verdict, by: "person", reason };
}

/** The answer of a function of the user's own: its type is a promise only. */
async function answerOf<V extends string>(
  part: OwnPart,
  verdicts: readonly V[],
  { action, signal }: { readonly action: Action; readonly signal: AbortSignal },
  ask: () => unknown,
): Promise<{ readonly verdict: V; readonly reason: string }> {
  const about = `about ${action.call.tool} of ${action.proposal}`;
  let answer: unknown;
  try {
    answer = await ask();
  } catch (cause) {
    signal.throwIfAborted();
    throw partFailure(part, `threw when it was asked ${about}: ${messageOf(cause)}`, cause);
  }
  signal.throwIfAborted();
  const { verdict, reason = "" } = isRecord(answer) ? answer : {};
  const known = verdicts.find((one) => one === verdict);
  if (known !== undefined && typeof reason === "string") return { verdict: known, reason };
  const expected = `{ verdict: ${verdicts.map((one) => `"${one}"`).join(" | ")}, reason?: "..." }`;
  throw partFailure(part, `answered ${JSON.stringify(answer)} ${about}; it must be ${expected}`);
}
