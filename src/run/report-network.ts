// Owns: what people are told of the network of a run's cells: what they may reach, and each host that was refused, once,
// with the count at the end. Never decides what is refused.
import type { KernelEvent } from "../kernels/kernel-options.ts";
import type { SandboxOptions } from "../machine/sandbox/sandbox.ts";

export interface NetworkNews extends Disposable {
  readonly onEvent: (event: KernelEvent) => void;
}

const MOST_TOLD = 20;

/** `tell` gets lines for people. */
export function reportNetwork(
  allowed: SandboxOptions["allowNetwork"],
  sandbox: "on" | "off",
  tell: (line: string) => void = () => undefined,
): NetworkNews {
  const counts = new Map<string, number>();
  if (allowed === true && sandbox === "on")
    tell("network: cells share this machine's network, its own services and private networks included");
  return {
    onEvent(event) {
      if (event.type !== "network-refused") return;
      const count = counts.get(event.target) ?? 0;
      counts.set(event.target, count + 1);
      if (count === 0 && counts.size <= MOST_TOLD) tell(`network: refused ${event.target}: ${event.reason}`);
    },
    [Symbol.dispose]() {
      const all = [...counts.values()].reduce((sum, count) => sum + count, 0);
      if (all === 0) return;
      const most = [...counts].toSorted(([, a], [, b]) => b - a).slice(0, MOST_TOLD);
      const shown = most.map(([target, count]) => `${target} (${count})`).join(", ");
      tell(`network: ${all} requests of cells were refused: ${shown}`);
    },
  };
}
