// Owns: what is said of a branch above its notebook: score, where it comes from, what it cost, how it was checked.
import type { ComponentChildren } from "preact";
import type { Restored, RestoreTier, Task } from "../../contracts/index.ts";
import { bestKnownOf, ownScore, showNumber, standingText } from "../../core/run/goal.ts";
import type { History } from "../../core/run/history.ts";
import { cleanText, clipLine } from "../../core/untrusted.ts";
import { linkTo } from "../data/address.ts";
import type { RunData } from "../data/run-data.ts";
import { between, countOf, countText, durationText, moneyText } from "../data/words.ts";
import { childrenOf, type Subject } from "./subject.ts";
import { SubmissionFacts } from "./submission.tsx";

interface HeadProps {
  readonly data: RunData;
  readonly history: History;
  readonly task: Task;
  readonly subject: Subject;
}

export function BranchHead({ data, history, task, subject }: HeadProps) {
  const { branch, proposal, ended, open } = subject;
  const goal = bestKnownOf(task);
  const score = branch === null ? null : ownScore(branch.score);
  return (
    <section class="panel branch-head" aria-labelledby="branch-title">
      <div class="head">
        <h2 id="branch-title">
          {branch === null ? `Proposal ${proposal?.id ?? ""}` : `Branch ${branch.id}`}
          {branch !== null && branch.id === history.best.id ? <span class="chip good">best</span> : null}
          {branch === null ? (
            <span class={open === null ? "chip bad" : "chip good"}>{open === null ? "failed" : "open"}</span>
          ) : null}
        </h2>
        <Steps history={history} subject={subject} />
      </div>
      {score === null ? null : (
        <p class="score">
          <strong>{showNumber(score)}</strong>
          <span class="quiet">{goal === null ? "" : standingText(score, goal)}</span>
        </p>
      )}
      {ended?.outcome.ok === false ? (
        <p class="failure">
          <strong>{BOUNDARIES[ended.outcome.failure.boundary] ?? "It failed."}</strong>{" "}
          {cleanText(ended.outcome.failure.message).slice(0, 4_000)}
        </p>
      ) : null}
      {branch === null || branch.score.message === "" ? null : (
        <p class="verdict">
          <span class="quiet">The verifier says:</span> {cleanText(branch.score.message).slice(0, 4_000)}
        </p>
      )}
      <div class="fact-columns">
        <dl class="facts">
          <Origin history={history} subject={subject} />
        </dl>
        <dl class="facts">
          <Cost subject={subject} />
          <Restores subject={subject} />
        </dl>
        <dl class="facts">
          <Metrics subject={subject} />
          <Reproduced history={history} subject={subject} />
        </dl>
      </div>
      {branch === null ? null : <SubmissionFacts data={data} hash={branch.submission} />}
    </section>
  );
}

const BOUNDARIES: Readonly<Record<string, string>> = {
  model: "The model failed.",
  kernel: "The kernel failed.",
  verifier: "There was no valid score.",
  limit: "A limit was reached.",
};

function BranchLink({ id }: { readonly id: string }) {
  return <a href={linkTo({ view: "branch", options: { branch: id, round: null, turn: null } })}>{id}</a>;
}

function Links({ ids, most = 30 }: { readonly ids: readonly string[]; readonly most?: number }) {
  return (
    <>
      {ids.slice(0, most).map((id, at) => (
        <>
          {at === 0 ? "" : ", "}
          <BranchLink id={id} />
        </>
      ))}
      {ids.length > most ? ` and ${countText(ids.length - most)} more` : ""}
    </>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ComponentChildren }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

/** Back to the first parent, on to the best child. */
function Steps({ history, subject: { branch, proposal } }: Pick<HeadProps, "history" | "subject">) {
  const parent = branch?.parents[0] ?? proposal?.parents[0];
  const next =
    branch === null
      ? undefined
      : childrenOf(history, branch.id).reduce<string | undefined>(
          (best, child) =>
            best === undefined ||
            child.score.fitness > (history.branches.get(best)?.score.fitness ?? -Infinity)
              ? child.id
              : best,
          undefined,
        );
  return (
    <nav class="steps" aria-label="Along the lineage">
      <StepLink id={parent} words="← parent" title="The first parent (←)" />
      <StepLink id={next} words="best child →" title="The best child (→)" />
      {branch !== null && parent !== undefined ? (
        <a class="button" href={linkTo({ view: "difference", options: { branch: branch.id, other: null } })}>
          Difference from {parent}
        </a>
      ) : null}
    </nav>
  );
}

function StepLink({
  id,
  words,
  title,
}: {
  readonly id: string | undefined;
  readonly words: string;
  readonly title: string;
}) {
  if (id === undefined)
    return (
      <button type="button" disabled>
        {words}
      </button>
    );
  return (
    <a class="button" title={title} href={linkTo({ options: { branch: id, round: null, turn: null } })}>
      {words} {id}
    </a>
  );
}

function Origin({ history, subject: { branch, proposal, open } }: Pick<HeadProps, "history" | "subject">) {
  const parents = branch?.parents ?? proposal?.parents ?? [];
  const children = branch === null ? [] : childrenOf(history, branch.id).map(({ id }) => id);
  const inspirations = proposal?.inspirations ?? [];
  return (
    <>
      <Fact name="Operator">
        {proposal === null ? "none: it is the founder" : cleanText(proposal.operator)}
      </Fact>
      {proposal?.model === undefined ? null : <Fact name="Model">{cleanText(proposal.model)}</Fact>}
      {parents.length === 0 ? null : (
        <Fact name={parents.length === 1 ? "Parent" : "Parents"}>
          <Links ids={parents} />
        </Fact>
      )}
      {proposal?.repairs === undefined ? null : (
        <Fact name="Repairs">
          <BranchLink id={proposal.repairs.proposal} />
        </Fact>
      )}
      {inspirations.length === 0 ? null : (
        <Fact name="Inspirations">
          <Links ids={inspirations} />
        </Fact>
      )}
      {children.length === 0 ? null : (
        <Fact name={children.length === 1 ? "Child" : `Children (${countText(children.length)})`}>
          <Links ids={children} />
        </Fact>
      )}
      {branch === null ? null : <Fact name="Generation">{branch.generation}</Fact>}
      {(proposal?.notes ?? []).slice(0, 10).map((one) => (
        <Fact name="Note to the model">{clipLine(cleanText(one.note), 400)}</Fact>
      ))}
      {open === null ? null : <Fact name="State">{countOf(open.rounds.length, "round")} ended so far</Fact>}
    </>
  );
}

function Cost({ subject: { ended } }: Pick<HeadProps, "subject">) {
  if (ended === null) return null;
  return (
    <>
      <Fact name="Tokens">{countText(ended.tokens)}</Fact>
      <Fact name="Money">{moneyText(ended.costUsd)}</Fact>
      <Fact name="Time">{durationText(between(ended.madeMs, ended.endedMs))}</Fact>
      <Fact name="Rounds">
        {ended.rounds.length}
        {ended.cells === null ? "" : `, ${countOf(ended.cells, "cell")} run`}
      </Fact>
    </>
  );
}

const TIERS: Readonly<Record<RestoreTier, string>> = {
  fresh: "there was nothing to restore",
  reuse: "the parent's own live kernel",
  fork: "a fork of the parent's live kernel",
  thaw: "thawed from a snapshot",
  replay: "replayed from the recipe",
};

function restoreTime(ms: number): string {
  return ms < 1_000
    ? `${Math.round(ms)} ms`
    : ms < 60_000
      ? `${Number((ms / 1000).toPrecision(3))} s`
      : durationText(ms);
}

function Restores({ subject: { ended, open } }: Pick<HeadProps, "subject">) {
  const restores: readonly Restored[] = ended?.restores ?? open?.restores ?? [];
  return (
    <>
      {restores.slice(0, 8).map((restored, at) => (
        <Fact name={at === 0 ? "Kernel" : "Kernel again"}>
          {TIERS[restored.tier] ?? "in an unknown way"}, {restoreTime(restored.durationMs)}
          {restored.reason === undefined ? null : (
            <div class="quiet small">not faster: {clipLine(cleanText(restored.reason), 300)}</div>
          )}
          <WordList what="differs from the parent's state" words={restored.differences} />
        </Fact>
      ))}
    </>
  );
}

function WordList({ what, words }: { readonly what: string; readonly words: readonly string[] }) {
  if (words.length === 0) return null;
  return (
    <details>
      <summary class="warn">
        {countOf(words.length, "thing")} {what}
      </summary>
      <ul class="words">
        {words.slice(0, 100).map((word) => (
          <li>{clipLine(cleanText(word), 500)}</li>
        ))}
      </ul>
    </details>
  );
}

const MOST_METRICS = 40;

function Metrics({ subject: { branch } }: Pick<HeadProps, "subject">) {
  const metrics = Object.entries(branch?.score.metrics ?? {}).filter(([name]) => name !== "score");
  return (
    <>
      {metrics.slice(0, MOST_METRICS).map(([name, value]) => (
        <Fact name={clipLine(cleanText(name), 40)}>{metricText(value)}</Fact>
      ))}
      {metrics.length > MOST_METRICS ? (
        <Fact name="...">{metrics.length - MOST_METRICS} more metrics</Fact>
      ) : null}
    </>
  );
}

/** JSON has no NaN and no infinities: a journal says null for them. */
export function metricText(value: unknown): string {
  return typeof value === "number"
    ? Number.isFinite(value)
      ? showNumber(value)
      : String(value)
    : "not a finite number";
}

function Reproduced({ history, subject: { branch } }: Pick<HeadProps, "history" | "subject">) {
  const reproduction = branch === null ? undefined : history.reproduced.get(branch.id);
  if (branch === null) return null;
  if (reproduction === undefined) return <Fact name="Reproduction">not tried</Fact>;
  const { survives, reason, score, differences, durationMs } = reproduction;
  return (
    <Fact name="Reproduction">
      <span class={survives ? "good" : "bad"}>{survives ? "survives" : "does not survive"}</span>
      {score?.valid === true ? `, ${showNumber(ownScore(score))}` : ""}, {restoreTime(durationMs)}
      {reason === "" ? null : <div class="small">{cleanText(reason).slice(0, 1_000)}</div>}
      <WordList
        what="came out otherwise"
        words={differences.map(({ cell, what }) => (cell === null ? what : `${cell}: ${what}`))}
      />
    </Fact>
  );
}
