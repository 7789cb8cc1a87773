// Owns: finding out what a model can do: which protocol it keeps to, and what else works. Never part of a run.
import { checkOptions, checkValue, MODEL_OPTION, OPTION } from "../core/options.ts";
import { textMessage } from "../core/conversation.ts";
import type { LanguageModel, Message, ModelReply } from "../contracts/index.ts";
import {
  askerOf,
  demandClose,
  openingMessages,
  playRound,
  type AskOne,
  type Finding,
} from "./check-round.ts";
import type { Dialect } from "./catalogue/dialect.ts";
import { isEndpointModel, type EndpointModel } from "./openai/openai.ts";

/** One protocol of those that are tried. */
export type ProtocolRung = Pick<Dialect, "tools" | "constraint">;

/** How calls were written in one miniature round, and what came of it. */
export interface ProtocolCheck extends ProtocolRung {
  /** How the close was demanded. */
  readonly toolChoice: Dialect["toolChoice"];
  /** This field and the next: true, false, or why it could not be tried. */
  readonly code: Finding;
  readonly closes: Finding;
  /** What had to be repaired in its replies. */
  readonly repairs: number;
}

/** What trying a model showed. */
export interface ModelCheck {
  readonly name: string;
  /** `losses`: it can play rounds, but not all of what a round may ask for works. */
  readonly usable: "yes" | "losses" | "no";
  /** What does not work although the model can be used, as sentences. */
  readonly losses: readonly string[];
  /** Those that were tried, in order. */
  readonly protocols: readonly ProtocolCheck[];
  /** The one of them to use; null where none works, or where the model has no choice of them. */
  readonly protocol: ProtocolCheck | null;
  /** This field and the next: true, false, or why it could not be tried. */
  readonly text: Finding;
  readonly images: Finding;
  /** The most tokens that were read from the cache. */
  readonly cachedTokens: number;
  /** Whether the replies were streamed; null for a model without an endpoint, or without any reply. */
  readonly streams: boolean | null;
  /** Whether the server counted their tokens; null as above. */
  readonly reportsUsage: boolean | null;
  /** The slowest reply. */
  readonly slowestMs: number;
  readonly replies: readonly ModelReply[];
  /** The model in the protocol to use, with what was learnt about it; null for a model without an endpoint. */
  readonly model: EndpointModel | null;
}

/** Long enough for a short program, and for a thought before it; a small model that rambles costs a minute. */
const REPLY_TOKENS = 1_024;
/** Where the smallest prompt of a cache is known, the check's own is longer by this. */
const MARGIN = 1.2;

/** Eight by eight red pixels. */
const RED_PNG =
  "iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAEUlEQVR42mP4z8CAFTEMLQkAKP8/wc53yE8AAAAASUVORK5CYII=";
const PICTURE: Message = {
  role: "user",
  content: [
    { type: "text", text: "Which colour has this picture? One word." },
    { type: "image", mime: "image/png", base64: RED_PNG },
  ],
};

const LADDER: readonly ProtocolRung[] = [
  { tools: "native", constraint: "none" },
  { tools: "text", constraint: "none" },
  { tools: "fence", constraint: "none" },
  { tools: "fence", constraint: "grammar" },
];

/**
 * A miniature round in each protocol, from the model's own on, until one works without repairs; then a few words and a
 * picture. Four requests for a model that can do all, eleven at most. @throws RunError `bad-option` | `model-refused` |
 * `model-unreachable`.
 */
export async function checkModel(
  model: LanguageModel,
  options: { readonly signal: AbortSignal },
): Promise<ModelCheck> {
  checkValue("checkModel: model", model, MODEL_OPTION);
  checkOptions("checkModel", options, { signal: OPTION.signal }, ["signal"]);
  const replies: ModelReply[] = [];
  let slowestMs = 0;
  const askerFor: AskerFor = (one) =>
    askerOf(one, options.signal, (reply, tookMs) => {
      replies.push(reply);
      slowestMs = Math.max(slowestMs, tookMs);
    });
  const tries = await climbDown(model, askerFor);
  const best = tries.find(isClean) ?? tries.find(({ check }) => check.code === true);
  const used = best ?? tries[0];
  const ask = askerFor(used?.model ?? model);
  const words = [
    ...(used?.messages ?? []),
    textMessage("user", "Say in one sentence what the cell printed."),
  ];
  const { found: text } = await ask(
    { messages: words, toolChoice: "none" },
    (reply) => reply.text !== "" && reply.calls.length === 0,
  );
  const { found: images } = await ask({ messages: [PICTURE], toolChoice: "none" }, (reply) =>
    /red/i.test(reply.text),
  );
  const endpoint = used !== undefined && isEndpointModel(used.model) ? used.model : null;
  await endpoint?.learnWindow(options.signal);
  const losses = best === undefined ? [] : lossesOf(best.check, text);
  return {
    name: model.name,
    usable: best === undefined ? "no" : losses.length > 0 ? "losses" : "yes",
    losses,
    protocols: tries.map(({ check }) => check),
    protocol: best?.check ?? null,
    text,
    images,
    cachedTokens: Math.max(0, ...replies.map(({ usage }) => usage.cachedTokens)),
    streams: endpoint?.learnt.last?.streamed ?? null,
    reportsUsage: endpoint?.learnt.last?.reportsUsage ?? null,
    slowestMs,
    replies,
    model: endpoint,
  };
}

type AskerFor = (model: LanguageModel) => AskOne;

interface EndpointTry extends Try {
  readonly model: EndpointModel;
}

interface Try {
  readonly model: LanguageModel;
  readonly check: ProtocolCheck;
  readonly messages: readonly Message[];
}

/** A round in each protocol, from the model's own down, until one is clean. */
async function climbDown(model: LanguageModel, askerFor: AskerFor): Promise<readonly Try[]> {
  if (!isEndpointModel(model)) {
    const { messages, ...round } = await playRound(askerFor(model), openingMessages(0));
    return [
      { model, messages, check: { tools: "native", constraint: "none", toolChoice: "named", ...round } },
    ];
  }
  const { cache, maxOutputTokens, dialect } = model.learnt.profile;
  const opening = openingMessages(cache.minimumTokens * MARGIN);
  const limit = maxOutputTokens === null ? {} : { maxOutputTokens: Math.min(maxOutputTokens, REPLY_TOKENS) };
  const tries: EndpointTry[] = [];
  const asked: ProtocolRung[] = [];
  let next: ProtocolRung | undefined = rungOf(dialect);
  while (next !== undefined) {
    const rung: ProtocolRung = next;
    const tried = await tryProtocol(model.changed({ ...limit, dialect: rung }), rung, askerFor, opening);
    tries.push(tried);
    asked.push(rung);
    if (isClean(tried)) break;
    // A model may have been seen to do something else, or its server may take no tools: that is tried next.
    const moved = rungOf(tried.model.learnt.dialect);
    const below = LADDER.slice(LADDER.findIndex((one) => isSame(one, rung)));
    const known = [...asked, ...tries.map(({ check }) => check)];
    next = [moved, ...below].find((one) => !known.some((other) => isSame(one, other)));
  }
  return tries;
}

function rungOf({ tools, constraint }: Dialect): ProtocolRung {
  return { tools, constraint: tools === "fence" ? constraint : "none" };
}

function isSame(one: ProtocolRung, other: ProtocolRung): boolean {
  return one.tools === other.tools && one.constraint === other.constraint;
}

function leastOf(one: ProtocolRung, other: ProtocolRung): ProtocolRung["constraint"] {
  return one.constraint === "none" ? "none" : other.constraint;
}

async function tryProtocol(
  model: EndpointModel,
  asked: ProtocolRung,
  askerFor: AskerFor,
  opening: readonly Message[],
): Promise<EndpointTry> {
  const { toolChoice } = model.learnt.dialect;
  const ask = askerFor(model);
  const { messages, ...round } = await playRound(ask, opening);
  const { dialect } = model.learnt;
  // Another protocol than the one that was asked for: the server refused tools or, where a reply had to be repaired,
  // the model was seen to do something else, and the close was asked for in that.
  const isMoved = dialect.tools !== asked.tools && round.repairs > 0;
  const tools = isMoved ? asked.tools : dialect.tools;
  // A server may refuse a grammar, and the cell came without one.
  const constraint = round.code === true ? leastOf(asked, rungOf(dialect)) : asked.constraint;
  const check = { ...round, tools, constraint, toolChoice: dialect.toolChoice };
  if (isMoved)
    return { model, messages, check: { ...check, closes: "not tried: it goes on in another protocol" } };
  // A tool that was demanded by its name and did not come is demanded in words from then on.
  const isHeard = round.closes !== false || dialect.toolChoice === toolChoice;
  return {
    model,
    messages,
    check: { ...check, closes: isHeard ? round.closes : await demandClose(ask, messages) },
  };
}

function isClean({ check: { code, closes, repairs } }: Try): boolean {
  return code === true && closes === true && repairs === 0;
}

function lossesOf({ closes, repairs }: ProtocolCheck, text: Finding): readonly string[] {
  return [
    ...(closes === true ? [] : ["a round is not closed when that is demanded, so that it ends by itself"]),
    ...(repairs === 0 ? [] : ["its calls come in a form that has to be repaired"]),
    ...(text === true ? [] : ["it does not answer in words alone"]),
  ];
}
