/** Language models: OpenAI-compatible endpoints, the offline model, and wrappers of the one shape. */
export { bandit } from "./bandit.ts";
export { checkModel, type ModelCheck } from "./check-model.ts";
export { ensemble, type EnsembleMember } from "./ensemble.ts";
export { ModelFailure, type FailureKind, type FailureOutcome } from "./failure.ts";
export { modelFromSpec } from "./model-from-spec.ts";
export type { ModelNotice, ModelNoticeType, NoticeListener } from "./notice.ts";
export { offline } from "./offline.ts";
export { openai, type OpenAIOptions } from "./openai.ts";
export { profileOf, type CacheRule, type ModelProfile } from "./profiles.ts";
export type { RateLimits } from "./rate-gate.ts";
export { rateLimiter, type RateLimiter } from "./rate-limiter.ts";
export { replay, withRecording, type RecordingOptions, type ReplayOptions } from "./recording.ts";
export { withRetry, type RetryOptions } from "./retry.ts";
export type { Price } from "./usage.ts";
export { withBudget, type BudgetedModel, type BudgetOptions } from "./with-budget.ts";
