// What an episode is at is told while it is, and at no other time.
import { expect, test } from "vitest";
import { newDeferred } from "../../src/core/deferred.ts";
import { watchWork } from "../../src/loop/at-work.ts";
import { fakeKernels } from "../../src/testing/fake-kernels.ts";
import type { KernelPool, Verifier } from "../../src/contracts/index.ts";
import { numberVerifier } from "../support/tiny-task.ts";

const signal = new AbortController().signal;
const within = { signal, timeoutMs: 1000 };

/** Kernels whose cells print what they are told to, and end when they are told to. */
function heldKernels() {
  const end = newDeferred();
  let print: (text: string) => void = () => undefined;
  const own = fakeKernels();
  const kernels: KernelPool = {
    [Symbol.asyncDispose]: () => own[Symbol.asyncDispose](),
    async lease(...from) {
      const lease = await own.lease(...from);
      return {
        ...lease,
        async execute(source, options) {
          print = options.onPrinted ?? print;
          await end.promise;
          return lease.execute(source, options);
        },
      };
    },
  };
  return { kernels, end, print: (text: string) => print(text) };
}

const lease = { signal, workspace: "p1", timeoutMs: 1000 };

test("the cell that runs, its title and the end of what it printed", async () => {
  const work = watchWork();
  const { kernels, end, print } = heldKernels();
  const place = work.watchEpisode("p1", { kernels, verifier: numberVerifier() });
  await using kernel = await place.kernels.lease({ recipe: [] }, lease);
  expect(work.episodes.size).toBe(0);
  const running = kernel.execute("x = 1", { ...within, title: "begin" });
  expect(work.episodes.get("p1")).toMatchObject({ at: "cell", title: "begin", source: "x = 1", printed: "" });
  print("a".repeat(5000));
  print("best 2\n");
  expect(work.episodes.get("p1")).toMatchObject({ printed: `${"a".repeat(1993)}best 2\n` });
  end.resolve();
  expect((await running).status).toBe("ok");
  expect(work.episodes.size).toBe(0);
  print("late");
  expect(work.episodes.size).toBe(0);
  expect(await kernel.evaluate("x", within)).toEqual({ ok: true, value: 1 });
});

test("a verdict, a search and a reproduction, which may fail", async () => {
  const work = watchWork();
  const seen: unknown[] = [];
  const own = numberVerifier();
  const verifier: Verifier = {
    [Symbol.asyncDispose]: () => own[Symbol.asyncDispose](),
    verify(...asked) {
      seen.push(work.episodes.get("p1"));
      return own.verify(...asked);
    },
    async improve() {
      seen.push(work.episodes.get("p1"));
      throw new Error("no");
    },
  };
  const place = work.watchEpisode("p1", { kernels: fakeKernels(), verifier });
  expect(await place.verifier.verify(3, { signal })).toEqual(await own.verify(3, { signal }));
  await expect(place.verifier.improve?.(3, { seed: 1, tries: 50, signal })).rejects.toThrow("no");
  expect(seen).toMatchObject([{ at: "verdict" }, { at: "search", tries: 50 }]);
  expect(work.episodes.size).toBe(0);
  await work.watchReproduction("b2", async () => seen.push(work.reproducing));
  expect(seen.at(-1)).toMatchObject({ branch: "b2" });
  expect(work.reproducing).toBe(null);
  const plain = work.watchEpisode("p1", { kernels: fakeKernels(), verifier: own });
  expect("improve" in plain.verifier).toBe("improve" in own);
});
