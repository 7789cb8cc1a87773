// Owns: an episode as its events tell it: rounds, and the turns of each with what they used and how long they took. Pure.
import type { EventOf } from "../../core/run/history.ts";
import type { Restored, RunEvent } from "../../contracts/index.ts";
import type { PlacedEvent } from "../source.ts";

/** One turn of the model. */
export interface EpisodeTurn {
  readonly turn: number;
  readonly asked: EventOf<"turn-ended">;
  /** From the event before it, which the model and its tools took together with what came between; null when not known. */
  readonly replyMs: number | null;
  /** Null while its calls are carried out, or where the run was interrupted. */
  readonly done: EventOf<"calls-ended"> | null;
  readonly callsMs: number | null;
  readonly decisions: readonly EventOf<"call-decided">[];
}

/** One round, played or being played. */
export interface EpisodeRound {
  readonly round: number;
  readonly turns: readonly EpisodeTurn[];
  readonly ended: EventOf<"round-ended"> | null;
}

/** All that is known of an episode. */
export interface ShownEpisode {
  readonly made: EventOf<"proposal-made"> | null;
  readonly restores: readonly Restored[];
  readonly rounds: readonly EpisodeRound[];
  readonly outcome: EventOf<"episode-ended"> | null;
  readonly madeMs: number | null;
  /** The time of its latest event. */
  readonly latestMs: number | null;
}

/** The episode of one proposal's events, in their order. */
export function turnsOf(events: readonly PlacedEvent[]): ShownEpisode {
  const rounds = new Map<number, { turns: Map<number, EpisodeTurn>; ended: EventOf<"round-ended"> | null }>();
  const restores: Restored[] = [];
  let made: EventOf<"proposal-made"> | null = null;
  let outcome: EventOf<"episode-ended"> | null = null;
  let [madeMs, latestMs]: (number | null)[] = [null, null];
  const roundOf = (round: number) => {
    const known = rounds.get(round) ?? { turns: new Map<number, EpisodeTurn>(), ended: null };
    rounds.set(round, known);
    return known;
  };
  for (const {
    sent: [timeMs, event],
  } of events) {
    const tookMs = timeMs === null || latestMs === null || latestMs === undefined ? null : timeMs - latestMs;
    if (event.type === "proposal-made") [made, madeMs] = [event, timeMs];
    else if (event.type === "kernel-restored") restores.push(event.restored);
    else if (event.type === "episode-ended") outcome = event;
    else if (event.type === "round-ended") roundOf(event.round).ended = event;
    else if (event.type === "turn-ended") {
      const turn = {
        turn: event.turn,
        asked: event,
        replyMs: tookMs,
        done: null,
        callsMs: null,
        decisions: [],
      };
      roundOf(event.round).turns.set(event.turn, turn);
    } else addToTurn(rounds, event, tookMs);
    latestMs = timeMs ?? latestMs ?? null;
  }
  return {
    ...{ made, restores, outcome, madeMs: madeMs ?? null, latestMs: latestMs ?? null },
    rounds: [...rounds].map(([round, { turns, ended }]) => ({ round, turns: [...turns.values()], ended })),
  };
}

function addToTurn(
  rounds: ReadonlyMap<number, { readonly turns: Map<number, EpisodeTurn> }>,
  event: RunEvent,
  callsMs: number | null,
): void {
  if (event.type !== "calls-ended" && event.type !== "call-decided") return;
  const turns = rounds.get(event.round)?.turns;
  const turn = turns?.get(event.turn);
  if (turns === undefined || turn === undefined) return;
  const changed =
    event.type === "calls-ended"
      ? { ...turn, done: event, callsMs }
      : { ...turn, decisions: [...turn.decisions, event] };
  turns.set(event.turn, changed);
}
