// Owns: the action policy that the command line names: `ask`, `deny:run_code`, `allow:read,note`. Never asks anybody.
import { RunError } from "../../core/errors.ts";
import type { ActionPolicy, PolicyAnswer } from "../../contracts/index.ts";
import { notebookTools } from "../../environment/tools/index.ts";

interface Rule {
  readonly verdict: PolicyAnswer["verdict"];
  /** Null: every tool that no other rule names. */
  readonly tools: readonly string[] | null;
}

/** Which rules the command line gives; `asks`: a person may be needed. */
export interface Approval {
  readonly policy: ActionPolicy;
  readonly asks: boolean;
}

/** Null without rules: nothing is asked about. The last rule that names a tool holds. @throws RunError `bad-option`. */
export function approvalFrom(texts: readonly string[]): Approval | null {
  if (texts.length === 0) return null;
  const rules = texts.map(ruleFrom);
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

function ruleFrom(text: string): Rule {
  const known = notebookTools({ submission: "" }).map(({ name }) => name);
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

const isVerdict = (text: string): text is Rule["verdict"] =>
  text === "allow" || text === "deny" || text === "ask";
