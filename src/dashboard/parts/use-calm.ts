// Owns: the history of a long run at a pace at which what is costly to reckon can follow.
import { signal, type ReadonlySignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import type { History } from "../../core/run/history.ts";

/** Episodes from which a run is long. */
const LONG = 3000;

/**
 * Follows the history, once so many milliseconds are over since it last changed: `short` those of a short run, `long` of a long
 * one. What changes within an episode is left out.
 */
export function useCalm(
  history: ReadonlySignal<History>,
  { short, long }: { readonly short: number; readonly long: number },
): ReadonlySignal<History> {
  const calm = useMemo(() => signal(history.peek()), [history]);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | null = null;
    const end = history.subscribe((now) => {
      const { ended, open, best, reproduced } = calm.peek();
      const isSame =
        now.ended === ended &&
        now.open.size === open.size &&
        now.best === best &&
        now.reproduced === reproduced;
      if (isSame || timer !== null) return;
      timer = setTimeout(
        () => {
          timer = null;
          calm.value = history.peek();
        },
        now.ended.size < LONG ? short : long,
      );
    });
    return () => {
      end();
      if (timer !== null) clearTimeout(timer);
    };
  }, [history]);
  return calm;
}
