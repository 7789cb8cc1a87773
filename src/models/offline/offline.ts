// Owns: the offline model, a policy in the shape of a language model that searches with classical optimisers.
// It knows no result in advance, uses no network and costs nothing. It reads the same messages and calls the same tools
// as any model, and is a pure function of both and the seed: all that it remembers stands in the conversation.
import { checkOptions, OPTION } from "../../core/options.ts";
import { RunError } from "../../core/errors.ts";
import type { LanguageModel, ModelRequest } from "../../contracts/index.ts";
import { readSituation } from "./conversation.ts";
import { describeImproving, draftImproveClosing, IMPROVE_TOOL, planImproveTurn } from "./improve-round.ts";
import { draftClosing, planCalls, planText, toReply, type CallDraft, type ReplyPlan } from "./reply-plan.ts";
import { describeRound, draftSearchClosing, planSearchTurn, type SearchEffort } from "./search-round.ts";

/** How much the offline model tries where the task declares a `problem`; other tasks are searched for about ten seconds a round. */
export interface OfflineOptions {
  /** Moves explored in a round, each for a few seconds; 1 or more. Default 2. */
  readonly explorations?: number | undefined;
  /** Local searches of an exploration; 1 or more. Default: a few seconds' work, 20 to 120 on the benchmarks. */
  readonly tries?: number | undefined;
}

/**
 * The embedded model that needs no key, and the control group for every language model.
 * @throws RunError `bad-option`.
 */
export function offline(options: OfflineOptions = {}): LanguageModel {
  checkOptions("offline", options, { explorations: OPTION.any, tries: OPTION.any });
  const { explorations = 2, tries = null } = options;
  for (const [name, value] of Object.entries({ explorations, tries: tries ?? 1 })) {
    if (!Number.isInteger(value) || value < 1)
      throw new RunError("bad-option", `offline: ${name} is ${value}; it must be a whole number from 1`);
  }
  return {
    name: "offline",
    seesImages: false,
    async reply(request, { signal }) {
      signal.throwIfAborted();
      const turn = request.messages.filter(({ role }) => role === "assistant").length;
      return toReply(planReply(request, { explorations, tries }), request.tools, turn, request.seed);
    },
  };
}

function planReply(request: ModelRequest, effort: SearchEffort): ReplyPlan {
  const { toolChoice } = request;
  const situation = readSituation(request);
  const asksVerifier = request.tools.some(({ name }) => name === IMPROVE_TOOL);
  if (toolChoice === "none")
    return planText(asksVerifier ? describeImproving(situation) : describeRound(situation, effort));
  const closing = asksVerifier ? draftImproveClosing(situation) : draftSearchClosing(situation);
  const wasRefused = situation.calls.at(-1)?.call.tool === situation.closingTool;
  if (wasRefused) return planCalls(simplifyClosing(closing));
  if (toolChoice !== "auto") return planCalls(closing);
  return asksVerifier ? planImproveTurn(situation) : planSearchTurn(situation, effort);
}

/** A closing call in which nothing can be wrong. */
function simplifyClosing({ tool, arguments: { summary } }: CallDraft): CallDraft {
  return draftClosing(tool, typeof summary === "string" ? summary : "The round is over.");
}
