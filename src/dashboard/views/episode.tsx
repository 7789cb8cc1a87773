// Owns: the view of an episode: its rounds and the model's turns, with what was said, what was called and what that came to.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { ownScore, showNumber } from "../../core/run/goal.ts";

import { address, goTo, linkTo } from "../data/address.ts";
import { between, countOf, countText, durationText, moneyText } from "../data/words.ts";
import { turnsOf, type ShownEpisode, type EpisodeRound } from "../episode/turns-of.ts";
import { Turn } from "../episode/turn.tsx";
import type { RunData } from "../data/run-data.ts";
import type { ViewProps } from "./view-props.ts";

const NOTHING: ShownEpisode = turnsOf([]);

export function EpisodeView({ data, history }: ViewProps) {
  const now = history.value;
  const proposal = proposalShown(address.value.options["branch"], now.best.number, now.proposals);
  const episode = useSignal<ShownEpisode>(NOTHING);
  const trouble = useSignal<string | null>(null);
  // Read again as long as the proposal is open: each of its events changes the history.
  const open = now.open.get(proposal);
  const known = open ?? now.ended.findLast(({ outcome }) => outcome.proposal.id === proposal);
  useEffect(() => {
    let isWanted = true;
    data.readProposal(proposal).then(
      (events) => {
        if (isWanted) episode.value = turnsOf(events.filter(({ seq }) => seq < now.events));
      },
      (problem: unknown) => (trouble.value = String(problem)),
    );
    return () => {
      isWanted = false;
    };
  }, [data, proposal, known]);
  const { made } = episode.value;
  return (
    <section class="episode" aria-labelledby="episode-title">
      <div class="head">
        <h2 id="episode-title" class="title">
          {proposal === "p0" ? "The first notebook" : `Episode of ${proposal}`}
        </h2>
        <Choose proposal={proposal} last={now.proposals} />
      </div>
      {trouble.value === null ? null : <p class="bad">{trouble.value}</p>}
      {proposal === "p0" ? (
        <p class="quiet">The first notebook was run as it was: no model had a part in it.</p>
      ) : (
        <>
          {made === null ? (
            <p class="quiet">This proposal was not made yet.</p>
          ) : (
            <Facts episode={episode.value} />
          )}
          {episode.value.rounds.map((round) => (
            <Round key={round.round} data={data} proposal={proposal} round={round} />
          ))}
        </>
      )}
    </section>
  );
}

/** `b7` and `p7` mean the episode of p7; without either, that of the best branch. */
function proposalShown(branch: string | undefined, best: number, last: number): string {
  const number = Number(/^[bp](\d{1,9})$/.exec(branch ?? "")?.[1] ?? best);
  return `p${Math.min(number, last)}`;
}

function Choose({ proposal, last }: { readonly proposal: string; readonly last: number }) {
  const number = Number(proposal.slice(1));
  const go = (to: number) => () => goTo({ options: { branch: `p${to}`, turn: null } });
  return (
    <div class="choice" role="group" aria-label="Choose an episode">
      <button type="button" aria-label="The episode before" disabled={number <= 1} onClick={go(number - 1)}>
        ‹
      </button>
      <a href={linkTo({ view: "branch", options: { branch: proposal.replace("p", "b") } })}>its branch</a>
      <button type="button" aria-label="The next episode" disabled={number >= last} onClick={go(number + 1)}>
        ›
      </button>
    </div>
  );
}

function Facts({ episode }: { readonly episode: ShownEpisode }) {
  const { made, restores, rounds, outcome, madeMs, latestMs } = episode;
  const turns = rounds.flatMap((round) => round.turns);
  const usages = turns.map(({ asked: { usage } }) => usage);
  const sum = (of: (usage: (typeof usages)[number]) => number | null): number | null =>
    usages.reduce<number | null>((total, usage) => {
      const one = of(usage);
      return total === null || one === null ? null : total + one;
    }, 0);
  const proposal = made?.proposal;
  const result = outcome?.outcome;
  return (
    <dl class="facts">
      <dt>Move</dt>
      <dd>
        {proposal?.operator}{" "}
        {proposal?.parents.map((id) => (
          <a key={id} href={linkTo({ view: "branch", options: { branch: id } })}>
            {id}{" "}
          </a>
        ))}
      </dd>
      {proposal?.model === undefined ? null : (
        <>
          <dt>Model</dt>
          <dd>{proposal.model}</dd>
        </>
      )}
      <dt>Kernel</dt>
      <dd>
        {restores.map(({ tier, durationMs, reason }, at) => (
          <div key={at}>
            {tier} in {durationText(durationMs)}
            {reason === undefined ? "" : `: ${reason}`}
          </div>
        ))}
      </dd>
      <dt>Took</dt>
      <dd>
        {durationText(between(madeMs, latestMs))}, {countOf(turns.length, "turn")}
      </dd>
      <dt>Tokens</dt>
      <dd>
        {countText(sum(({ inputTokens }) => inputTokens) ?? 0)} in (
        {countText(sum(({ cachedTokens }) => cachedTokens) ?? 0)} cached),{" "}
        {countText(sum(({ outputTokens }) => outputTokens) ?? 0)} out,{" "}
        {moneyText(sum(({ costUsd }) => costUsd))}
      </dd>
      <dt>Came to</dt>
      <dd>
        {result === undefined ? (
          "not over"
        ) : result.ok ? (
          <>
            <a href={linkTo({ view: "branch", options: { branch: result.branch.id } })}>{result.branch.id}</a>
            , score {showNumber(ownScore(result.branch.score))}
          </>
        ) : (
          <span class="bad">
            failed ({result.failure.boundary}): {result.failure.message}
          </span>
        )}
      </dd>
    </dl>
  );
}

interface RoundProps {
  readonly data: RunData;
  readonly proposal: string;
  readonly round: EpisodeRound;
}

function Round({ data, proposal, round: { round, turns, ended } }: RoundProps) {
  const score = ended?.score;
  return (
    <section class="panel round" aria-label={`Round ${round}`}>
      <div class="head">
        <h3>Round {round}</h3>
        <span class="quiet">
          {score === undefined
            ? "being played"
            : score.valid
              ? `score ${showNumber(ownScore(score))}`
              : "not valid"}
        </span>
      </div>
      {score === undefined || score.message === "" ? null : <p class="verdict small">{score.message}</p>}
      <ol class="turns">
        {turns.map((turn) => (
          <Turn key={turn.turn} data={data} proposal={proposal} round={round} turn={turn} />
        ))}
      </ol>
    </section>
  );
}
