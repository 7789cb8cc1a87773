// Owns: loading the modules that cells will import into fresh kernels, ahead of them. Where that fails it is told once, and
// cells load what they need by themselves.
import { messageOf } from "../../core/errors.ts";
import type { LiveKernel } from "../jupyter/contracts.ts";
import { callKernelHelper, whyNot } from "../jupyter/kernel-helper.ts";
import type { KernelEvent } from "../kernel-options.ts";

/** Modules that take longer to load are left to the cells. */
const LOAD_MS = 30_000;

/** Resolves when the kernel has loaded what it could. Never rejects. */
export type Preload = (kernel: LiveKernel) => Promise<void>;

/** `sources`: cells, whose imports at their top level are loaded. */
export function preloader(sources: readonly string[], onEvent: (event: KernelEvent) => void): Preload {
  if (sources.length === 0) return async () => undefined;
  let told = false;
  let isGivenUp = false;
  const tell = (event: KernelEvent): void => {
    if (!told) onEvent(event);
    told = true;
  };
  return async (kernel) => {
    if (isGivenUp) return;
    const began = performance.now();
    const within = { timeoutMs: LOAD_MS, signal: new AbortController().signal };
    try {
      const loaded = await callKernelHelper(kernel, "preload", JSON.stringify(sources), within);
      if (loaded.how !== "answered") throw new Error(whyNot(loaded, "the modules could not be loaded"));
      tell({ type: "preloaded", modules: loaded.value, durationMs: performance.now() - began });
    } catch (problem) {
      isGivenUp = true;
      tell({ type: "not-preloaded", reason: messageOf(problem) });
    }
  };
}
