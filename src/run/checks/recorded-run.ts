// Owns: a model that replies from a run's journal, and checks that it is asked the same. Never writes.
import { contentOf } from "../../core/conversation.ts";
import { checkOptions, oneOf, OPTION } from "../../core/options.ts";
import { RunError } from "../../core/errors.ts";
import { readJson } from "../../loop/json-blob.ts";
import { readRequest } from "../../loop/turn-journal.ts";
import { ModelFailure } from "../../models/signals/failure.ts";
import type {
  JsonObject,
  LanguageModel,
  Message,
  ModelReply,
  ModelRequest,
  Pricing,
} from "../../contracts/index.ts";
import { openRunStore } from "../../store/index.ts";
import { readRecordedTurns } from "./recorded-turns.ts";

/** Which recorded run answers, and who hears of differences. */
export interface RecordedRunOptions {
  /**
   * `place` (default): a reply is given by its place in the run, also where the request differs, as by the time that
   * a cell took; `onDifference` hears the first. `exact`: a request that differs stops the run.
   */
  readonly match?: "place" | "exact";
  /** Hears of the first request that differs, in words. */
  readonly onDifference?: (what: string) => void;
}

/**
 * The model of a run, from its journal; the run is read once, now.
 * @throws RunError `run-missing`; `model-refused` (from `reply`) for a place that the run never came to, and with
 * `exact` for another request.
 */
export async function recordedRun(dir: string, options: RecordedRunOptions = {}): Promise<LanguageModel> {
  checkOptions<RecordedRunOptions>("recordedRun", options, {
    match: oneOf("place", "exact"),
    onDifference: OPTION.callback,
  });
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
      if (turn === undefined) throw noReplyError(dir, request);
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

function noReplyError(dir: string, { seed }: ModelRequest): RunError {
  return new RunError(
    "model-refused",
    `the run in ${dir} holds no reply for this request (seed ${seed}): it was never there. ` +
      "Replay it with the task, strategy, seed, rounds and number of proposals that it had",
  );
}

/** The first difference; null when they are the same for a model. */
export function requestDifference(recorded: ModelRequest, asked: ModelRequest): string | null {
  for (const what of ["tools", "toolChoice", "breakpoints", "seed"] as const) {
    const [was, is] = [JSON.stringify(seenOf(recorded, what)), JSON.stringify(seenOf(asked, what))];
    if (was !== is) return `${what}: ${clipJson(was)} was recorded, ${clipJson(is)} is asked`;
  }
  const [was, is] = [recorded.messages, asked.messages];
  const at = is.findIndex((message, index) => JSON.stringify(message) !== JSON.stringify(was[index]));
  if (at === -1 && was.length === is.length) return null;
  const place = at === -1 ? is.length : at;
  return `message ${place + 1} of ${is.length} (${was.length} were recorded): ${messageDifference(was[place], is[place])}`;
}

/** Marks that no provider is sent tell no two lists of tools apart: older runs lack the newer ones. */
function seenOf(request: ModelRequest, what: "tools" | "toolChoice" | "breakpoints" | "seed"): unknown {
  if (what !== "tools") return request[what];
  return request.tools.map(({ name, description, parameters }) => ({ name, description, parameters }));
}

function messageDifference(was: Message | undefined, is: Message | undefined): string {
  if (was === undefined || is === undefined) return was === undefined ? "it was not there" : "it is missing";
  if (was.role !== is.role) return `role ${was.role} was recorded, ${is.role} is asked`;
  const [before, now] = [contentOf(was).text, contentOf(is).text];
  if (before === now) return `${is.role}: the words are the same, calls or pictures differ`;
  let at = 0;
  while (before[at] === now[at]) at++;
  const from = Math.max(0, at - 20);
  const around = (text: string): string => JSON.stringify(text.slice(from, at + 40));
  return `${is.role}, character ${at + 1}: ${around(before)} was recorded, ${around(now)} is asked`;
}

function clipJson(text: string): string {
  return text.length <= 120 ? text : `${text.slice(0, 120)}...`;
}
