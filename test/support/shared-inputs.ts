// Owns: where the real notebooks and traces lie, beside the checkout; tests on them are left out with a reason.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The folder with `notebooks/` and `traces/`, which is not part of the repository. */
export const SHARED = fileURLToPath(new URL("../../../shared", import.meta.url));

/** Null, or why tests on real notebooks cannot run here. */
export const withoutShared: string | null = existsSync(`${SHARED}/notebooks`)
  ? null
  : "the real notebooks are not beside this checkout";

/** Names and texts of the real notebooks. */
export function realNotebooks(): readonly { readonly name: string; readonly text: string }[] {
  return readdirSync(`${SHARED}/notebooks`)
    .filter((name) => name.endsWith(".ipynb"))
    .map((name) => ({ name, text: readFileSync(`${SHARED}/notebooks/${name}`, "utf8") }));
}
