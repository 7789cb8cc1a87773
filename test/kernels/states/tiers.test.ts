// The tiers of a pool, with fake ones: who is asked, whose kernel is taken, and what is told of the others.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, test } from "vitest";
import type { RunStep } from "../../../src/kernels/states/replay.ts";
import { distrust, restore } from "../../../src/kernels/states/restore.ts";
import { ReuseTier } from "../../../src/kernels/states/reuse-tier.ts";
import { Porter } from "../../../src/machine/files/porter.ts";
import { testPython } from "../../support/python.ts";
import { Workspaces } from "../../../src/kernels/states/workspaces.ts";
import type { FakeKernel, FakeTierOptions } from "./fake-tiers.ts";
import { executionThat, fakeKernel, fakeParts, fakeTier, recipeStep } from "./fake-tiers.ts";

const options = { workspace: "w", timeoutMs: 1_500, signal: new AbortController().signal };
const recipe = ["a", "b", "c"].map((source, index) => recipeStep(`c${index + 1}`, source));

/** What `restore` makes of tiers; every step that was never timed counts as 1000 ms. */
const TABLE: readonly {
  readonly case: string;
  readonly tiers: readonly FakeTierOptions[];
  readonly taken: readonly string[];
  readonly ran: readonly string[];
  readonly tier: string;
  readonly reason?: string;
}[] = [
  {
    case: "all tiers are asked in order, and what holds the state is taken",
    tiers: [
      { name: "fork", holds: 3, costMs: 60 },
      { name: "thaw", holds: 3, costMs: 1000 },
      { name: "fresh" },
    ],
    taken: ["fork"],
    ran: [],
    tier: "fork",
  },
  {
    case: "the nearest state is not taken where its kernel costs more than the steps",
    tiers: [
      { name: "fork", holds: 2, costMs: 60 },
      { name: "thaw", holds: 3, costMs: 9000 },
      { name: "fresh" },
    ],
    taken: ["fork"],
    ran: ["c"],
    tier: "replay",
  },
  {
    case: "a state behind that costs little to catch up loses against one that is dear to catch up from",
    tiers: [
      { name: "fork", holds: 1, costMs: 60 },
      { name: "thaw", holds: 3, costMs: 1000 },
      { name: "fresh" },
    ],
    taken: ["thaw"],
    ran: [],
    tier: "thaw",
  },
  {
    case: "the times that a tier remembers count",
    tiers: [
      { name: "thaw", holds: 3, costMs: 1000, durationMs: 5 },
      { name: "fresh", costMs: 500 },
    ],
    taken: ["fresh"],
    ran: ["a", "b", "c"],
    tier: "replay",
  },
  {
    case: "where the best fails the next best is taken, each once, and the refusals are told",
    tiers: [
      { name: "fork", holds: 3, costMs: 60, kernels: [], refusal: "not forked: no room" },
      { name: "thaw", holds: 3, costMs: 1000, kernels: [], refusal: "not thawed: damaged" },
      { name: "reuse", holds: null },
      { name: "fresh", costMs: 500 },
    ],
    taken: ["fork", "thaw", "fresh"],
    ran: ["a", "b", "c"],
    tier: "replay",
    reason: "not forked: no room; not thawed: damaged",
  },
  {
    case: "an idle kernel is believed, and the reason why it is no fork is told for the next child",
    tiers: [
      { name: "fork", holds: null, refusal: "not forked: a thread runs" },
      { name: "reuse", holds: 3 },
    ],
    taken: ["reuse"],
    ran: [],
    tier: "reuse",
    reason: "not forked: a thread runs",
  },
  {
    case: "a fork needs no reason",
    tiers: [
      { name: "fork", holds: 3, costMs: 60 },
      { name: "thaw", holds: null, refusal: "not kept: too large" },
    ],
    taken: ["fork"],
    ran: [],
    tier: "fork",
  },
];

describe("restoring a state", () => {
  test.each(TABLE)("$case", async ({ tiers, taken, ran, tier, reason }) => {
    const log: string[] = [];
    const parts = fakeParts(tiers.map((one) => fakeTier(log, one)));
    const { restored, executed } = await restore({ recipe }, parts, options);
    const offers = tiers.map(({ name }) => `${name} offer`);
    expect(log).toEqual([...offers, ...taken.map((name) => `${name} take`)]);
    expect(parts.ran).toEqual(ran);
    expect(restored).toMatchObject({ tier, differences: [] });
    expect(restored.reason).toBe(reason);
    expect(executed.map(({ source }) => source)).toEqual(["a", "b", "c"]);
  });

  it("fails clearly where no tier gives a kernel", async () => {
    const parts = fakeParts([fakeTier([], { name: "fresh", kernels: [] })]);
    await expect(restore({ recipe }, parts, options)).rejects.toMatchObject({ code: "kernel-unavailable" });
  });

  it("gives up a fork that hangs without blaming the step, and compares what the replay made", async () => {
    const log: string[] = [];
    const hung = fakeKernel("hung", { hangs: true });
    const fork = fakeTier(log, {
      name: "fork",
      holds: 1,
      kernels: [hung],
      owns: true,
      refusal: "not forked: hung",
    });
    const parts = fakeParts([fork, fakeTier(log, { name: "fresh", costMs: 500 })]);
    const run: RunStep = async (on, source, within) =>
      on.hung() ? executionThat("died") : parts.run(on, source, within);
    const { restored, executed } = await restore({ recipe }, { ...parts, run }, options);
    expect(restored).toMatchObject({ tier: "replay", differences: [], reason: "not forked: hung" });
    expect([parts.ran, executed.length, hung.isKilled()]).toEqual([["a", "b", "c"], 3, true]);
    expect(log.filter((what) => what.endsWith("distrust"))).toEqual(["fork distrust"]);
  });
});

it("only the tier that made a hung kernel answers for it", () => {
  const log: string[] = [];
  const tier = (name: "fork" | "thaw" | "fresh", owns: boolean) => fakeTier(log, { name, owns });
  distrust(fakeKernel("k"), [tier("fork", false), tier("thaw", true), tier("fresh", true)]);
  expect(log).toEqual(["fork distrust", "thaw distrust"]);
});

describe("idle kernels", () => {
  const end = async (kernel: { kill(reason: string): Promise<void> }): Promise<void> =>
    kernel.kill("no room");
  const [one, other] = [recipe.slice(0, 1), recipe.slice(0, 2)];
  let root: string;
  let workspaces: Workspaces;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), "nbe-tiers-"));
    workspaces = new Workspaces(root, new Porter(testPython));
  });
  afterEach(async () => {
    await workspaces.porter[Symbol.asyncDispose]();
    await rm(root, { recursive: true, force: true });
  });

  const tierFor = (room: number): ReuseTier => new ReuseTier(room, { end }, workspaces);
  /** A kernel of this state that is where it was kept: nothing is asked of it. */
  const take = async (tier: ReuseTier, steps: typeof one, workspace: string): Promise<string | null> => {
    const offer = await tier.offer(steps, { ...options, workspace });
    return (await offer?.take())?.kernel.id ?? null;
  };

  it("are taken once, the newest of a state first, the dead never", async () => {
    const tier = tierFor(9);
    const kernels = ["1", "2", "3"].map((id) => fakeKernel(id));
    for (const kernel of kernels) await tier.takeOver(kernel, one, "w");
    await kernels[2]?.kill("died meanwhile");
    expect([await take(tier, one, "w"), await take(tier, one, "w"), await take(tier, one, "w")]).toEqual([
      ...["2", "1", null],
    ]);
    expect(await take(tier, other, "w")).toBeNull();
  });

  it("make room, oldest first, and end when their files go", async () => {
    const tier = tierFor(2);
    const kernels: readonly FakeKernel[] = ["a", "b", "c"].map((id) => fakeKernel(id));
    for (const kernel of kernels) await tier.takeOver(kernel, one, kernel.id);
    expect(kernels.map((kernel) => kernel.isKilled())).toEqual([true, false, false]);
    await workspaces.clear("b", { folder: "", inside: "" });
    expect(kernels.map((kernel) => kernel.isKilled())).toEqual([true, true, false]);
    await tier.close();
    expect(await take(tier, one, "c")).toBeNull();
  });

  it("are none where there is no room", async () => {
    const tier = tierFor(0);
    const kernel = fakeKernel("a");
    await tier.takeOver(kernel, one, "w");
    expect([await take(tier, one, "w"), kernel.isKilled()]).toEqual([null, true]);
  });
});
