// Owns: the notices that a model sends to its listener (a status line, a log, a counter). Never changes what a model does.

/** The kinds of notices. */
export type ModelNoticeType =
  /** No profile is known for the model: it gets safe defaults and its cost is unknown. */
  | "unknown-model"
  /** The endpoint refused something, or the model does something else than it was asked for: it is asked in another way from now on. */
  | "adapted"
  /** A tool call was repaired. */
  | "repaired"
  /** An attempt failed and will be made again. */
  | "retried"
  /** Requests go through a proxy that the environment names. */
  | "proxied"
  /** The shared rate limiter slowed down. */
  | "slowed"
  /** A model cannot be reached, and another one is asked in its place. */
  | "absent"
  /** A request differs from the one that the recorded run made at the same place. */
  | "differs";

/** What a repair of a reply was of: few words, for they are counted by them. */
export type RepairKind =
  /** A call or code in its text. */
  | "text"
  /** A tool's name. */
  | "name"
  /** Arguments that were no plain JSON. */
  | "json"
  /** Arguments under other names or in other types than the tool's. */
  | "arguments"
  /** A reply that repeats itself. */
  | "repetition"
  /** Calls where none was allowed. */
  | "unasked";

/** Something out of the ordinary about a reply, as it happens. */
export interface ModelNotice {
  readonly type: ModelNoticeType;
  readonly model: string;
  /** One line for people; never holds a secret or a part of the conversation. */
  readonly message: string;
  /** With `retried` and `slowed`: what happens next. */
  readonly retry?: RetryPlan | undefined;
  /** With `repaired`: what was. */
  readonly repair?: RepairKind | undefined;
}

/** How long is waited before a model is asked again. */
export interface RetryPlan {
  /** Attempts so far, all failed. */
  readonly failed: number;
  /** From now until the next attempt. */
  readonly waitMs: number;
  /** From now until retries are used up, if every further attempt takes as long as the last one. */
  readonly givesUpMs: number;
}

/** Hears of notices as they happen. */
export type NoticeListener = (notice: ModelNotice) => void;

/** Sends a notice in the name of one model. */
export type Notify = (
  type: ModelNoticeType,
  message: string,
  more?: Pick<ModelNotice, "retry" | "repair">,
) => void;
