// Owns: the view of what a strategy keeps besides one population: niches with their coverage, islands, a front of several metrics.
import { useMemo } from "preact/hooks";
import { ColumnHeads } from "../parts/column-heads.tsx";
import { ownScore, showNumber } from "../../core/run/goal.ts";
import type { History } from "../../core/run/history.ts";
import { recordOf, stringOf } from "../../core/untrusted.ts";
import type { Branch } from "../../contracts/index.ts";
import { address, goTo, linkTo } from "../data/address.ts";
import { countOf } from "../data/words.ts";
import { fitnessRange } from "../lineage/scale.ts";
import { Front } from "../niches/front.tsx";
import { NicheMap } from "../niches/niche-map.tsx";
import { islandsOf, nichesOf } from "../niches/niches-of.ts";
import { SmallCurve } from "../niches/small-curve.tsx";
import { frontAxesOf, nicheSpaceOf, type NicheSpace } from "../niches/spaces.ts";
import type { ViewProps } from "./view-props.ts";

const scoreOf = ({ score }: Branch): number => ownScore(score);

export function NichesView({ history, task }: ViewProps) {
  const now = history.value;
  const { settings } = now;
  const space = useMemo(() => nicheSpaceOf(settings, task), [settings, task]);
  const front = useMemo(() => frontAxesOf(settings), [settings]);
  const islands = islandsOf(now);
  if (space === null && front === null && islands.length === 0)
    return (
      <section class="panel">
        <h2>Niches</h2>
        <p class="quiet">
          There are none: the strategy {stringOf(recordOf(settings["strategy"])["name"])} keeps one
          population, and the task describes no niches.
        </p>
      </section>
    );
  return (
    <div class="niches">
      {space?.isUsed === true ? <Niches history={now} space={space} /> : null}
      {islands.length === 0 ? null : <Islands islands={islands} />}
      {front === null ? null : <Front history={now} axes={front} />}
      {space?.isUsed === false ? <Niches history={now} space={space} /> : null}
    </div>
  );
}

function Niches({ history, space }: { readonly history: History; readonly space: NicheSpace }) {
  const { elites, course } = useMemo(
    () => nichesOf(history, space),
    [history.ended, history.reproduced, space],
  );
  const { options } = address.value;
  const place = (name: string, fallback: number): number => {
    const at = space.axes.findIndex(({ metric }) => metric === options[name]);
    return at < 0 ? fallback : at;
  };
  const across = place("x", 0);
  const up = space.axes.length === 1 ? null : place("y", across === 1 ? 0 : 1);
  const range = fitnessRange([...elites.values()].map(({ score }) => ({ fitness: score.fitness })));
  const share = (100 * elites.size) / space.size;
  return (
    <section class="panel" aria-labelledby="niches-title">
      <div class="head">
        <h2 id="niches-title">Niches</h2>
        {space.axes.length < 3 || up === null ? null : (
          <div class="axes-choice">
            <AxisChoice name="x" label="across" space={space} at={across} />
            <AxisChoice name="y" label="up" space={space} at={up} />
          </div>
        )}
      </div>
      {space.isUsed ? null : (
        <p class="quiet small">The task describes these niches; the strategy does not search by them.</p>
      )}
      {space.adaptive ? (
        <p class="quiet small">
          The strategy lets the ranges grow. Shown are those that it began with: what lies outside counts to
          the outermost niches.
        </p>
      ) : null}
      <div class="beside">
        <NicheMap {...{ space, elites, across, up, range, scoreOf }} />
        <div class="curves">
          <SmallCurve
            title="Coverage"
            value={`${elites.size} of ${space.size} niches, ${share < 10 ? share.toPrecision(2) : share.toFixed(0)} %`}
            along={course.branches}
            values={course.filled}
          />
          <SmallCurve
            title="QD score"
            value={showNumber(course.qd.at(-1) ?? 0)}
            along={course.branches}
            values={course.qd}
            note="The sum over the elites of what their fitness exceeds the worst of the run by, against branches scored."
          />
        </div>
      </div>
    </section>
  );
}

interface AxisChoiceProps {
  readonly name: "x" | "y";
  readonly label: string;
  readonly space: NicheSpace;
  readonly at: number;
}

function AxisChoice({ name, label, space, at }: AxisChoiceProps) {
  return (
    <label class="small">
      {label}{" "}
      <select onChange={({ currentTarget: { value } }) => goTo({ options: { [name]: value } }, true)}>
        {space.axes.map(({ metric }, place) => (
          <option key={metric} value={metric} selected={place === at}>
            {metric}
          </option>
        ))}
      </select>
    </label>
  );
}

function Islands({ islands }: { readonly islands: ReturnType<typeof islandsOf> }) {
  return (
    <section class="panel" aria-labelledby="islands-title">
      <h2 id="islands-title">Islands</h2>
      <div class="table-frame">
        <table class="table">
          <ColumnHeads
            heads={[
              "Island",
              "Best",
              { number: "Score" },
              { number: "Episodes" },
              { number: "Failed" },
              "Since its best",
            ]}
          />
          <tbody>
            {islands.map(({ island, best, episodes, failures, since }) => (
              <tr key={island}>
                <td>{island}</td>
                <td>
                  {best === null ? (
                    "–"
                  ) : (
                    <a href={linkTo({ view: "branch", options: { branch: best.id } })}>{best.id}</a>
                  )}
                </td>
                <td class="number">{best === null ? "–" : showNumber(scoreOf(best))}</td>
                <td class="number">{episodes}</td>
                <td class="number">{failures}</td>
                <td>{best === null ? "–" : countOf(since, "episode")}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
