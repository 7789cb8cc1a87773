// Owns: where the Python package lies that kernels and verifiers share: the guard, and how values leave a process.
import { shipped } from "../shipped.ts";

/** The folder that holds `nbevolve_guard`. Goes on PYTHONPATH. */
export const guardPath = (): string => shipped("src/machine/guard");
