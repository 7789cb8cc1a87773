import { describe, expect, it } from "vitest";
import { readBytes } from "../../src/cli/flags/flag-values.ts";
import { kernelOptionsFrom } from "../../src/cli/flags/kernel-flags.ts";
import { restoredText, restoresText } from "../../src/cli/terminal/run-facts.ts";
import type { Restored } from "../../src/contracts/index.ts";

describe("flags of kernels that branch", () => {
  it.each([
    ["512MB", 512 * 2 ** 20],
    ["4GB", 4 * 2 ** 30],
    ["1.5 GiB", 1.5 * 2 ** 30],
    ["2t", 2 ** 41],
    ["1000", 1000],
    ["7kb", 7168],
  ])("%s is a size", (text, size) => expect(readBytes(text)).toBe(size));

  it.each(["", "GB", "-1", "1,5GB", "4 gigs", "1e9"])("%j is none", (text) =>
    expect(() => readBytes(text)).toThrow("size"),
  );

  it("only what was said is passed on", () => {
    expect(kernelOptionsFrom({})).toEqual({});
    expect(kernelOptionsFrom({ fork: true })).toEqual({ fork: true });
    expect(kernelOptionsFrom({ fork: false, kernelMemory: 5 })).toEqual({
      fork: false,
      kernelMemoryBytes: 5,
    });
  });
});

describe("how kernels were restored, in words", () => {
  const restored = (tier: Restored["tier"], more: Partial<Restored> = {}): Restored => ({
    tier,
    durationMs: 61.4,
    differences: [],
    ...more,
  });
  const reason = "not forked: the thread 'mine' runs";

  it("one: with its reason, and what differs", () => {
    expect(restoredText(restored("fork"))).toBe("kernel: fork in 0.06 s");
    expect(restoredText(restored("replay", { reason, differences: ["t differs now."] }))).toBe(
      `kernel: replay in 0.06 s, ${reason}\nt differs now.`,
    );
  });

  it("all: counted by tier, each reason once, with where it held", () => {
    const all = [
      ["p1", restored("fork")],
      ["p2", restored("replay", { reason })],
      ["p3", restored("replay", { reason, differences: ["t differs now."] })],
      ["p3", restored("fork")],
    ] as const;
    expect(restoresText(all)).toEqual([
      "kernels restored: 2 by fork, 2 by replay",
      `  ${reason} (p2, p3)`,
      "  not quite as their parents' (p3)",
    ]);
    expect(restoresText([])).toEqual([]);
    const many = Array.from({ length: 10 }, (_, n) => [`p${n}`, restored("replay", { reason })] as const);
    expect(restoresText(many)[1]).toBe(`  ${reason} (p0, p1, p2, p3, p4, p5, p6, p7 and 2 more)`);
  });
});
