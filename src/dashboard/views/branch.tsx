// Owns: the view of a branch: its notebook after each round, and beside it what the model saw.
import { useMemo } from "preact/hooks";
import { ownScore, showNumber } from "../../core/run/goal.ts";
import { cleanText, clipLine } from "../../core/untrusted.ts";
import { address, goTo, linkTo } from "../data/address.ts";
import { Asked } from "../branch/asked.tsx";
import { turnsOf, type EpisodeRound, type EpisodeTurn } from "../episode/turns-of.ts";
import { BranchHead } from "../branch/head.tsx";
import { cellsInRequest, type CellInRequest } from "../branch/shown-request.ts";
import { childrenOf, findSubject, type Subject } from "../branch/subject.ts";
import { useAsked } from "../branch/use-asked.ts";
import type { CellRemark } from "../notebook/cell.tsx";
import { NotebookView } from "../notebook/notebook.tsx";
import { readNotebook } from "../notebook/read-notebook.ts";
import { useKeys } from "../parts/keys.tsx";
import { useRead } from "../parts/use-read.ts";
import type { ViewProps } from "./view-props.ts";

export function BranchView(props: ViewProps) {
  const { options } = address.value;
  const subject = findSubject(props.history.value, options["branch"]);
  if (typeof subject === "string") return <p class="notice">{subject}</p>;
  return <OneBranch {...props} subject={subject} />;
}

const REMARKS: Readonly<Record<CellInRequest, CellRemark>> = {
  whole: {
    text: "the model saw it whole",
    title: "The prompt of the chosen turn holds all of its text, word for word.",
    tone: "good",
  },
  folded: {
    text: "the model saw one line of it",
    title: "The prompt of the chosen turn holds the line that stands for it, and not its text.",
    tone: "quiet",
  },
};

function OneBranch({ data, history, task, subject }: ViewProps & { readonly subject: Subject }) {
  const { options } = address.value;
  const id = subject.proposal?.id ?? null;
  const done =
    subject.ended === null
      ? (subject.open?.rounds.length ?? 0) + (subject.open?.turns.length ?? 0) / 1000
      : "";
  const read = useRead(id === null ? null : `${id} ${done}`, () => data.readProposal(id ?? ""));
  const rounds = useMemo(() => (read !== null && "value" in read ? turnsOf(read.value).rounds : []), [read]);
  const [round, turn] = chosenTurn(rounds, options);
  useKeys((key) => pressKey(key, history.value, subject));
  const failed = subject.ended?.outcome.ok === false ? subject.ended.outcome.failure.notebook : undefined;
  const isLast = round === null || round === rounds.at(-1);
  const notebook =
    (isLast ? (subject.branch?.notebook ?? failed) : undefined) ?? round?.ended?.notebook ?? null;
  return (
    <div class="branch">
      <BranchHead data={data} history={history.value} task={task} subject={subject} />
      {rounds.length === 0 || round === null ? null : <Rounds rounds={rounds} round={round} />}
      <Beside data={data} notebook={notebook} round={round} turn={turn} />
    </div>
  );
}

/** As the address names them, `round=2&turn=3` or `turn=2.3`; else the last ones. */
function chosenTurn(
  rounds: readonly EpisodeRound[],
  { round: r, turn: t = "" }: Readonly<Record<string, string>>,
): readonly [EpisodeRound | null, EpisodeTurn | null] {
  const [before, after] = t.includes(".") ? t.split(".") : [r, t];
  const round = rounds.find((one) => String(one.round) === (r ?? before)) ?? rounds.at(-1) ?? null;
  const turn = round?.turns.find((one) => String(one.turn) === after) ?? round?.turns.at(-1) ?? null;
  return [round, turn];
}

function pressKey(
  key: string,
  history: ViewProps["history"]["value"],
  { branch, proposal }: Subject,
): boolean {
  const parent = branch?.parents[0] ?? proposal?.parents[0];
  const children = branch === null ? [] : childrenOf(history, branch.id);
  const child = children.toSorted((one, other) => other.score.fitness - one.score.fitness)[0]?.id;
  const next = key === "ArrowLeft" ? parent : key === "ArrowRight" ? child : undefined;
  if (next === undefined || document.activeElement instanceof HTMLInputElement) return false;
  goTo({ options: { branch: next, round: null, turn: null } });
  return true;
}

function Rounds({
  rounds,
  round,
}: {
  readonly rounds: readonly EpisodeRound[];
  readonly round: EpisodeRound;
}) {
  const at = rounds.indexOf(round);
  const choose = (next: number): void =>
    goTo({ options: { round: rounds[next]?.round ?? null, turn: null } }, true);
  return (
    <div class="rounds">
      <label>
        <span class="quiet">After round</span>
        <input
          type="range"
          min={0}
          max={Math.max(0, rounds.length - 1)}
          value={at}
          disabled={rounds.length < 2}
          aria-label="Round"
          aria-valuetext={`round ${round.round} of ${rounds.length}`}
          onInput={({ currentTarget: { valueAsNumber } }) => choose(valueAsNumber)}
        />
      </label>
      <output>
        {round.round} of {rounds.length}
        <span class="quiet">{scoreWords(round)}</span>
      </output>
    </div>
  );
}

function scoreWords({ ended }: EpisodeRound): string {
  if (ended === null) return ", not ended";
  if (ended.score.valid) return `, score ${showNumber(ownScore(ended.score))}`;
  return `, no valid score: ${clipLine(cleanText(ended.score.message), 300)}`;
}

interface BesideProps extends Pick<ViewProps, "data"> {
  readonly notebook: string | null;
  readonly round: EpisodeRound | null;
  readonly turn: EpisodeTurn | null;
}

/** The notebook, and what the model saw; on a narrow screen one of them. */
function Beside({ data, notebook, round, turn }: BesideProps) {
  const part = address.value.options["part"] === "asked" && round !== null ? "asked" : "notebook";
  const asked = useAsked(data, turn);
  const read = useRead(notebook, async () => readNotebook(await data.readBlob(notebook ?? "")));
  const shown = read !== null && "value" in read && read.value.ok ? read.value.cells : null;
  const remarks = useMemo(() => {
    if (shown === null || asked?.request === undefined) return new Map<string, CellRemark>();
    return new Map([...cellsInRequest(asked.messages, shown)].map(([cell, how]) => [cell, REMARKS[how]]));
  }, [shown, asked]);
  return (
    <>
      {round === null ? null : (
        <div class="choice part-choice" role="group" aria-label="What is shown">
          <a
            href={linkTo({ options: { part: null } })}
            aria-current={part === "notebook" ? "true" : undefined}
          >
            Notebook
          </a>
          <a
            href={linkTo({ options: { part: "asked" } })}
            aria-current={part === "asked" ? "true" : undefined}
          >
            What the model saw
          </a>
        </div>
      )}
      <div class={`beside show-${part}${round === null ? " alone" : ""}`}>
        <section class="notebook-column" aria-labelledby="notebook-title">
          <h2 id="notebook-title" class="title">
            Notebook
          </h2>
          {notebook === null ? (
            <p class="quiet">There is no notebook: no round got that far.</p>
          ) : read === null ? (
            <p class="quiet">Reading the notebook ...</p>
          ) : "problem" in read ? (
            <p class="withheld">The notebook is not shown: {read.problem}</p>
          ) : read.value.ok ? (
            <NotebookView cells={read.value.cells} remarks={remarks} />
          ) : (
            <p class="withheld">{read.value.problem}</p>
          )}
        </section>
        {round === null ? null : <Asked data={data} round={round} turn={turn} asked={asked} />}
      </div>
    </>
  );
}
