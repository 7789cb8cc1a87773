// Owns: the offline model - a policy in the shape of a language model that searches with classical optimisers. It reads the
// same messages and calls the same tools as any model; it carries no known result, asks no network and costs nothing.
// A pure function of the messages and the seed: what it remembers is in the conversation and in the notebook.
import { RunError } from "../../core/errors.ts";
import type { LanguageModel, ModelRequest } from "../../contracts/index.ts";
import { finish, fitting, replyOf, type Action, type Situation, type CallDraft } from "./action.ts";
import { exchangesOf, planOf, textOf } from "./conversation.ts";
import { NO_PROBLEM } from "./memory.ts";
import { closeNudging, nudgeAction } from "./nudge-round.ts";
import { planText } from "./plan.ts";
import { close, searchAction } from "./search-round.ts";

export interface OfflineOptions {
  /** Moves explored in a round, a few seconds each; 1 or more; 2. */
  readonly explorations?: number;
  /** Local searches of an exploration, 1 or more; by default a few seconds' work, 20 to 120 on the benchmarks. */
  readonly tries?: number;
}

/**
 * The embedded model that needs no key: the control group of every language model.
 * @throws RunError `bad-option`.
 */
export function offline(options: OfflineOptions = {}): LanguageModel {
  const { explorations = 2, tries = null } = options;
  for (const [name, value] of Object.entries({ explorations, tries: tries ?? 1 })) {
    if (!Number.isInteger(value) || value < 1)
      throw new RunError("bad-option", `offline: ${name} is ${value}; it must be 1 or more`);
  }
  return {
    name: "offline",
    seesImages: false,
    async reply(request, { signal }) {
      signal.throwIfAborted();
      const turn = request.messages.filter(({ role }) => role === "assistant").length;
      const { text, wishes } = actionFor(request, { explorations, tries });
      const fit = wishes.map((wish) => fitting(wish, request.tools));
      return replyOf({ text, wishes: fit }, turn, request.seed);
    },
  };
}

function actionFor(
  { messages, toolChoice, seed }: ModelRequest,
  effort: Pick<Situation, "explorations" | "tries">,
): Action {
  const situation: Situation = {
    exchanges: exchangesOf(messages),
    text: textOf(messages),
    plan: planOf(messages),
    seed,
    ...effort,
  };
  if (toolChoice === "none") return { text: planText(situation), wishes: [] };
  const nudging = situation.text.includes(NO_PROBLEM);
  const closing = nudging ? closeNudging(situation) : close(situation);
  const last = situation.exchanges.at(-1);
  if (last?.call.tool === "finish_round") return { text: "", wishes: [plainest(closing)] }; // it was refused
  if (toolChoice !== "auto") return { text: "", wishes: [closing] };
  return nudging ? nudgeAction(situation) : searchAction(situation);
}

/** A closing call that nothing can be wrong with. */
function plainest({ arguments: { summary } }: CallDraft): CallDraft {
  return finish(typeof summary === "string" ? summary : "The round is over.");
}
