// Owns: what is known about models by their name and base URL, as data. Never asks a server.
import { SAFE_DIALECT, type Dialect } from "./dialect.ts";
import type { Price } from "./usage.ts";

export interface ModelProfile {
  /** Tokens of prompt and reply together; null when not known. */
  readonly contextTokens: number | null;
  readonly seesImages: boolean;
  readonly dialect: Dialect;
  readonly price: Price | null;
}

/** The profile of a model; `onUnknown` is told when there is none and safe defaults are taken. */
export function profileOf(
  model: string,
  baseURL: string,
  onUnknown: (message: string) => void,
): ModelProfile {
  onUnknown(`nothing is known about ${model} at ${baseURL}: safe defaults, no pictures, cost unknown`);
  return { contextTokens: null, seesImages: false, dialect: SAFE_DIALECT, price: null };
}
