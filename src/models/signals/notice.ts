// Owns: what a model tells whoever listens (a status line, a log, a counter). Never changes what a model does.
import type { ModelReply } from "../../contracts/index.ts";

export type ModelNoticeType =
  /** No profile is known for the model: safe defaults, cost unknown. */
  | "unknown-model"
  /** The endpoint refused something; it is left out from now on. */
  | "adapted"
  /** A tool call was repaired. */
  | "repaired"
  /** An attempt failed and will be made again. */
  | "retried"
  /** The shared rate limiter slowed down. */
  | "slowed"
  /** A model of several is out of reach: another one is asked in its place. */
  | "absent"
  /** A recording was asked something else than what it holds the reply to. */
  | "differs";

export interface ModelNotice {
  readonly type: ModelNoticeType;
  readonly model: string;
  /** One line for people; never holds a secret or a part of the conversation. */
  readonly message: string;
  /** With `retried`: what happens next. */
  readonly retry?: RetryPlan;
}

export interface RetryPlan {
  /** Attempts so far, all failed. */
  readonly failed: number;
  readonly waitMs: number;
  /** From now until it is given up, when every further attempt fails at once. */
  readonly givesUpMs: number;
}

export type NoticeListener = (notice: ModelNotice) => void;

/** Where the parts of a model say what happened. */
export type Notify = (type: ModelNoticeType, message: string) => void;

/** A listener that counts, by type, and passes on. */
export interface Tally {
  readonly listener: NoticeListener;
  /** The reply, with the counts where there are any. */
  onto(reply: ModelReply): ModelReply;
}

export function tally(onNotice?: NoticeListener): Tally {
  const counts = new Map<ModelNoticeType, number>();
  return {
    listener(notice) {
      counts.set(notice.type, (counts.get(notice.type) ?? 0) + 1);
      onNotice?.(notice);
    },
    onto: (reply) => (counts.size === 0 ? reply : { ...reply, notices: Object.fromEntries(counts) }),
  };
}
