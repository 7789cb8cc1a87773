import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { readPauseMs, rateLimiter, type RateLimiter } from "../../../src/models/openai/rate-limiter.ts";
import { ask, bench, running } from "../helpers.ts";

/** A server's rule: null lets the request pass, a number refuses it with that retry-after (NaN: without one). */
type Rule = (now: number) => number | null;

/** So many in each window; the window begins with its first request. */
function windows(count: number, lengthMs: number): Rule {
  let began = Number.NEGATIVE_INFINITY;
  let used = 0;
  return (now) => {
    if (now >= began + lengthMs) [began, used] = [now, 0];
    return used++ < count ? null : began + lengthMs - now;
  };
}

/** One every so often, and at the beginning as many as the bucket holds. */
function bucket(everyMs: number, holds: number): Rule {
  let filledAt = Number.NEGATIVE_INFINITY;
  return (now) => {
    filledAt = Math.max(filledAt, now - holds * everyMs);
    if (filledAt + everyMs > now) return filledAt + everyMs - now;
    filledAt += everyMs;
    return null;
  };
}

const later = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

interface Played {
  readonly tookMs: number;
  readonly refused: number;
  readonly most: number;
}

/** Episodes that each ask one after the other; an answer begins 50 ms and ends 5 s after the request. */
async function play(limiter: RateLimiter, rule: Rule, episodes: number, each: number): Promise<Played> {
  const began = Date.now();
  let last = began;
  let refused = 0;
  const asked = new Map<number, number>();
  const episode = async (): Promise<void> => {
    for (let done = 0; done < each;) {
      const turn = await limiter.waitForTurn(100, running.signal);
      const now = Date.now();
      asked.set(Math.floor(now / 1000), (asked.get(Math.floor(now / 1000)) ?? 0) + 1);
      const retryAfterMs = rule(now);
      await later(50);
      if (retryAfterMs === null) {
        turn.report({ type: "accepted", pauseMs: 0 });
        done++;
        last = Date.now();
      } else {
        refused++;
        turn.report({ type: "refused", retryAfterMs: Number.isNaN(retryAfterMs) ? null : retryAfterMs });
      }
    }
  };
  await Promise.all(Array.from({ length: episodes }, episode));
  return { tookMs: last - began, refused, most: Math.max(...asked.values()) };
}

describe("eight episodes against a limit of 60 requests a minute", () => {
  beforeEach(() => {
    vi.useFakeTimers({
      toFake: ["setTimeout", "clearTimeout", "Date", "performance", "setImmediate"],
      shouldAdvanceTime: false,
    });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  /** The clock moves on by itself until the play is over. */
  const inVirtualTime = async (played: Promise<Played>): Promise<Played> => {
    const step = async (): Promise<Played> => {
      const moved = vi.advanceTimersByTimeAsync(10).then(() => null);
      return (await Promise.race([played, moved])) ?? step();
    };
    return step();
  };

  test.for([
    ["windows of a minute", () => windows(60, 60_000), 176, 120_000],
    ["one a second", () => bucket(1_000, 1), 120, 119_000],
    ["one a second, ten saved up", () => bucket(1_000, 10), 120, 110_000],
  ] as const)("%s: within a tenth of the limit's own lower bound", async ([, rule, requests, boundMs]) => {
    const { tookMs, refused } = await inVirtualTime(play(rateLimiter(), rule(), 8, requests / 8));
    expect(tookMs).toBeGreaterThanOrEqual(boundMs);
    expect(tookMs).toBeLessThanOrEqual(boundMs * 1.1);
    // Refusals cost the server work: about one for each request that passed, and a few to learn from.
    expect(refused).toBeLessThanOrEqual(requests * 1.2);
  });

  test("a known limit is kept without a single refusal", async () => {
    const limiter = rateLimiter({ requestsPerMinute: 60 });
    const { tookMs, refused } = await inVirtualTime(play(limiter, bucket(1_000, 1), 8, 15));
    expect(refused).toBe(0);
    expect(tookMs).toBeLessThanOrEqual(119_000 * 1.1);
  });

  test("tokens a minute are kept", async () => {
    const limiter = rateLimiter({ tokensPerMinute: 6_000 });
    const { tookMs } = await inVirtualTime(play(limiter, () => null, 8, 5));
    expect(tookMs).toBeGreaterThanOrEqual(39_000);
    expect(tookMs).toBeLessThanOrEqual(41_000);
  });

  test("refusals without retry-after are waited out, longer each time", async () => {
    const blocked: Rule = (now) => (now - began < 20_000 ? Number.NaN : null);
    const began = Date.now();
    const { tookMs, refused } = await inVirtualTime(play(rateLimiter(), blocked, 8, 1));
    expect(tookMs).toBeLessThanOrEqual(33_000);
    expect(refused).toBeLessThanOrEqual(16);
  });

  test("no limit, no waiting", async () => {
    const { tookMs } = await inVirtualTime(play(rateLimiter(), () => null, 8, 10));
    expect(tookMs).toBeLessThanOrEqual(1_000);
  });
});

describe("a clock that is set", () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  test.each([-3_600_000, -1, 3_600_000])(
    "by %i ms between two requests holds none of them",
    async (stepMs) => {
      vi.useFakeTimers({ toFake: ["Date"] });
      const limiter = rateLimiter({ requestsPerMinute: 6_000 });
      for (let request = 0; request < 4; request++) {
        if (request === 2) vi.setSystemTime(Date.now() + stepMs);
        (await limiter.waitForTurn(1, running.signal)).report({ type: "accepted", pauseMs: 1 });
      }
    },
  );
});

describe("the queue", () => {
  test("an aborted place is given up, and the others move on", async () => {
    const limiter = rateLimiter({ requestsPerMinute: 600 });
    (await limiter.waitForTurn(1, running.signal)).report({ type: "unknown" });
    const abort = new AbortController();
    const second = limiter.waitForTurn(1, abort.signal);
    const third = limiter.waitForTurn(1, running.signal);
    abort.abort(new Error("gone"));
    await expect(second).rejects.toThrow("gone");
    expect(await third).toBeDefined();
  });

  test("headers that say that nothing is left are believed", () => {
    const headers = { "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "1m2.5s" };
    expect(readPauseMs(new Headers(headers))).toBe(62_500);
    expect(readPauseMs(new Headers({ ...headers, "x-ratelimit-remaining-requests": "3" }))).toBe(0);
  });
});

describe("over real HTTP", () => {
  test("eight episodes against a limited server: nobody fails, and nobody asks in a frenzy", async () => {
    const rule = bucket(20, 4);
    let passed = 0;
    await using b = await bench(() => {
      const retryAfterMs = rule(performance.now());
      if (retryAfterMs !== null) {
        return { type: "error", status: 429, headers: { "retry-after-ms": String(Math.ceil(retryAfterMs)) } };
      }
      passed++;
      return { type: "reply", reply: { text: "fine" } };
    });
    const episode = async (first: number): Promise<void> => {
      for (let turn = 0; turn < 6; turn++) await b.model.reply(ask({ seed: first + turn }), running);
    };
    await Promise.all(Array.from({ length: 8 }, (_, index) => episode(index * 100)));
    expect(passed).toBe(48);
    expect(b.server.requests.length).toBeLessThanOrEqual(48 * 2 + 8);
  });

  test("a limit that lasts too long fails the episode", async () => {
    await using b = await bench([{ type: "error", status: 429, headers: { "retry-after": "3600" } }]);
    await expect(b.model.reply(ask(), running)).rejects.toMatchObject({
      kind: "rate-limited",
      isFinal: true,
    });
    expect(b.server.requests).toHaveLength(1);
  });
});
