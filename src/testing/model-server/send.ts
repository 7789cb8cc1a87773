// Owns: writing a response, whole or broken off at an exact byte.
import type { ServerResponse } from "node:http";
import type { ReplyBreak } from "./behaviour.ts";

export interface Payload {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

/** Sends the payload; with `breaks`, only its first bytes, and then the break. */
export function send(outgoing: ServerResponse, payload: Payload, breaks?: ReplyBreak): void {
  outgoing.writeHead(payload.status, { "content-type": "application/json", ...payload.headers });
  const bytes = Buffer.from(payload.body);
  if (breaks === undefined) {
    outgoing.end(bytes);
    return;
  }
  // The headers leave now: a cut after 0 bytes is a cut of the body, not of the answer.
  outgoing.flushHeaders();
  const finish = (): void => {
    breaks.reached?.();
    if (breaks.how === "cut") outgoing.destroy();
    if (breaks.how === "close") outgoing.end();
  };
  const part = bytes.subarray(0, breaks.afterBytes);
  if (part.length === 0) finish();
  else outgoing.write(part, finish);
}
