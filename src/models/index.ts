/** Language models: OpenAI-compatible endpoints, the offline model, and wrappers of the one shape. */
export { bandit } from "./wrappers/bandit.ts";
export { checkModel, type ModelCheck } from "./check-model.ts";
export { ensemble, type EnsembleMember } from "./wrappers/ensemble.ts";
export { ModelFailure, type FailureKind, type FailureOutcome } from "./signals/failure.ts";
export { modelFromSpec } from "./model-from-spec.ts";
export type { ModelNotice, ModelNoticeType, NoticeListener } from "./signals/notice.ts";
export { offline } from "./offline/offline.ts";
export { openai, type OpenAIOptions } from "./openai/openai.ts";
export { profileOf, type CacheRule, type ModelProfile } from "./catalogue/profiles.ts";
export type { RateLimits } from "./openai/rate-gate.ts";
export { rateLimiter, type RateLimiter } from "./openai/rate-limiter.ts";
export { withRetry, type RetryOptions } from "./wrappers/retry.ts";
export type { OwnPrice } from "./catalogue/own-price.ts";
export type { Price } from "./catalogue/prices.ts";
export { withBudget, type BudgetedModel, type BudgetOptions } from "./wrappers/with-budget.ts";
