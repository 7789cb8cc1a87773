// Owns: the list of branches that were a new best: the plot in words.
import { ownScore, showNumber } from "../../core/run/goal.ts";
import { ColumnHeads } from "../parts/column-heads.tsx";
import type { History } from "../../core/run/history.ts";
import { linkTo } from "../data/address.ts";
import { between, durationText, shortCount } from "../data/words.ts";
import type { RunCourse } from "./course.ts";

const MOST = 12;

export function Improvements({ course, history }: { readonly course: RunCourse; readonly history: History }) {
  const { improved, best, along } = course;
  if (improved.length === 0) return <p class="quiet small">No branch was better than the first notebook.</p>;
  const shown = improved.slice(-MOST).reverse();
  return (
    <div class="table-frame">
      <table class="table">
        <ColumnHeads
          heads={[
            "Branch",
            "By",
            { number: "Score" },
            { number: "Gain" },
            { number: "After episodes" },
            { number: "Tokens" },
            { number: "Time" },
          ]}
        />
        <tbody>
          {shown.map((place) => {
            const episode = history.ended.get(place - 1);
            if (episode === undefined || !episode.outcome.ok) return null;
            const { branch, proposal } = episode.outcome;
            const own = ownScore(branch.score);
            return (
              <tr key={branch.id}>
                <td>
                  <a href={linkTo({ view: "branch", options: { branch: branch.id } })}>{branch.id}</a>
                </td>
                <td>
                  {proposal.operator} {proposal.parents.join(" + ")}
                  {proposal.model === undefined ? "" : <span class="quiet"> {proposal.model}</span>}
                </td>
                <td class="number">{showNumber(own)}</td>
                <td class="number quiet">
                  {Number(Math.abs(own - (best[place - 1] ?? own)).toPrecision(2))}
                </td>
                <td class="number">{shortCount(place)}</td>
                <td class="number">{along.tokens === null ? "–" : shortCount(along.tokens[place] ?? 0)}</td>
                <td class="number">{durationText(between(history.startedMs, episode.endedMs))}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {improved.length > MOST ? (
        <p class="quiet small">
          The latest {MOST} of {improved.length}.
        </p>
      ) : null}
    </div>
  );
}
