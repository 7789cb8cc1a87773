// Owns: live kernels that nobody leases but whose state is known, found by that state. A cache: it may forget any of
// them at any time. Never runs anything in them.
import type { LiveKernel } from "./live-kernel.ts";

export interface KeptKernel {
  readonly kernel: LiveKernel;
  /** Directory name of the workspace that holds its files. */
  readonly workspace: string;
}

export interface KeptKernels {
  /** The newest of its state, taken out; null when there is none alive. */
  take(key: string): KeptKernel | null;
  /** Keeps it, and ends what is more than there is room for, oldest first. */
  keep(key: string, kept: KeptKernel): void;
  /** Ends those whose files are in this workspace, which is about to be emptied. */
  dropFrom(workspace: string): void;
  clear(): Promise<void>;
}

export function keptKernels(room: number): KeptKernels {
  let kept: readonly (KeptKernel & { readonly key: string })[] = [];
  const endings = new Set<Promise<void>>();
  const end = (kernel: LiveKernel): void => {
    const ending = kernel
      .kill("It was kept, and there was no room for it any more.")
      .finally(() => endings.delete(ending));
    endings.add(ending);
  };
  return {
    take(key) {
      for (const one of kept) if (one.kernel.lost() !== null) end(one.kernel);
      kept = kept.filter((one) => one.kernel.lost() === null);
      const found = kept.findLast((one) => one.key === key);
      kept = kept.filter((one) => one !== found);
      return found ?? null;
    },
    keep(key, { kernel, workspace }) {
      kept = [...kept, { key, kernel, workspace }];
      const tooMany = Math.max(0, kept.length - room);
      for (const one of kept.slice(0, tooMany)) end(one.kernel);
      kept = kept.slice(tooMany);
    },
    dropFrom(workspace) {
      for (const one of kept) if (one.workspace === workspace) end(one.kernel);
      kept = kept.filter((one) => one.workspace !== workspace);
    },
    async clear() {
      for (const one of kept) end(one.kernel);
      kept = [];
      await Promise.all(endings);
    },
  };
}
