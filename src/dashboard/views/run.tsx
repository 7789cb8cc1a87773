// Owns: the view of a whole run: how its score went, what it used, what it is at, and what a person can do to it.
import { computed } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { ownScore, showNumber } from "../../core/run/goal.ts";
import { tokensOf } from "../../core/run/usage.ts";
import { address, goTo } from "../data/address.ts";
import { momentOf } from "../data/moment-of.ts";
import { Actions, AskedCalls } from "../run/actions.tsx";
import { AXIS_TEXT, CourseChart } from "../run/chart.tsx";
import { Markdown } from "../notebook/markdown.tsx";
import { AXES, courseMaker, type CourseAxis } from "../run/course.ts";
import { failureGroups, goalsOf, usedLimits, worthOf } from "../run/facts.ts";
import { Improvements } from "../run/improvements.tsx";
import { Failures, Headline, Limits, Notes, Notices, OpenEpisodes, WorthTable } from "../run/panels.tsx";
import { useCalm } from "../parts/use-calm.ts";
import type { ViewProps } from "./view-props.ts";

const AXIS_WORDS: Readonly<Record<CourseAxis, string>> = {
  proposals: "Proposals",
  tokens: "Tokens",
  money: "Money",
  time: "Time",
};

export function RunView({ data, history, task }: ViewProps) {
  const calm = useCalm(history, { short: 60, long: 700 });
  const { course, failures, worth } = useMemo(() => {
    const make = courseMaker();
    return {
      course: computed(() => make(calm.value)),
      failures: computed(() => failureGroups(calm.value)),
      worth: computed(() => worthOf(calm.value)),
    };
  }, [calm]);
  const now = history.value;
  const isNow = momentOf(address.value) === null;
  return (
    <div class="run">
      <h2 class="unseen">The run</h2>
      <AskedCalls data={data} />
      <Headline history={now} task={task} />
      <Plot course={course} history={calm} task={task} />
      <section class="panel now">
        <h2>Open episodes</h2>
        <OpenEpisodes history={now} isNow={isNow && data.standing.value?.standing === "live"} />
      </section>
      <section class="panel">
        <h2>Step in</h2>
        <Actions data={data} history={now} />
      </section>
      <section class="panel">
        <h2>Limits</h2>
        <Limits limits={usedLimits(now)} />
        <h2 class="title later">Notices of replies</h2>
        <Notices notices={now.notices} />
      </section>
      <section class="panel wide">
        <h2>What each was worth</h2>
        <WorthTable worth={worth.value} />
      </section>
      <section class="panel">
        <h2>Failures</h2>
        <Failures groups={failures.value} ended={calm.value.ended.size} />
      </section>
      <section class="panel wide">
        <h2>New bests</h2>
        <Improvements course={course.value} history={calm.value} />
      </section>
      {now.givenNotes.length === 0 ? null : (
        <section class="panel full">
          <h2>Notes that people gave</h2>
          <Notes history={now} />
        </section>
      )}
      <section class="panel full">
        <h2>Task: {task.name}</h2>
        <div class="statement">
          <Markdown text={task.statement} />
        </div>
      </section>
    </div>
  );
}

interface PlotProps extends Pick<ViewProps, "history" | "task"> {
  readonly course: Parameters<typeof CourseChart>[0]["course"];
}

function Plot({ course, history, task }: PlotProps) {
  const wanted = AXES.find((axis) => axis === address.value.options["by"]) ?? "proposals";
  const { along } = course.value;
  const axis = along[wanted] === null ? "proposals" : wanted;
  const hasMoney = history.value.usage.costUsd !== 0;
  const hasTokens = tokensOf(history.value.usage) > 0;
  const whyNot = (one: CourseAxis): string | undefined => {
    if (along[one] === null)
      return one === "money" ? "A turn had no known price" : "The journal does not say it";
    if (one === "money" && !hasMoney) return "Nothing was paid";
    return one === "tokens" && !hasTokens ? "The model counts no tokens" : undefined;
  };
  const describe = (place: number): string => {
    const { score, best } = course.peek();
    const outcome = history.peek().ended.get(place - 1)?.outcome;
    const at = AXIS_TEXT[axis](along[axis]?.[place] ?? place);
    const where = axis === "proposals" ? "" : ` · ${at}`;
    if (place === 0) return `b0, the founder: ${showNumber(score[0] ?? NaN)}`;
    if (outcome === undefined) return "";
    const { proposal } = outcome;
    if (!outcome.ok)
      return `${proposal.id} ${proposal.operator} failed: ${outcome.failure.message.slice(0, 160)}${where}`;
    const own = ownScore(outcome.branch.score);
    const isBest = best[place] === own && best[place - 1] !== own;
    return `${outcome.branch.id} ${proposal.operator} ${proposal.parents.join(" + ")}: ${showNumber(own)}${isBest ? ", a new best" : ""}${where}`;
  };
  const open = (place: number): void => {
    const outcome = history.peek().ended.get(place - 1)?.outcome;
    if (outcome !== undefined && !outcome.ok)
      goTo({ view: "episode", options: { branch: outcome.proposal.id } });
    else goTo({ view: "branch", options: { branch: outcome?.branch.id ?? "b0" } });
  };
  return (
    <section class="panel plot">
      <div class="head">
        <h2>Best so far</h2>
        <div class="choice" role="group" aria-label="Against">
          {AXES.map((one) => (
            <button
              key={one}
              type="button"
              aria-pressed={axis === one}
              disabled={whyNot(one) !== undefined}
              title={whyNot(one)}
              onClick={() => goTo({ options: { by: one === "proposals" ? null : one } }, true)}
            >
              {AXIS_WORDS[one]}
            </button>
          ))}
        </div>
      </div>
      <CourseChart
        course={course}
        axis={axis}
        goals={goalsOf(task, history.value)}
        describe={describe}
        open={open}
      />
      <p class="legend">
        <span class="key line">best so far</span>
        <span class="key best">a new best</span>
        <span class="key dot">a branch</span>
        <span class="key tick">a failure</span>
        <span class="quiet hint">
          {task.direction === "maximize" ? "higher" : "lower"} is better · drag to zoom, double-click for all
        </span>
      </p>
    </section>
  );
}
