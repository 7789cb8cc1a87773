// Owns: what is read from a blob while the page is drawn: what it was stays until the new one is there.
import { useEffect, useState } from "preact/hooks";

/** What was read. Null: not yet. */
export type Reading<T> =
  { readonly value: T; readonly of: string } | { readonly problem: string; readonly of: string } | null;

/** Reads again whenever `key` is another one; null: there is nothing to read. */
export function useRead<T>(key: string | null, read: () => Promise<T>): Reading<T> {
  const [reading, setReading] = useState<Reading<T>>(null);
  useEffect(() => {
    if (key === null) return setReading(null);
    let isOver = false;
    read().then(
      (value) => isOver || setReading({ value, of: key }),
      (problem: unknown) =>
        isOver ||
        setReading({ problem: problem instanceof Error ? problem.message : String(problem), of: key }),
    );
    return () => {
      isOver = true;
    };
  }, [key]);
  return key === null ? null : reading;
}
