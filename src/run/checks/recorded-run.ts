// Owns: a model that gives out again what a run's journal holds, and checks that it is asked the same. Never writes.
import { RunError } from "../../core/errors.ts";
import { readJson } from "../../loop/json-blob.ts";
import { readRequest } from "../../loop/turn-journal.ts";
import { ModelFailure } from "../../models/signals/failure.ts";
import type { JsonObject, LanguageModel, ModelReply, ModelRequest, Pricing } from "../../contracts/index.ts";
import { openRunStore } from "../../store/index.ts";
import { readRecordedTurns } from "./recorded-turns.ts";
import { requestDifference } from "./request-difference.ts";

export interface RecordedRunOptions {
  /**
   * `place` (default): a reply is given by its place in the run, also where the request differs, as by the time that
   * a cell took; `onDifference` hears the first. `exact`: a request that differs stops the run.
   */
  readonly match?: "place" | "exact";
  readonly onDifference?: (what: string) => void;
}

/**
 * The model of a run, from its journal; the run is read once, now.
 * @throws RunError `run-missing`; `model-refused` (from `reply`) for a place that the run never came to, and with
 * `exact` for another request.
 */
export async function recordedRun(dir: string, options: RecordedRunOptions = {}): Promise<LanguageModel> {
  await using store = await openRunStore(dir, { mode: "read" });
  const { settings, turns } = await readRecordedTurns(store);
  const { match = "place", onDifference } = options;
  const refused = new Set<string>();
  let told = false;
  const differs = (words: string): void => {
    if (match === "exact") throw new RunError("model-refused", `${dir}, ${words}`);
    if (!told) onDifference?.(words);
    told = true;
  };
  return {
    name: typeof settings["model"] === "string" ? settings["model"] : "recorded",
    seesImages: settings["seesImages"] === true,
    ...pricingIn(settings),
    async reply(request, { signal }) {
      signal.throwIfAborted();
      const turn = turns.get(request.seed);
      if (turn === undefined) throw missing(dir, request);
      const { place, windowTokens } = turn;
      if (turn.reply === null) throw new ModelFailure("cut", turn.failure, { isFinal: true });
      await using blobs = await openRunStore(dir, { mode: "read" });
      const recorded = turn.request === null ? null : await readRequest(blobs, turn.request);
      const what = recorded === null ? null : requestDifference(recorded, request);
      if (what !== null && windowTokens !== null && !refused.has(place)) {
        // As then: the recorded request is what was asked once a longer one had been refused.
        refused.add(place);
        throw new ModelFailure("too-long", "refused as in the recorded run", { windowTokens });
      }
      if (what !== null) differs(`${place}: the request differs from the recorded one in ${what}`);
      return readJson<ModelReply>(blobs, turn.reply);
    },
  };
}

function pricingIn({ pricing }: JsonObject): { readonly pricing?: Pricing } {
  return isPricing(pricing) ? { pricing } : {};
}

/** It was written from one: the settings of the journal are our own. */
function isPricing(value: unknown): value is Pricing {
  return typeof value === "object" && value !== null && "cachedShare" in value && "windowTokens" in value;
}

function missing(dir: string, { seed }: ModelRequest): RunError {
  return new RunError(
    "model-refused",
    `the run in ${dir} holds no reply for this request (seed ${seed}): it was never there. ` +
      "Replay it with the task, strategy, seed, rounds and number of proposals that it had",
  );
}
