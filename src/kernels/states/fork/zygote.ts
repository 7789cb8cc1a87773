// Owns: zygotes: on each server one frozen kernel that has only loaded the modules which cells will import. Fresh kernels
// are forked from it; where that fails they are started. Never holds a state of a run.
import { randomBytes } from "node:crypto";
import { messageOf } from "../../../core/errors.ts";
import { callKernelHelper, whyNot } from "../../jupyter/kernel-helper.ts";
import { endTemplate } from "./fork-api.ts";
import type { JupyterServer, LiveKernel } from "../../jupyter/contracts.ts";
import type { KernelEvent } from "../../kernel-options.ts";

/** Modules that take longer to load are left to the cells. */
const LOAD_MS = 30_000;

export interface Zygotes {
  /** The name to fork a fresh kernel from; null: start one. Waits while the zygote is being made. */
  of(server: JupyterServer): Promise<string | null>;
  /** True for the first caller only: it has to make this server's zygote. */
  claim(server: JupyterServer): boolean;
  /** Makes a zygote of the kernel that is being started, and resolves to that kernel. Rejects only as the start does. */
  make(server: JupyterServer, starting: Promise<LiveKernel>): Promise<LiveKernel>;
  /** It cannot be forked: from now on kernels are started on this server. */
  forget(server: JupyterServer, reason: string): void;
  /** A fork of one hung: from now on kernels are started, on every server. */
  giveUp(reason: string): void;
}

/** `sources`: cells, whose imports at their top level are loaded. */
export function zygotes(sources: readonly string[], onEvent: (event: KernelEvent) => void): Zygotes {
  const names = new WeakMap<JupyterServer, Promise<string | null>>();
  const settle = new WeakMap<JupyterServer, (name: string | null) => void>();
  let isGivenUp = false;
  return {
    of: async (server) => (isGivenUp ? null : ((await names.get(server)) ?? null)),
    claim(server) {
      if (isGivenUp || names.has(server)) return false;
      names.set(server, new Promise((resolve) => settle.set(server, resolve)));
      return true;
    },
    async make(server, starting) {
      const began = performance.now();
      let name: string | null = null;
      try {
        const kernel = await starting;
        const made = await freezeZygote(kernel, sources).catch((problem: unknown) => messageOf(problem));
        if (typeof made === "string") onEvent({ type: "not-preloaded", reason: made });
        else onEvent({ type: "preloaded", modules: made.modules, durationMs: performance.now() - began });
        name = typeof made === "string" ? null : made.name;
        return kernel;
      } finally {
        settle.get(server)?.(name);
      }
    },
    forget(server, reason) {
      const before = names.get(server);
      names.set(server, Promise.resolve(null));
      onEvent({ type: "not-preloaded", reason });
      void before?.then((name) => (name === null ? undefined : endTemplate(server, name)));
    },
    giveUp(reason) {
      if (isGivenUp) return;
      isGivenUp = true;
      onEvent({ type: "not-preloaded", reason });
    },
  };
}

/** The zygote's name and modules, or why there is none. */
async function freezeZygote(
  kernel: LiveKernel,
  sources: readonly string[],
): Promise<{ readonly name: string; readonly modules: readonly string[] } | string> {
  const within = { timeoutMs: LOAD_MS, signal: new AbortController().signal };
  const loaded = await callKernelHelper(kernel, "preload", JSON.stringify(sources), within);
  if (loaded.how !== "answered") return whyNot(loaded, "the modules could not be loaded");
  const name = `zygote-${randomBytes(5).toString("hex")}`;
  const answer = await callKernelHelper(kernel, "checkpoint", name, within);
  if (answer.how !== "answered") return whyNot(answer, "the kernel did not answer");
  return answer.value.ok ? { name, modules: loaded.value } : answer.value.reasons;
}
