// Owns: the view of a run's lineage: what descends from what, how good it is, what failed, and how the best came to be.
import { useMemo } from "preact/hooks";
import { showNumber } from "../../core/run/goal.ts";
import type { History } from "../../core/run/history.ts";
import { address, goTo } from "../data/address.ts";
import { countText } from "../data/words.ts";
import { LineageCanvas } from "../lineage/canvas.tsx";
import { layOut, lineOf, type PlacedNode } from "../lineage/layout.ts";
import { Legend } from "../lineage/legend.tsx";
import { lineageNodes, type LineageNode, type NodeId } from "../lineage/nodes.ts";
import { fitnessRange } from "../lineage/scale.ts";
import { NodePanel } from "../lineage/node-panel.tsx";
import { useCalm } from "../parts/use-calm.ts";
import type { ViewProps } from "./view-props.ts";

/** How many nodes are shown, by the word for it in the address. */
const SHOWN = [
  ["", "400 best", 400],
  ["2000", "2,000", 2000],
  ["all", "All", 20_000],
] as const;

export function LineageView({ history }: ViewProps) {
  const calm = useCalm(history, { short: 150, long: 1500 });
  const now = calm.value;
  const nodes = useMemo(() => lineageNodes(now), [now]);
  const byId = useMemo(() => new Map(nodes.map((node) => [node.id, { node }])), [nodes]);
  const { options } = address.value;
  const selected = findNode(byId, options["branch"] ?? "");
  const [shownWord, , most] = SHOWN.find(([word]) => word === options["show"]) ?? SHOWN[0];
  const unfolded = options["unfold"] ?? "";
  const best = now.best.id;
  const layout = useMemo(() => {
    const open = nodes.flatMap(({ kind, id }) => (kind === "open" ? [id] : []));
    const always = [best, ...open, ...(selected === null ? [] : [selected])];
    return layOut(nodes, { most, always, unfolded: new Set(unfolded.split(" ").filter((id) => id !== "")) });
  }, [nodes, most, best, unfolded, selected]);
  const range = useMemo(() => fitnessRange(layout.nodes.map(({ node }) => node)), [layout]);
  const bestLine = useMemo(() => lineOf(layout.byId, best), [layout, best]);
  const describe = (one: PlacedNode): string => describeNode(one, now);
  const chosen = layout.byId.get(selected ?? "") ?? null;
  const unfold = (id: NodeId): void =>
    goTo({ options: { unfold: [...new Set([...unfolded.split(" "), id])].join(" ").trim() } }, true);
  return (
    <section class="lineage" aria-label="Lineage">
      <h2 class="unseen">Lineage</h2>
      <div class="head">
        <input
          type="search"
          placeholder="Find: b12"
          aria-label="Find a branch or a proposal by its name"
          onInput={({ currentTarget }) => {
            const found = findNode(byId, currentTarget.value.trim());
            currentTarget.classList.toggle("missing", found === null && currentTarget.value.trim() !== "");
            if (found !== null) goTo({ options: { branch: found } }, true);
          }}
        />
        <button type="button" onClick={() => goTo({ options: { branch: best } })}>
          Best: {best}
        </button>
        <span class="quiet small">
          {countText(layout.nodes.length)} of {countText(nodes.length)} shown
          {layout.nodes.length < nodes.length ? ": the most promising lines" : ""}
        </span>
        {nodes.length <= SHOWN[0][2] ? null : (
          <div class="choice" role="group" aria-label="How many are shown">
            {SHOWN.map(([word, text, least], at) =>
              at > 0 && nodes.length <= (SHOWN[at - 1]?.[2] ?? 0) ? null : (
                <button
                  key={word}
                  type="button"
                  aria-pressed={word === shownWord}
                  onClick={() => goTo({ options: { show: word } }, true)}
                >
                  {word === "all" && nodes.length > least ? countText(least) : text}
                </button>
              ),
            )}
          </div>
        )}
      </div>
      <div class="board">
        <LineageCanvas
          {...{ layout, range, bestLine, best, selected, describe }}
          onSelect={(id) => goTo({ options: { branch: id } }, true)}
          onOpen={(id) =>
            goTo(
              byId.get(id)?.node.kind === "branch"
                ? { view: "branch", options: { branch: id } }
                : { view: "episode", options: { branch: id } },
            )
          }
        />
        <NodePanel chosen={chosen} history={now} onUnfold={unfold} />
      </div>
      <Legend range={range} direction={now.best.score.fitness === now.best.score.metrics["score"] ? 1 : -1} />
      <p class="unseen" role="status">
        {chosen === null ? "" : describe(chosen)}
      </p>
    </section>
  );
}

/** `b7`, `p7` or `7`; of a proposal that has left a branch, the branch. */
function findNode(byId: ReadonlyMap<NodeId, unknown>, words: string): NodeId | null {
  const [, number] = /^[bp]?(\d+)$/i.exec(words) ?? [];
  if (number === undefined) return byId.has(words) ? words : null;
  return [`b${number}`, `p${number}`].find((id) => byId.has(id)) ?? null;
}

function describeNode({ node, hidden }: PlacedNode, { ended }: History): string {
  const more = hidden > 0 ? `, ${countText(hidden)} descendants not shown` : "";
  const how =
    node.operator === null ? "the founder" : [node.operator, node.parent ?? "", ...node.others].join(" ");
  if (node.kind === "open") return `${node.id} ${how}: under way`;
  if (node.kind === "branch") return `${node.id} ${how}: ${showNumber(node.score ?? NaN)}${more}`;
  return `${node.id} ${how} failed: ${reasonOf(node, ended).slice(0, 200)}`;
}

/** Why it failed. Episodes end nearly in the order of their proposals, so that one is found at once. */
function reasonOf({ id, number }: LineageNode, ended: History["ended"]): string {
  const isIt = (at: number): boolean => ended.get(at)?.outcome.proposal.id === id;
  const near = Array.from({ length: 200 }, (_, at) => number - 1 + (at % 2 === 0 ? at / 2 : -(at + 1) / 2));
  const at =
    near.find((one) => one >= 0 && isIt(one)) ?? ended.findIndex(({ outcome }) => outcome.proposal.id === id);
  const outcome = ended.get(at)?.outcome;
  return outcome === undefined || outcome.ok ? "" : outcome.failure.message;
}
