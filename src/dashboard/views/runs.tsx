// Owns: the view of a folder of runs: what each came to, and any two to eight of them beside each other.
import { signal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { bestKnownOf, showNumber, standingTo, standingWords } from "../../core/run/goal.ts";
import { tokensOf } from "../../core/run/usage.ts";
import type { ListedFacts, ListedRun, RunStanding } from "../../contracts/index.ts";
import { address, goTo, linkTo } from "../data/address.ts";
import { countText, durationText, moneyText, momentText, shortCount } from "../data/words.ts";
import { ComparePanel } from "../runs/compare-panel.tsx";
import { findRuns, readNames, SORTS, sortRuns, timeOf, writeNames, type RunSort } from "../runs/rows.ts";
import type { Source } from "../source.ts";

const REFRESH_MS = 5000;
/** Runs that are compared at once, and rows of the table. */
const MOST_COMPARED = 8;
const MOST_ROWS = 500;

const TITLES: Readonly<Record<RunSort, string>> = {
  run: "Run",
  standing: "Standing",
  task: "Task",
  model: "Model",
  strategy: "Strategy",
  seed: "Seed",
  best: "Best",
  proposals: "Proposals",
  failures: "Failed",
  tokens: "Tokens",
  money: "Money",
  time: "Time",
};
const NUMBERS: ReadonlySet<RunSort> = new Set([
  "seed",
  "best",
  "proposals",
  "failures",
  "tokens",
  "money",
  "time",
]);
const STANDINGS: Readonly<Record<RunStanding, readonly [text: string, tone: string]>> = {
  live: ["under way", "good"],
  finished: ["finished", ""],
  interrupted: ["interrupted", "warn"],
};

export function RunsView({ source }: { readonly source: Source }) {
  const runs = useRuns(source);
  const { options } = address.value;
  const sort = SORTS.find((one) => one === options["sort"]) ?? "run";
  const isDown = options["down"] === "1";
  const found = useMemo(
    () => sortRuns(findRuns(runs, options["find"] ?? ""), sort, isDown),
    [runs, options["find"], sort, isDown],
  );
  const known = new Set(runs.flatMap(({ name, facts }) => (facts === null ? [] : [name])));
  const chosen = readNames(options["compare"])
    .filter((name) => known.has(name))
    .slice(0, MOST_COMPARED);
  const toggle = (name: string): void => {
    const names = chosen.includes(name) ? chosen.filter((one) => one !== name) : [...chosen, name];
    goTo({ options: { compare: writeNames(names) } }, true);
  };
  const sortBy = (by: RunSort): void => {
    const down = by === sort ? !isDown : NUMBERS.has(by);
    goTo({ options: { sort: by === "run" ? null : by, down: down ? 1 : null } }, true);
  };
  return (
    <section class="runs" aria-label="Runs">
      <div class="head">
        <input
          type="search"
          placeholder="Search name, task, model"
          aria-label="Search runs"
          value={options["find"] ?? ""}
          onInput={({ currentTarget }) => goTo({ options: { find: currentTarget.value } }, true)}
        />
        <span class="quiet small" role="status">
          {countText(found.length)} of {countText(runs.length)} runs
          {chosen.length === 1 ? ", choose another to compare" : ""}
          {chosen.length >= 2 ? `, ${chosen.length} compared` : ""}
        </span>
        {chosen.length === 0 ? (
          <span class="quiet small hint">choose 2 to {MOST_COMPARED} to compare them</span>
        ) : (
          <button type="button" onClick={() => goTo({ options: { compare: null } }, true)}>
            Compare none
          </button>
        )}
      </div>
      {chosen.length < 2 ? null : <ComparePanel source={source} names={chosen} />}
      <div class="panel table-frame">
        <table class="table">
          <thead>
            <tr>
              <th scope="col">
                <span class="unseen">Compare</span>
              </th>
              {SORTS.map((by) => (
                <th
                  key={by}
                  scope="col"
                  class={NUMBERS.has(by) ? "number" : ""}
                  aria-sort={by === sort ? (isDown ? "descending" : "ascending") : undefined}
                >
                  <button type="button" onClick={() => sortBy(by)}>
                    {TITLES[by]}
                    <span class="arrow" aria-hidden="true">
                      {by === sort ? (isDown ? "↓" : "↑") : ""}
                    </span>
                  </button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {found.slice(0, MOST_ROWS).map((run) => (
              <RunRow
                key={run.name}
                run={run}
                isChosen={chosen.includes(run.name)}
                isFull={chosen.length >= MOST_COMPARED}
                onChoose={() => toggle(run.name)}
              />
            ))}
          </tbody>
        </table>
        {found.length === 0 ? (
          <p class="quiet">{runs.length === 0 ? "There is no run here yet." : "No run is like that."}</p>
        ) : null}
        {found.length > MOST_ROWS ? (
          <p class="quiet small">The first {MOST_ROWS}: search for the others.</p>
        ) : null}
      </div>
    </section>
  );
}

/** The list as it is now: it is asked for again while somebody looks. */
function useRuns(source: Source): readonly ListedRun[] {
  const runs = useMemo(() => signal(source.info.runs), [source]);
  useEffect(() => {
    if (source.info.kind === "report") return;
    const refresh = (): void => {
      // What cannot be read now may be read the next time; the list stays.
      if (!document.hidden)
        source.refresh().then(
          ({ runs: now }) => (runs.value = now),
          () => {},
        );
    };
    refresh();
    const timer = setInterval(refresh, REFRESH_MS);
    return () => clearInterval(timer);
  }, [source]);
  return runs.value;
}

interface RunRowProps {
  readonly run: ListedRun;
  readonly isChosen: boolean;
  readonly isFull: boolean;
  readonly onChoose: () => void;
}

function RunRow({ run: { name, problem, facts }, isChosen, isFull, onChoose }: RunRowProps) {
  if (facts === null)
    return (
      <tr>
        <td />
        <td>{name}</td>
        <td colSpan={SORTS.length - 1} class="bad">
          cannot be read: {problem}
        </td>
      </tr>
    );
  const [text, tone] = STANDINGS[facts.standing];
  return (
    <tr class={isChosen ? "chosen" : ""}>
      <td>
        <input
          type="checkbox"
          aria-label={`Compare ${name}`}
          checked={isChosen}
          disabled={isFull && !isChosen}
          onChange={onChoose}
        />
      </td>
      <td class="name">
        <a href={linkTo({ run: name, view: "run" })}>{name}</a>
      </td>
      <td>
        <span class={`chip ${tone}`}>{text}</span>
      </td>
      <td class="number">
        <Best facts={facts} />
      </td>
      <td>{facts.task}</td>
      <td>{facts.model}</td>
      <td>{facts.strategy}</td>
      <td class="number">{facts.seed}</td>
      <td class="number">{countText(facts.proposals)}</td>
      <td class="number">{countText(facts.failures)}</td>
      <td class="number">{shortCount(tokensOf(facts.usage))}</td>
      <td class="number">{moneyText(facts.usage.costUsd)}</td>
      <td class="number" title={`began ${momentText(facts.startedMs)}`}>
        {durationText(timeOf(facts))}
      </td>
    </tr>
  );
}

/** The best score, and how it stands to the best known one. */
function Best({ facts: { best, bestKnown, direction } }: { readonly facts: ListedFacts }) {
  const goal = bestKnown === null ? null : bestKnownOf({ bestKnown, direction });
  const standing = goal === null ? null : standingTo(best, goal);
  return (
    <>
      {showNumber(best)}
      {standing === null || goal === null ? null : (
        <div
          class={standing.how === "short" ? "quiet small" : "good small"}
          title={`The best known is ${goal.value}`}
        >
          {standingWords(standing)}
        </div>
      )}
    </>
  );
}
