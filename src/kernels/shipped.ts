// Owns: where the files that ship as source (our Python) lie. Never reads them.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Absolute path of a folder of this package, whether this module runs from `src` or from `dist/src`. */
export function shipped(folder: string): string {
  const fromSource = fileURLToPath(new URL(`../../${folder}`, import.meta.url));
  const fromBuild = fileURLToPath(new URL(`../../../${folder}`, import.meta.url));
  return existsSync(fromSource) ? fromSource : fromBuild;
}

/** The folder that holds `nbevolve_beside`; goes on PYTHONPATH. */
export const besidePath = (): string => shipped("src/kernels/python");
