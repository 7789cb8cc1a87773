// Owns: what is said of the node that is selected, with the ways on from it.
import { showNumber } from "../../core/run/goal.ts";
import type { History } from "../../core/run/history.ts";
import { linkTo } from "../data/address.ts";
import { countText } from "../data/words.ts";
import type { PlacedNode } from "./layout.ts";
import type { NodeId } from "./nodes.ts";

interface NodePanelProps {
  readonly chosen: PlacedNode | null;
  readonly history: History;
  readonly onUnfold: (id: NodeId) => void;
}

export function NodePanel({ chosen, history, onUnfold }: NodePanelProps) {
  if (chosen === null)
    return (
      <aside class="panel node">
        <h2>Nothing is selected</h2>
        <p class="quiet small">
          Click a node, or walk with the arrow keys once the tree has the focus. Drag to move, turn the wheel
          to zoom, double-click to open a branch.
        </p>
      </aside>
    );
  const { node, hidden } = chosen;
  const branch = history.branches.get(node.id);
  const episode = history.ended.find(({ outcome }) => outcome.proposal.number === node.number);
  const reproduction = history.reproduced.get(node.id);
  const parent = history.branches.get(node.parent ?? "");
  const failure = episode?.outcome.ok === false ? episode.outcome.failure : null;
  const gain =
    branch === undefined || parent === undefined ? null : branch.score.fitness - parent.score.fitness;
  return (
    <aside class="panel node" aria-label={`Node ${node.id}`}>
      <div class="head">
        <h2>{node.id}</h2>
        {node.id === history.best.id ? <span class="chip good">the best</span> : null}
        {node.kind === "open" ? <span class="chip">under way</span> : null}
        {node.kind === "failed" ? <span class="chip bad">failed</span> : null}
        {reproduction?.survives === false ? <span class="chip bad">refuted</span> : null}
      </div>
      {failure === null ? null : (
        <p class="reason">
          <span class="quiet">at the {failure.boundary}:</span> {failure.message}
        </p>
      )}
      <dl class="facts">
        {branch === undefined ? null : (
          <>
            <dt>Score</dt>
            <dd>
              {showNumber(node.score ?? NaN)}{" "}
              {gain === null || gain === 0 ? null : (
                <span class={gain > 0 ? "good" : "quiet"}>
                  {gain > 0 ? "better" : "worse"} by {Number(Math.abs(gain).toPrecision(2))}
                </span>
              )}
            </dd>
          </>
        )}
        <dt>Operator</dt>
        <dd>{node.operator ?? "founder"}</dd>
        {node.parent === null ? null : (
          <>
            <dt>Parents</dt>
            <dd>
              {[node.parent, ...node.others].map((id) => (
                <a key={id} class="id" href={linkTo({ options: { branch: id } })}>
                  {id}
                </a>
              ))}
            </dd>
          </>
        )}
        {branch === undefined ? null : (
          <>
            <dt>Generation</dt>
            <dd>{branch.generation}</dd>
            <dt>Descendants</dt>
            <dd>
              {countText(node.descendants)}
              {hidden > 0 ? `, ${countText(hidden)} not shown ` : ""}
              {hidden > 0 ? (
                <button type="button" class="small" onClick={() => onUnfold(node.id)}>
                  Show its children
                </button>
              ) : null}
            </dd>
          </>
        )}
        {episode?.outcome.proposal.model === undefined ? null : (
          <>
            <dt>Model</dt>
            <dd>{episode.outcome.proposal.model}</dd>
          </>
        )}
        {Object.entries(branch?.score.metrics ?? {})
          .filter(([name]) => name !== "score")
          .slice(0, 12)
          .map(([name, value]) => (
            <>
              <dt>{name}</dt>
              <dd>{showNumber(value)}</dd>
            </>
          ))}
      </dl>
      <p class="ways">
        {branch === undefined ? null : (
          <a href={linkTo({ view: "branch", options: { branch: node.id } })}>Its notebook</a>
        )}
        {branch === undefined || node.parent === null ? null : (
          <a href={linkTo({ view: "difference", options: { branch: node.id, other: null } })}>
            What it changed
          </a>
        )}
        {node.operator === null ? null : (
          <a href={linkTo({ view: "episode", options: { branch: node.id } })}>Its episode</a>
        )}
      </p>
    </aside>
  );
}
