// Owns: the limits of a task that does not set its own.
import type { Limits } from "../contracts/index.ts";

export const DEFAULT_LIMITS: Limits = {
  turnsPerRound: 12,
  callsPerRound: 24,
  cellTimeoutMs: 120_000,
  roundTimeoutMs: 900_000,
  tokensPerEpisode: 400_000,
  verifierTimeoutMs: 30_000,
  verifierMemoryMb: 2_048,
  contextTokens: 12_000,
};
