// Owns: naming bytes by their hash. Never stores them.
import { createHash } from "node:crypto";
import type { Blob } from "../contracts/index.ts";

/** The blob of these bytes; a string is encoded as UTF-8. */
export function blobOf(content: Uint8Array | string): Blob {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  return { hash: createHash("sha256").update(bytes).digest("hex"), bytes };
}
