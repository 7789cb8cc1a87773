// Owns: waiting with a time limit and a signal: what the other side promises may never come.
import { setMaxListeners } from "node:events";
import { startLimit, type TimeLimit } from "../time-limit.ts";

/** Told apart from everything that a promise itself can give. */
export type Waited<T> =
  { readonly how: "settled"; readonly value: T } | { readonly how: "timeout" } | { readonly how: "aborted" };

/**
 * The value of a promise, unless the time is over or the signal comes first. The promise goes on by itself then;
 * its later rejection is ignored.
 * @throws what the promise rejects with, while it is waited for.
 */
export async function waitFor<T>(promise: Promise<T>, ms: number, signal?: AbortSignal): Promise<Waited<T>> {
  let limit: TimeLimit | undefined;
  let onAbort: (() => void) | undefined;
  // Every wait of many kernels may listen to one signal, and each stops listening at its end: no leak to warn of.
  if (signal !== undefined) setMaxListeners(0, signal);
  const end = new Promise<Waited<T>>((resolve) => {
    limit = startLimit(ms, () => resolve({ how: "timeout" }));
    onAbort = () => resolve({ how: "aborted" });
    if (signal?.aborted === true) onAbort();
    else signal?.addEventListener("abort", onAbort, { once: true });
  });
  try {
    return await Promise.race([end, promise.then((value): Waited<T> => ({ how: "settled", value }))]);
  } finally {
    limit?.[Symbol.dispose]();
    if (onAbort !== undefined) signal?.removeEventListener("abort", onAbort);
  }
}
