/** Language models: OpenAI-compatible endpoints, the offline model, and wrappers of the one shape. */
export { ModelFailure, type FailureKind, type FailureOutcome } from "./failure.ts";
export { MODEL_SPECS, modelFromSpec } from "./model-from-spec.ts";
export type { ModelNotice, ModelNoticeType, NoticeListener } from "./notice.ts";
export { offline } from "./offline.ts";
export { openai, type OpenAIOptions } from "./openai.ts";
export { profileOf, type ModelProfile } from "./profiles.ts";
export { withRetry, type RetryOptions } from "./retry.ts";
export type { Price } from "./usage.ts";
