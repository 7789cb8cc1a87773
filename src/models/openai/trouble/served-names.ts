// Owns: what can be learnt from a server after a refusal: the names of its models, and at which address it has them.
// Whatever it answers is a stranger's text; no answer is no failure.
import { nearest } from "../../../core/nearest-word.ts";
import { listOf, parseJson, recordOf, stringOf } from "../../../core/untrusted.ts";
import { limitSignal } from "../../../time-limit.ts";
import { fetchText, MOST_MS } from "../ask-window.ts";
import { createRedactor, secretsOf, type Endpoint } from "../endpoint.ts";

/** The names that are looked at, and the letters of the longest. */
const [MOST_NAMES, MOST_LETTERS] = [2_000, 120];

/** The names of the models that the server lists; null where it lists none that could be written on a command line. */
export async function servedNames(endpoint: Endpoint, outer: AbortSignal): Promise<readonly string[] | null> {
  const signal = AbortSignal.any([outer, limitSignal(MOST_MS)]);
  const answer = await fetchText(endpoint, "models", undefined, signal).catch(() => "");
  const body = parseJson(answer);
  const redact = createRedactor(secretsOf(endpoint));
  const names = listOf(Array.isArray(body) ? body : recordOf(body)["data"])
    .slice(0, MOST_NAMES)
    .map((entry) => redact(stringOf(recordOf(entry)["id"])))
    .filter((name) => /^[\w@+./:-]+$/.test(name) && name.length <= MOST_LETTERS);
  return names.length === 0 ? null : [...new Set(names)];
}

/** The one that was meant: misspelt, without its maker, or the only one whose name begins so. */
export function meantName(model: string, names: readonly string[]): string | null {
  const last = (name: string): string => (name.split("/").at(-1) ?? "").toLowerCase();
  const same = names.filter((name) => last(name) === last(model));
  if (same.length === 1) return same[0] ?? null;
  const begin = names.filter(
    (name) => model.length >= 3 && name.toLowerCase().startsWith(model.toLowerCase()),
  );
  return nearest(model, names) ?? (begin.length === 1 ? (begin[0] ?? null) : null);
}

/** Another address of the same origin at which the server lists models; null where there is none. */
export async function meantAddress(endpoint: Endpoint, signal: AbortSignal): Promise<string | null> {
  const base = endpoint.baseURL.replace(/(?<!\/)\/+$/, "");
  const short = base.replace(/\/(chat\/completions|completions|responses|models)$/, "");
  const others = [short, `${short}/v1`, `${new URL(base).origin}/v1`];
  for (const baseURL of new Set(others)) {
    if (baseURL === base) continue;
    if ((await servedNames({ ...endpoint, baseURL }, signal)) !== null) return baseURL;
  }
  return null;
}
