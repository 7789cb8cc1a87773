// Owns: noticing that a request is over although its last message does not come. It was lost on the way, or an interrupt
// hit the kernel just when it was to be sent. Never decides that while messages still come.
import type { KernelMessage } from "@jupyterlab/services";
import type { Reply } from "./contracts.ts";
import { recordOf } from "../../core/untrusted.ts";
import { startLimit, type TimeLimit } from "../../time-limit.ts";

/** Only the status is missing: it is small, and what was shown before it is here. */
const STATUS_MS = 2_000;
/** Only the reply is missing: a large value takes its time, and nothing is heard while it comes. */
const REPLY_MS = 15_000;

/** Waits for the second of the two messages that end a request: the reply, and the status "idle". */
export class RequestEnd {
  readonly #onAssumed: (reply: Reply) => void;
  #reply: Reply = { status: "aborted", execution_count: null };
  #patienceMs: number | null = null;
  #limit: TimeLimit | undefined;

  /** `onAssumed` gets the reply, or one that says `aborted` when that is what is missing. */
  constructor(onAssumed: (reply: Reply) => void) {
    this.#onAssumed = onAssumed;
  }

  replied(reply: Reply): void {
    this.#reply = reply;
    this.#patienceMs = STATUS_MS;
    this.#wait();
  }

  heard(message: KernelMessage.IIOPubMessage): void {
    const idle = recordOf(message.content)["execution_state"] === "idle";
    if (idle) this.#patienceMs ??= REPLY_MS;
    this.#wait();
  }

  stop(): void {
    this.#limit?.[Symbol.dispose]();
  }

  #wait(): void {
    if (this.#patienceMs === null) return;
    this.stop();
    this.#limit = startLimit(this.#patienceMs, () => this.#onAssumed(this.#reply));
  }
}
