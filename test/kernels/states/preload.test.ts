import { expect, it } from "vitest";
import type { KernelEvent } from "../../../src/kernels/kernel-options.ts";
import { preloader } from "../../../src/kernels/states/preload.ts";
import { fakeKernel } from "./fake-tiers.ts";

it("modules that cannot be loaded are left to the cells, and that is told once", async () => {
  const told: KernelEvent[] = [];
  const preload = preloader(["import ends"], (event) => void told.push(event));
  await preload(fakeKernel("a"));
  await preload(fakeKernel("b"));
  expect(told).toEqual([{ type: "not-preloaded", reason: "no request is expected here" }]);
});

it("nothing is asked of a kernel where there is nothing to load", async () => {
  const told: KernelEvent[] = [];
  await preloader([], (event) => void told.push(event))(fakeKernel("a"));
  expect(told).toEqual([]);
});
