// Owns: the action policy that `--approve` names: `ask`, `deny:run_code`, `allow:read,note`. Never asks a person.
import { RunError } from "../../core/errors.ts";
import type { ActionPolicy, PolicyAnswer, Tool } from "../../contracts/index.ts";
import { withImprove } from "../../environment/tools/improve.ts";
import { notebookTools } from "../../environment/tools/index.ts";

export const APPROVE_HELP =
  "Which tool calls of the model need your approval. With ask: every call; with ask:run_code,note: calls of these tools. With deny:run_code, calls of that tool are refused; with allow:read besides ask, calls of that tool need none. Repeatable.";

interface ApprovalRule {
  readonly verdict: PolicyAnswer["verdict"];
  /** Null: every tool that no other rule names. */
  readonly tools: readonly string[] | null;
}

/** `asks`: some rule asks a person. */
export interface Approval {
  readonly policy: ActionPolicy;
  readonly asks: boolean;
}

/**
 * Null without rules: every call is allowed. The last rule that names a tool holds. `tools`: those of the run besides the
 * notebook's own. @throws RunError `bad-option`.
 */
export function approvalFrom(texts: readonly string[], tools: readonly Tool[] = []): Approval | null {
  if (texts.length === 0) return null;
  const rules = texts.map((text) => ruleFrom(text, tools));
  const rest = rules.findLast(({ tools }) => tools === null)?.verdict ?? "allow";
  const verdictOf = (tool: string): PolicyAnswer["verdict"] =>
    rules.findLast(({ tools }) => tools?.includes(tool) === true)?.verdict ?? rest;
  return {
    policy: ({ call }) => {
      const verdict = verdictOf(call.tool);
      return verdict === "deny" ? { verdict, reason: `--approve deny:${call.tool}` } : { verdict };
    },
    asks: rules.some(({ verdict }) => verdict === "ask"),
  };
}

function ruleFrom(text: string, own: readonly Tool[]): ApprovalRule {
  const known = [...withImprove(notebookTools({ submission: "" }), ""), ...own].map(({ name }) => name);
  const [, verdict = "", list] = /^(allow|deny|ask)(?::(.+))?$/.exec(text) ?? [];
  const tools = list?.split(",").map((name) => name.trim()) ?? null;
  const wrong = tools?.find((name) => !known.includes(name));
  if (!isVerdict(verdict) || wrong !== undefined) {
    const why = wrong === undefined ? "" : `there is no tool "${wrong}"; `;
    const how =
      "write ask, or ask:, deny: or allow: with names of tools, such as --approve ask --approve allow:read,note";
    throw new RunError("bad-option", `--approve ${text}: ${why}${how}. Tools: ${known.join(", ")}`);
  }
  return { verdict, tools };
}

const isVerdict = (text: string): text is ApprovalRule["verdict"] =>
  text === "allow" || text === "deny" || text === "ask";
