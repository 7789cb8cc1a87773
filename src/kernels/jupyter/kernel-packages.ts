// Owns: which Python packages of ours a kernel can import.
import { guardPath } from "../../machine/guard-path.ts";
import { shipped } from "../../shipped.ts";

/** Absolute folders, for PYTHONPATH: what runs beside the kernel, and the search tools that cells may import. */
export const kernelPackages = (): readonly string[] => [
  guardPath(),
  shipped("src/kernels/python"),
  shipped("src/models/offline/python"),
];
