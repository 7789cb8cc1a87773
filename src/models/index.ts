/** Language models: OpenAI-compatible endpoints, the offline model, and wrappers of the one shape. */
export { bandit } from "./wrappers/bandit.ts";
export { checkModel, type ModelCheck, type ProtocolCheck } from "./check-model.ts";
export type { Finding } from "./check-round.ts";
export type { Dialect } from "./catalogue/dialect.ts";
export { ensemble, type EnsembleMember } from "./wrappers/ensemble.ts";
export type { FallbackOptions } from "./wrappers/fallback.ts";
export {
  ModelFailure,
  type FailureDetails,
  type FailureKind,
  type FailureOutcome,
  type TroubleCause,
} from "./signals/failure.ts";
export type { FirstAnswer } from "./openai/trouble/try-out.ts";
export { modelFromSpec, type SpecOptions } from "./model-from-spec.ts";
export type {
  ModelNotice,
  ModelNoticeType,
  NoticeListener,
  RepairKind,
  RetryPlan,
} from "./signals/notice.ts";
export { offline, type OfflineOptions } from "./offline/offline.ts";
export { openai, type EndpointModel, type LearntFacts, type OpenAIOptions } from "./openai/openai.ts";
export { profileOf, type CacheRule, type ModelProfile, type ProfileChanges } from "./catalogue/profiles.ts";
export type { ReplyFacts } from "./openai/ask-endpoint.ts";
export type { RateLimits, RateOutcome } from "./openai/rate-gate.ts";
export { rateLimiter, type RateLimiter, type RateTurn } from "./openai/rate-limiter.ts";
export { withRetry, type RetryOptions } from "./wrappers/retry.ts";
export type { OwnPrice } from "./catalogue/own-price.ts";
export type { Price } from "./catalogue/prices.ts";
export { withBudget, type BudgetedModel, type BudgetOptions } from "./wrappers/with-budget.ts";
