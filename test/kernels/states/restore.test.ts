import { describe, expect, it } from "vitest";
import { KernelLost } from "../../../src/core/errors.ts";
import { replayable, stateKey } from "../../../src/kernels/states/recipes.ts";
import type { RunStep } from "../../../src/kernels/states/replay.ts";
import { restore } from "../../../src/kernels/states/restore.ts";
import type { RecipeStep } from "../../../src/contracts/kernel.ts";
import type { FakeKernel } from "./fake-tiers.ts";
import { executionThat, fakeKernel, fakeParts, fakeTier, recipeStep as step } from "./fake-tiers.ts";

const options = { workspace: "w", timeoutMs: 1_500, signal: new AbortController().signal };

/** A tier that only gives these fresh kernels. */
const freshOnly = (...kernels: readonly FakeKernel[]) =>
  fakeTier([], { name: "fresh", ...(kernels.length > 0 && { kernels }) });

describe("restore", () => {
  it("takes an empty kernel for a recipe with nothing to replay", async () => {
    const parts = fakeParts([freshOnly()]);
    const from = { recipe: [step("c1", "a", "interrupted"), step("c2", "b", "died")] };
    expect(await restore(from, parts, options)).toMatchObject({
      restored: { tier: "fresh", differences: [] },
      executed: [],
    });
    expect(parts.ran).toEqual([]);
  });

  it("does not blame a step for one death, which may be by chance", async () => {
    const parts = fakeParts([freshOnly()]);
    let deaths = 0;
    const run: RunStep = async (on, source, within) =>
      source === "b" && deaths === 0 ? ((deaths += 1), executionThat("died")) : parts.run(on, source, within);
    const done = await restore({ recipe: [step("c1", "a"), step("c2", "b")] }, { ...parts, run }, options);
    expect(done).toMatchObject({
      restored: { differences: [] },
      executed: [{ source: "a" }, { source: "b" }],
    });
    expect(done.instead).toBeUndefined();
    expect([deaths, parts.ran]).toEqual([1, ["a", "a", "b"]]);
  });

  it("replays in order, and tells each deviation in words", async () => {
    const parts = fakeParts([freshOnly()], {
      b: executionThat("error", "ValueError"),
      c: executionThat("interrupted"),
      d: executionThat("ok"),
      e: executionThat("error", "KeyError"),
    });
    const recipe = [
      step("c1", "a"),
      step("c2", "b"),
      step("c3", "c"),
      step("c4", "d", "error"),
      step("c5", "e", "error"),
    ];
    const { restored, executed, instead } = await restore({ recipe }, parts, options);
    expect(parts.ran).toEqual(["a", "b", "c", "d", "e"]);
    expect(instead?.recipe.map(({ cell, status }) => `${cell} ${status}`)).toEqual([
      ...["c1 ok", "c2 error", "c3 interrupted", "c4 ok", "c5 error"],
    ]);
    expect(restored).toMatchObject({
      tier: "replay",
      differences: [
        "c2 raised ValueError when it was run again: why",
        "c3 did not end within 1.5 s when it was run again.",
        "c4 raised no error when it was run again, though it had before.",
      ],
    });
    expect(executed.map(({ status }) => status)).toEqual(["ok", "error", "interrupted", "ok", "error"]);
  });

  it("gives up a recipe that kills one kernel after the other, and leaves none of them", async () => {
    const deadly = ["a", "b", "c", "d"].map((source, index) => step(`c${index}`, source));
    const dies = executionThat("died", "KernelDied");
    const kernels = Array.from({ length: 7 }, (_, index) => fakeKernel(`k${index}`));
    const parts = fakeParts(
      [freshOnly(...kernels)],
      Object.fromEntries(deadly.map(({ source }) => [source, dies])),
    );
    await expect(restore({ recipe: deadly }, parts, options)).rejects.toBeInstanceOf(KernelLost);
    expect(parts.ran).toEqual(["a", "a", "b", "b", "c", "c"]);
    expect(kernels.filter((one) => one.isKilled())).toHaveLength(6);
  });

  it("leaves no kernel behind when the replay is stopped", async () => {
    const kernel = fakeKernel("k");
    const parts = {
      ...fakeParts([freshOnly(kernel)]),
      run: () => Promise.reject(new Error("stopped")),
    };
    await expect(restore({ recipe: [step("c1", "a")] }, parts, options)).rejects.toThrow("stopped");
    expect(kernel.isKilled()).toBe(true);
  });
});

describe("states", () => {
  const key = (...steps: readonly RecipeStep[]): string => stateKey(replayable(steps));

  it("are equal when the same sources ended the same way in the same order", () => {
    expect(key(step("c1", "a"), step("c2", "b"))).toBe(
      key(step("c8", "a"), step("c9", "x", "died"), step("c7", "b")),
    );
    const others = [
      key(step("c1", "b"), step("c1", "a")),
      key(step("c1", "a"), step("c2", "b", "error")),
      key(step("c1", "ab")),
      key(step("c1", "a")),
    ];
    expect(new Set([...others, key(step("c1", "a"), step("c2", "b"))]).size).toBe(5);
  });
});
