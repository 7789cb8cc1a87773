// Owns: what may be done with a run that somebody else made: its directory is data. What would act outside a sandbox, or get a
// secret, on the word of its journal alone needs the user's word too. Never acts itself.
import { existsSync, realpathSync } from "node:fs";
import { isAbsolute, relative, resolve } from "node:path";
import { RunError } from "../core/errors.ts";
import type { RunStore } from "../store/index.ts";
import { nameOption } from "../core/shell-words.ts";

/** Something that only the run's directory names. */
export interface Claim {
  /** What would be done with it, such as `load the strategy`. */
  readonly act: string;
  /** The file or address. */
  readonly what: string;
  /** Whether it is a file whose text is run. */
  readonly isCode?: boolean;
}

/**
 * The claims hold where this installation made the run, or the user trusts it. Code that lies in the run directory came with it,
 * whoever made the run, and is not covered by the run's mark.
 * @throws RunError `run-untrusted` that names each claim.
 */
export function requireTrust(
  store: Pick<RunStore, "dir" | "isTrusted">,
  claims: readonly Claim[],
  isTrustGiven: boolean,
): void {
  if (isTrustGiven) return;
  const isOurs = store.isTrusted();
  const open = isOurs ? claims.filter((claim) => liesWithin(store.dir, claim)) : claims;
  if (open.length === 0) return;
  const why = isOurs
    ? `the run in ${store.dir} names code that lies in the run directory itself`
    : `${store.dir} was not made by this installation of nbevolve, and its journal alone says so`;
  const list = open.map(({ act, what }) => `${act} ${what}`).join("; ");
  throw new RunError(
    "run-untrusted",
    `${why}: ${list}. If you know who made it and have looked at these, say so with ${nameOption("--trust", "trust: true")}; ` +
      "or name an address, a model or a file with keys yourself, with its flag.",
  );
}

/** Cells and the verifier of a run, where no sandbox of ours is around them. */
export function unboxedClaims({
  sandbox,
  server,
}: {
  readonly sandbox: "on" | "off";
  readonly server: string | null;
}): readonly Claim[] {
  if (server !== null) return [{ act: "run its cells without a sandbox on", what: server }];
  return sandbox === "off" ? [{ act: "run its cells and its verifier", what: "without a sandbox" }] : [];
}

function liesWithin(dir: string, { what, isCode = false }: Claim): boolean {
  const path = relative(realPath(dir), realPath(what));
  return isCode && path !== "" && !path.startsWith("..") && !isAbsolute(path);
}

function realPath(path: string): string {
  return existsSync(path) ? realpathSync(path) : resolve(path);
}
