import { describe, expect, it } from "vitest";
import { KernelLost } from "../../src/core/errors.ts";
import type { KeptKernel } from "../../src/kernels/states/idle-kernels.ts";
import { keptKernels } from "../../src/kernels/states/idle-kernels.ts";
import type { LiveKernel } from "../../src/kernels/jupyter/live-kernel.ts";
import { replayable, stateKey } from "../../src/kernels/states/recipes.ts";
import type { RestoreMeans, Way } from "../../src/kernels/states/restore.ts";
import { restore, takeCheapest } from "../../src/kernels/states/restore.ts";
import type { Execution, RecipeStep } from "../../src/contracts/kernel.ts";
import type { ExecutionStatus } from "../../src/contracts/notebook.ts";

const options = { workspace: "w", timeoutMs: 1_500, signal: new AbortController().signal };

function kernel(id: string, hangs = false): LiveKernel & { readonly killed: () => boolean } {
  let reason: string | null = null;
  const kill = async (why: string): Promise<void> => {
    reason = why;
  };
  return {
    id,
    lost: () => reason,
    hung: () => hangs,
    killed: () => reason !== null,
    kill,
    request: () => Promise.reject(new Error("not asked for here")),
    interrupt: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => kill("disposed"),
  };
}

const step = (cell: string, source: string, status: ExecutionStatus = "ok"): RecipeStep => ({
  cell,
  source,
  status,
});

function ending(status: ExecutionStatus, ename = ""): Execution {
  const error = { output_type: "error" as const, ename, evalue: "why", traceback: [] };
  return { status, outputs: ename === "" ? [] : [error], durationMs: 0 };
}

/** Means that end each source as `ends` says, and record what was asked of them. */
function means(
  ends: Readonly<Record<string, Execution>>,
  reused: LiveKernel | null = null,
  { forks = 0, differs = [] }: { forks?: number; differs?: readonly string[] } = {},
) {
  const distrusted: unknown[] = [];
  const started: ReturnType<typeof kernel>[] = [];
  const ran: string[] = [];
  const given: RestoreMeans = {
    base: async (steps) => {
      if (reused !== null) return { tier: "reuse", kernel: reused, holds: steps };
      const hangs = started.length < forks;
      const one = kernel(`k${started.length}`, hangs);
      started.push(one);
      return hangs
        ? { tier: "fork", kernel: one, holds: steps.slice(0, 1), template: "fork-1" }
        : { tier: "fresh", kernel: one, holds: [] };
    },
    compare: async () => differs,
    skips: async () => null,
    distrust: ({ template }) => void distrusted.push(template),
    refusal: () => (forks > 0 ? "not forked: it hung" : null),
    run: async (_, source) => {
      ran.push(source);
      return ends[source] ?? ending("ok");
    },
  };
  return { ...given, started, ran, distrusted };
}

describe("restore", () => {
  it("takes an empty kernel for a recipe with nothing to replay", async () => {
    const tools = means({});
    const from = { recipe: [step("c1", "a", "interrupted"), step("c2", "b", "died")] };
    expect(await restore(from, tools, options)).toMatchObject({
      restored: { tier: "fresh", differences: [] },
      executed: [],
    });
    expect(tools.ran).toEqual([]);
  });

  it("gives up a fork that hangs without blaming the step, and tells what differs after the replay", async () => {
    let deaths = 0;
    const tools = means({}, null, { forks: 1, differs: ["t differs now."] });
    const run: RestoreMeans["run"] = async (on, source, within) =>
      on.hung() ? ((deaths += 1), ending("died")) : tools.run(on, source, within);
    const recipe = [step("c1", "a"), step("c2", "b")];
    const done = await restore({ recipe }, { ...tools, run }, options);
    expect(done.restored).toMatchObject({
      tier: "replay",
      differences: ["t differs now."],
      reason: "not forked: it hung",
    });
    expect([deaths, tools.ran, tools.distrusted]).toEqual([1, ["a", "b"], ["fork-1"]]);
    expect(done.executed).toMatchObject([{ source: "a" }, { source: "b" }]);
  });

  it("does not blame a step for one death, which may be by chance", async () => {
    const tools = means({});
    let deaths = 0;
    const run: RestoreMeans["run"] = async (on, source, within) =>
      source === "b" && deaths === 0 ? ((deaths += 1), ending("died")) : tools.run(on, source, within);
    const done = await restore({ recipe: [step("c1", "a"), step("c2", "b")] }, { ...tools, run }, options);
    expect(done).toMatchObject({
      restored: { differences: [] },
      executed: [{ source: "a" }, { source: "b" }],
    });
    expect(done.instead).toBeUndefined();
    expect([deaths, tools.ran]).toEqual([1, ["a", "a", "b"]]);
  });

  it("prefers a live kernel, and believes it", async () => {
    const alive = kernel("alive");
    const tools = means({}, alive);
    const done = await restore({ recipe: [step("c1", "a"), step("c2", "b", "error")] }, tools, options);
    expect(done).toMatchObject({
      kernel: alive,
      restored: { tier: "reuse" },
      executed: [{ source: "a" }, { source: "b" }],
    });
    expect(tools.started).toEqual([]);
  });

  it("replays in order, and tells each deviation in words", async () => {
    const tools = means({
      b: ending("error", "ValueError"),
      c: ending("interrupted"),
      d: ending("ok"),
      e: ending("error", "KeyError"),
    });
    const recipe = [
      step("c1", "a"),
      step("c2", "b"),
      step("c3", "c"),
      step("c4", "d", "error"),
      step("c5", "e", "error"),
    ];
    const { restored, executed, instead } = await restore({ recipe }, tools, options);
    expect(tools.ran).toEqual(["a", "b", "c", "d", "e"]);
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
    const tools = means(
      Object.fromEntries(deadly.map(({ source }) => [source, ending("died", "KernelDied")])),
    );
    await expect(restore({ recipe: deadly }, tools, options)).rejects.toBeInstanceOf(KernelLost);
    expect(tools.ran).toEqual(["a", "a", "b", "b", "c", "c"]);
    expect(tools.started.filter((one) => one.killed())).toHaveLength(6);
  });

  it("leaves no kernel behind when the replay is stopped", async () => {
    const tools = means({});
    const stopped = { ...tools, run: () => Promise.reject(new Error("stopped")) };
    await expect(restore({ recipe: [step("c1", "a")] }, stopped, options)).rejects.toThrow("stopped");
    expect(tools.started.map((one) => one.killed())).toEqual([true]);
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

describe("kept kernels", () => {
  const end = (kernel: LiveKernel): Promise<void> => kernel.kill("no room");
  const one = (id: string, workspace = id): KeptKernel & { kernel: ReturnType<typeof kernel> } => ({
    kernel: kernel(id),
    workspace,
  });

  it("are taken once, the newest of a state first, the dead never", async () => {
    const kept = keptKernels(9, end);
    const [first, second, third] = [one("1"), one("2"), one("3")];
    for (const kernel of [first, second, third]) kept.keep("k", kernel);
    await third.kernel.kill("died meanwhile");
    expect([kept.take("k"), kept.take("k"), kept.take("k")].map((found) => found?.workspace)).toEqual([
      "2",
      "1",
      undefined,
    ]);
    expect(kept.take("other")).toBeNull();
  });

  it("make room, oldest first, and for a workspace that is needed", async () => {
    const kept = keptKernels(2, end);
    const all = ["a", "b", "c"].map((name) => one(name));
    for (const [index, kernel] of all.entries()) kept.keep(`k${index}`, kernel);
    expect(all.map(({ kernel }) => kernel.killed())).toEqual([true, false, false]);
    kept.dropFrom("b");
    expect(all.map(({ kernel }) => kernel.killed())).toEqual([true, true, false]);
    kept.clear();
    expect(kept.take("k2")).toBeNull();
  });

  it("are none where there is no room", () => {
    const kept = keptKernels(0, end);
    const kernel = one("a");
    kept.keep("k", kernel);
    expect([kept.take("k"), kernel.kernel.killed()]).toEqual([null, true]);
  });
});

it("the next best way is taken where the best fails", async () => {
  const tried: string[] = [];
  const way = (tier: Way["tier"], costMs: number, works: boolean): Way => ({
    tier,
    costMs,
    holds: 0,
    take: async () => {
      tried.push(tier);
      return works ? { tier: "fresh", kernel: kernel("k"), holds: [] } : null;
    },
  });
  const ways = [way("fresh", 500, true), way("thaw", 300, false), way("fork", 60, false)];
  expect(await takeCheapest(ways, [])).toMatchObject({ tier: "fresh" });
  expect(tried).toEqual(["fork", "thaw", "fresh"]);
  expect(await takeCheapest(ways.slice(1), [])).toBeNull();
});
