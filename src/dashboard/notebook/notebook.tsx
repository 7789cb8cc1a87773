// Owns: a notebook from top to bottom, with the rounds that wrote its cells. A cell is drawn once it comes near to what is seen.
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Cell } from "../../contracts/index.ts";
import { isCode, markOf } from "../../core/notebook/notebook.ts";
import { CellView, type CellRemark } from "./cell.tsx";

interface NotebookViewProps {
  readonly cells: readonly Cell[];
  readonly remarks?: ReadonlyMap<string, CellRemark> | undefined;
}

export function NotebookView({ cells, remarks }: NotebookViewProps) {
  if (cells.length === 0) return <p class="quiet">The notebook has no cells.</p>;
  return (
    <div class="notebook">
      {cells.map((cell, at) => {
        const before = cells[at - 1];
        const { round } = markOf(cell);
        const isNew = round > 0 && (before === undefined || markOf(before).round !== round);
        return (
          <>
            {isNew ? <h3 class="round-head">Round {round}</h3> : null}
            <WhenNear key={cell.id} height={guessHeight(cell)}>
              {() => <CellView cell={cell} remark={remarks?.get(cell.id)} />}
            </WhenNear>
          </>
        );
      })}
    </div>
  );
}

/** So that the page is about as long as it will be. */
function guessHeight(cell: Cell): number {
  const lines = Math.min(120, cell.source.slice(0, 20_000).split("\n").length);
  return 44 + 19 * lines + (isCode(cell) ? 60 * Math.min(6, cell.outputs.length) : 0);
}

const waiting = new WeakMap<Element, () => void>();
const watcher = new IntersectionObserver(
  (entries) => {
    for (const { isIntersecting, target } of entries) if (isIntersecting) waiting.get(target)?.();
  },
  { rootMargin: "1200px" },
);

/** Draws its content once its place comes near. */
export function WhenNear({
  height,
  children,
}: {
  readonly height: number;
  readonly children: () => ComponentChildren;
}) {
  const place = useRef<HTMLDivElement>(null);
  const [isNear, setNear] = useState(false);
  useEffect(() => {
    const element = place.current;
    if (element === null || isNear) return;
    waiting.set(element, () => setNear(true));
    watcher.observe(element);
    return () => watcher.unobserve(element);
  }, [isNear]);
  return (
    <div ref={place} style={isNear ? undefined : { minHeight: `${height}px` }}>
      {isNear ? children() : null}
    </div>
  );
}
