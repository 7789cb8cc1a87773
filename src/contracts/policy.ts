// Owns: who may refuse a model's tool call before it is carried out. Types only.
import type { ToolCall } from "./model.ts";
import type { Notebook } from "./notebook.ts";
import type { ProposalId } from "./branch.ts";

/** A tool call that is about to be carried out, and its place in the run. */
export interface Action {
  readonly call: ToolCall;
  /** The notebook before the call. */
  readonly notebook: Notebook;
  readonly proposal: ProposalId;
  /** Counted along the lineage. */
  readonly round: number;
  /** The model's turn in the round, from 1. */
  readonly turn: number;
}

/** `ask`: the person who watches the run decides. */
export interface PolicyAnswer {
  readonly verdict: "allow" | "deny" | "ask";
  /** Shown to the model when the call is denied, and to the person who is asked. */
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

/** A decision about a call, as the journal keeps it. */
export interface Decision {
  readonly verdict: "allow" | "deny";
  readonly by: "policy" | "person";
  /** Empty when none was given. */
  readonly reason: string;
}
