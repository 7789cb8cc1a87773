// Owns: an event in a line of words. Pure.
import { ownScore, showNumber } from "../../core/run/goal.ts";
import type { RunEvent } from "../../contracts/index.ts";
import { moneyText, shortCount } from "../data/words.ts";

/** What it says beyond its type and its proposal. */
export function describeEvent(event: RunEvent): string {
  switch (event.type) {
    case "run-started":
      return `seed ${event.seed}, the founder scored ${showNumber(ownScore(event.founder.score))}`;
    case "proposal-made": {
      const { operator, parents, model, notes = [] } = event.proposal;
      const steered = notes.length === 0 ? "" : ", steered";
      return `${operator} ${parents.join(" + ")}${model === undefined ? "" : `, by ${model}`}${steered}`;
    }
    case "kernel-restored":
      return `by ${event.restored.tier} in ${Math.round(event.restored.durationMs)} ms`;
    case "turn-ended": {
      const { round, turn, model, usage } = event;
      const cost = usage.costUsd === null ? "" : `, ${moneyText(usage.costUsd)}`;
      return `round ${round}, turn ${turn}: ${model}, ${shortCount(usage.inputTokens)} in, ${shortCount(usage.outputTokens)} out${cost}`;
    }
    case "call-decided":
      return `round ${event.round}, turn ${event.turn}: ${event.tool}, ${JSON.stringify(event.decision).slice(0, 200)}`;
    case "calls-ended":
      return `round ${event.round}, turn ${event.turn}${event.cells === undefined ? "" : `: ${event.cells} cells run`}`;
    case "round-ended": {
      const { score } = event;
      return `round ${event.round}: ${score.valid ? showNumber(ownScore(score)) : `not valid: ${score.message}`}`;
    }
    case "episode-ended": {
      const { outcome } = event;
      return outcome.ok
        ? `${outcome.branch.id} scored ${showNumber(ownScore(outcome.branch.score))}`
        : `failed at the ${outcome.failure.boundary}: ${outcome.failure.message}`;
    }
    case "branch-reproduced": {
      const { survives, reason } = event.reproduction;
      return `${event.branch} ${survives ? "scored again as before" : `is refuted: ${reason}`}`;
    }
    case "run-stopped":
      return event.reason;
    case "steered":
      return `for ${event.proposals} proposals${event.branch === null ? "" : ` below ${event.branch}`}: ${event.note}`;
    case "proposal-told":
    case "paused":
    case "unpaused":
      return "";
  }
}
