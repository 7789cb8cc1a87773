// Owns: the panels of the view of a run: headline numbers, limits, open episodes, failures, what models and operators were worth, notes.
import { bestKnownOf, ownScore, showNumber, standingTo, standingWords } from "../../core/run/goal.ts";
import { ColumnHeads } from "../parts/column-heads.tsx";
import type { History } from "../../core/run/history.ts";
import { tokensOf } from "../../core/run/usage.ts";
import type { ProposalId, Task } from "../../contracts/index.ts";
import { linkTo } from "../data/address.ts";
import { between, countOf, countText, durationText, moneyText, shortCount } from "../data/words.ts";
import { nowMs } from "../parts/clock.ts";
import { episodeNow, type FailureGroup, type UsedLimit, type Worth, type WorthRow } from "./facts.ts";

export function Headline({ history, task }: { readonly history: History; readonly task: Task }) {
  const { best, usage, proposals, failures, startedMs, latestMs, ended } = history;
  const known = bestKnownOf(task);
  const score = ownScore(best.score);
  const cached = usage.inputTokens === 0 ? 0 : usage.cachedTokens / usage.inputTokens;
  const gap = known === null ? null : standingTo(score, known);
  return (
    <dl class="headline">
      <div class="lead">
        <dt>
          Best, <a href={linkTo({ view: "branch", options: { branch: best.id } })}>{best.id}</a>
        </dt>
        <dd>{showNumber(score)}</dd>
        <dd class="note">
          {best === history.founder
            ? "the founder"
            : `first notebook ${showNumber(ownScore(history.founder.score))}`}
        </dd>
      </div>
      {known === null || gap === null ? null : (
        <div>
          <dt>Best known</dt>
          <dd>{showNumber(known.value)}</dd>
          <dd class={gap.how === "short" ? "note" : "note good"}>{standingWords(gap)}</dd>
        </div>
      )}
      <div>
        <dt>Proposals</dt>
        <dd>{countText(proposals)}</dd>
        <dd class="note">{countOf(ended.size - failures, "branch", "branches")}</dd>
      </div>
      <div>
        <dt>Failed</dt>
        <dd class={failures > 0 ? "bad" : ""}>{countText(failures)}</dd>
        <dd class="note">
          {ended.size === 0 ? "none ended yet" : `${Math.round((failures / ended.size) * 100)} % of episodes`}
        </dd>
      </div>
      <div>
        <dt>Tokens</dt>
        <dd>{shortCount(tokensOf(usage))}</dd>
        <dd class="note">{Math.round(cached * 100)} % of input cached</dd>
      </div>
      <div>
        <dt>Money</dt>
        <dd>{moneyText(usage.costUsd)}</dd>
        <dd class="note">{usage.costUsd === null ? "a price is not known" : "US dollars"}</dd>
      </div>
      <div>
        <dt>Time</dt>
        <dd>{durationText(between(startedMs, latestMs))}</dd>
        <dd class="note">since it began</dd>
      </div>
    </dl>
  );
}

export function Limits({ limits }: { readonly limits: readonly UsedLimit[] }) {
  if (limits.length === 0) return <p class="quiet small">The run was started without limits.</p>;
  return (
    <ul class="list limits">
      {limits.map(({ name, share, text }) => (
        <li key={name}>
          <span>{name}</span>
          <span class="quiet">{text}</span>
          <div class={share >= 1 ? "bar full" : "bar"}>
            <span style={{ width: `${share * 100}%` }} />
          </div>
        </li>
      ))}
    </ul>
  );
}

export function OpenEpisodes({ history, isNow }: { readonly history: History; readonly isNow: boolean }) {
  const open = [...history.open.values()];
  if (open.length === 0)
    return (
      <p class="quiet small">{history.stopped === null ? "None is open." : "None: the run has ended."}</p>
    );
  return (
    <ul class="list episodes">
      {open.map((episode) => {
        const { proposal } = episode;
        const { round, turn, doing, sinceMs } = episodeNow(episode);
        const since = between(sinceMs, isNow ? nowMs() : history.latestMs);
        return (
          <li key={proposal.id}>
            <a href={linkTo({ view: "episode", options: { branch: proposal.id } })}>{proposal.id}</a>
            <span class="move">
              {proposal.operator} {proposal.parents.join(" + ")}
            </span>
            <span class="quiet since">{durationText(since)}</span>
            <span class="quiet doing">
              round {round}, turn {turn}: {doing}
              {proposal.model === undefined ? "" : ` · ${proposal.model}`}
            </span>
          </li>
        );
      })}
    </ul>
  );
}

const BOUNDARIES: Readonly<Record<FailureGroup["boundary"], string>> = {
  model: "at the model",
  kernel: "at the kernel",
  verifier: "at the verifier",
  limit: "at a limit",
};

export function Failures({
  groups,
  ended,
}: {
  readonly groups: readonly FailureGroup[];
  readonly ended: number;
}) {
  if (groups.length === 0) return <p class="quiet small">No episode has failed.</p>;
  return (
    <ul class="list failures">
      {groups.map(({ boundary, count, latest }) => (
        <li key={boundary}>
          <div class="line">
            <b>{countText(count)}</b> {BOUNDARIES[boundary]}
            <span class="quiet"> {Math.round((count / ended) * 100)} %</span>
          </div>
          <ul>
            {latest.map(({ proposal, message }) => (
              <li key={proposal}>
                <EpisodeLink id={proposal} /> <span title={message}>{message}</span>
              </li>
            ))}
          </ul>
        </li>
      ))}
    </ul>
  );
}

function EpisodeLink({ id }: { readonly id: ProposalId }) {
  return <a href={linkTo({ view: "episode", options: { branch: id } })}>{id}</a>;
}

export function WorthTable({ worth: { models, operators } }: { readonly worth: Worth }) {
  return (
    <div class="table-frame">
      {models.length === 0 ? null : <RowsTable title="Model" rows={models} more={models} />}
      <RowsTable title="Operator" rows={operators} />
    </div>
  );
}

interface RowsTableProps {
  readonly title: string;
  readonly rows: readonly WorthRow[];
  readonly more?: Worth["models"];
}

function RowsTable({ title, rows, more }: RowsTableProps) {
  const all = rows.reduce((sum, { episodes }) => sum + episodes, 0);
  return (
    <table class="table worth">
      <ColumnHeads
        heads={[
          title,
          "Share of episodes",
          { number: "Episodes" },
          { number: "Failed" },
          { number: "Above parent", hint: "Branches that scored more than their first parents" },
          { number: "New best" },
          ...(more === undefined ? [] : [{ number: "Tokens" }, { number: "Money" }]),
        ]}
      />
      <tbody>
        {rows.map(({ name, episodes, failed, better, newBest }, at) => (
          <tr key={name}>
            <td>{name}</td>
            <td class="share">
              <div class="bar">
                <span style={{ width: `${(100 * episodes) / all}%` }} />
              </div>
            </td>
            <td class="number">{countText(episodes)}</td>
            <td class="number">{countText(failed)}</td>
            <td class="number">{countText(better)}</td>
            <td class="number">{countText(newBest)}</td>
            {more === undefined ? null : (
              <>
                <td class="number">{shortCount(more[at]?.tokens ?? 0)}</td>
                <td class="number">{moneyText(more[at]?.costUsd ?? null)}</td>
              </>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function Notices({ notices }: Pick<History, "notices">) {
  const kinds = Object.entries(notices).filter(([kind]) => !kind.includes(":"));
  if (kinds.length === 0) return <p class="quiet small">Every reply came as it was asked for.</p>;
  return (
    <p class="notices">
      {kinds.map(([kind, count]) => (
        <span key={kind} class="chip">
          {kind} {countText(count)}
        </span>
      ))}
    </p>
  );
}

export function Notes({ history: { givenNotes, notes } }: { readonly history: History }) {
  return (
    <ul class="list notes">
      {[...givenNotes].reverse().map(({ command, note, branch, proposals, after }) => {
        const left = notes.find((active) => active.command === command)?.left ?? 0;
        return (
          <li key={command}>
            <p>{note}</p>
            <p class="quiet small">
              after {countOf(after, "proposal")}, for {countOf(proposals, "proposal")}
              {branch === null ? "" : ` below ${branch}`}
              {left > 0 ? `, ${left} to come` : ""}
            </p>
          </li>
        );
      })}
    </ul>
  );
}
