import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { waitFor } from "../../../src/machine/deadline.ts";
import type { IOPubMessage, Reply } from "../../../src/kernels/jupyter/contracts.ts";
import { RequestEnd } from "../../../src/kernels/jupyter/request-end.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** To the end of a limit: it lets what came in be read first, which is an immediate, of the next millisecond here. */
const pass = (ms: number): void => void vi.advanceTimersByTime(ms + 1);

const never = new Promise<never>(() => undefined);

describe("a wait", () => {
  it("ends with the promise, its error, the time or the signal, whichever is first", async () => {
    expect(await waitFor(Promise.resolve(1), 10)).toEqual({ how: "settled", value: 1 });
    await expect(waitFor(Promise.reject(new Error("no")), 10)).rejects.toThrow("no");
    const timeout = waitFor(never, 10);
    pass(10);
    expect(await timeout).toEqual({ how: "timeout" });
    const controller = new AbortController();
    const aborted = waitFor(never, 10, controller.signal);
    controller.abort();
    expect(await aborted).toEqual({ how: "aborted" });
    expect(await waitFor(never, 10, AbortSignal.abort())).toEqual({ how: "aborted" });
  });

  it("leaves no timer, and takes very long for what it is", async () => {
    await waitFor(Promise.resolve(1), 1e12);
    expect(vi.getTimerCount()).toBe(0);
    const long = waitFor(never, 1e12);
    vi.advanceTimersByTime(1e6);
    expect(vi.getTimerCount()).toBe(1);
    vi.runAllTimers();
    await long;
  });
});

describe("a request of which one half came", () => {
  const ok: Reply = { status: "ok", execution_count: 1, user_expressions: {} };
  const status = (execution_state: string): IOPubMessage => ({
    channel: "iopub",
    header: { msg_id: "m", msg_type: "status", session: "s", username: "", date: "", version: "5.4" },
    parent_header: {},
    metadata: {},
    content: { execution_state: execution_state === "idle" ? "idle" : "busy" },
  });
  const wait = (): { word: RequestEnd; assumed: Reply[] } => {
    const assumed: Reply[] = [];
    return { word: new RequestEnd((reply) => assumed.push(reply)), assumed };
  };

  it("is over when the reply came and nothing more is heard", () => {
    const { word, assumed } = wait();
    word.replied(ok);
    for (let heard = 0; heard < 10; heard += 1) {
      vi.advanceTimersByTime(1_900);
      word.heard(status("busy"));
    }
    expect(assumed).toEqual([]);
    pass(2_000);
    expect(assumed).toEqual([ok]);
  });

  it("has time for a large reply after the idle status, but not for ever", () => {
    const { word, assumed } = wait();
    word.heard(status("busy"));
    vi.advanceTimersByTime(1e6);
    word.heard(status("idle"));
    vi.advanceTimersByTime(14_000);
    expect(assumed).toEqual([]);
    pass(1_000);
    expect(assumed).toMatchObject([{ status: "aborted" }]);
  });

  it("is not assumed once it is over", () => {
    const { word, assumed } = wait();
    word.replied(ok);
    word.stop();
    vi.runAllTimers();
    expect(assumed).toEqual([]);
  });
});
