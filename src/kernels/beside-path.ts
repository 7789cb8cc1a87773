// Owns: what goes on PYTHONPATH.
import { shipped } from "../shipped.ts";

/** The folder that holds `nbevolve_beside`. */
export const besidePath = (): string => shipped("src/kernels/python");
