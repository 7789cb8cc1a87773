// Owns: blobs in a view: read when they are needed, and what is said while they are not there, or never will be.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { BlobHash } from "../../contracts/index.ts";
import type { RunData } from "./run-data.ts";

/** What a blob holds, once it is read. */
export type ReadState<T> =
  | { readonly is: "reading" }
  | { readonly is: "read"; readonly value: T }
  | { readonly is: "withheld"; readonly why: string };

/** The JSON of a blob, checked by `form`, which gives null for what has no such form. */
export function useBlobJson<T>(
  data: RunData,
  hash: BlobHash | null,
  form: (value: unknown) => T | null,
): ReadState<T> {
  const state = useSignal<ReadState<T>>({ is: "reading" });
  useEffect(() => {
    let isWanted = true;
    const tell = (next: ReadState<T>): void => {
      if (isWanted) state.value = next;
    };
    tell({ is: "reading" });
    if (hash !== null)
      data.readJson<unknown>(hash).then(
        (value) => {
          const formed = form(value);
          tell(
            formed === null
              ? { is: "withheld", why: "It is no value of its kind." }
              : { is: "read", value: formed },
          );
        },
        (problem: unknown) =>
          tell({ is: "withheld", why: problem instanceof Error ? problem.message : String(problem) }),
      );
    return () => {
      isWanted = false;
    };
  }, [data, hash]);
  return state.value;
}
