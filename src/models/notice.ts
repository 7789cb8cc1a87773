// Owns: what a model tells whoever listens (a status line, a log, a counter). Never changes what a model does.

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
  | "slowed";

export interface ModelNotice {
  readonly type: ModelNoticeType;
  readonly model: string;
  /** One line for people; never holds a secret or a part of the conversation. */
  readonly message: string;
}

export type NoticeListener = (notice: ModelNotice) => void;
