// Owns: live kernels that nobody leases but whose state is known, found by that state. A cache: it may forget any of
// them at any time. Never runs anything in them.
import type { LiveKernel } from "../jupyter/live-kernel.ts";

export interface KeptKernel {
  readonly kernel: LiveKernel;
  /** Directory name of the workspace that holds its files. */
  readonly workspace: string;
}

export interface KeptKernels {
  /** Whether there is one of this state. */
  has(key: string): boolean;
  /** The newest of its state, taken out; null when there is none alive. */
  take(key: string): KeptKernel | null;
  /** Keeps it, and ends what is more than there is room for, oldest first. */
  keep(key: string, kept: KeptKernel): void;
  /** Ends those whose files are in this workspace, which is about to be emptied. */
  dropFrom(workspace: string): void;
  /** Forgets all of them, without ending them. */
  clear(): void;
}

/** `end` ends a kernel in its own time and never rejects. */
export function keptKernels(room: number, end: (kernel: LiveKernel) => Promise<void>): KeptKernels {
  let kept: readonly (KeptKernel & { readonly key: string })[] = [];
  const drop = (unwanted: readonly KeptKernel[]): void => {
    for (const { kernel } of unwanted) void end(kernel);
    kept = kept.filter((one) => !unwanted.includes(one));
  };
  return {
    has: (key) => kept.some((one) => one.key === key && one.kernel.lost() === null),
    take(key) {
      drop(kept.filter(({ kernel }) => kernel.lost() !== null));
      const found = kept.findLast((one) => one.key === key);
      kept = kept.filter((one) => one !== found);
      return found ?? null;
    },
    keep(key, { kernel, workspace }) {
      kept = [...kept, { key, kernel, workspace }];
      drop(kept.slice(0, Math.max(0, kept.length - room)));
    },
    dropFrom(workspace) {
      drop(kept.filter((one) => one.workspace === workspace));
    },
    clear() {
      kept = [];
    },
  };
}
