// Owns: the view of a whole run: how its score went, what it used, and what it is at.
import { ownScore } from "../../core/run/goal.ts";
import type { ViewProps } from "./view-props.ts";

export function RunView({ history, task }: ViewProps) {
  const { best, proposals, failures } = history.value;
  return (
    <section aria-label="Run">
      <dl class="facts">
        <dt>Task</dt>
        <dd>{task.name}</dd>
        <dt>Best score</dt>
        <dd>{String(ownScore(best.score))}</dd>
        <dt>Proposals</dt>
        <dd>
          {proposals}, {failures} failed
        </dd>
      </dl>
    </section>
  );
}
