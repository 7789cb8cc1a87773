// Owns: how much templates may take. Apart from them, so that the public types need none of what runs them.
import { totalmem } from "node:os";

export interface TemplateLimits {
  readonly count: number;
  /** Of the memory that templates have for themselves, all together. */
  readonly bytes: number;
}

export const TEMPLATE_LIMITS: TemplateLimits = { count: 24, bytes: Math.min(8 * 2 ** 30, totalmem() / 4) };
