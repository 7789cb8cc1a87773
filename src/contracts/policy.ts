// Who may say no to a model's tool call before it is carried out.
import type { ToolCall } from "./model.ts";
import type { Notebook } from "./notebook.ts";
import type { ProposalId } from "./strategy.ts";

/** A tool call that is about to be carried out, and where it stands. */
export interface Action {
  readonly call: ToolCall;
  /** As it is before the call. */
  readonly notebook: Notebook;
  readonly proposal: ProposalId;
  /** Counted along the lineage. */
  readonly round: number;
  /** The model's turn in the round, from 1. */
  readonly turn: number;
}

/** `ask`: whoever watches the run is to decide. */
export interface PolicyAnswer {
  readonly verdict: "allow" | "deny" | "ask";
  /** For the model when it is denied, for the person when it is asked. */
  readonly reason?: string;
}

/** Sees every tool call before it is carried out. What it throws stops the run: `policy-failed`. */
export type ActionPolicy = (
  action: Action,
  options: { readonly signal: AbortSignal },
) => PolicyAnswer | Promise<PolicyAnswer>;

/** Puts a question to a person; `why` is the policy's reason for asking. @throws the signal's reason when aborted. */
export type AskPerson = (
  action: Action,
  options: { readonly why: string; readonly signal: AbortSignal },
) => Promise<{ readonly verdict: "allow" | "deny"; readonly reason?: string }>;

/** What was decided, as journalled. */
export interface Decision {
  readonly verdict: "allow" | "deny";
  readonly by: "policy" | "person";
  /** Empty when none was given. */
  readonly reason: string;
}
