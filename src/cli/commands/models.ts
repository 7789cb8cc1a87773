// Owns: `nbevolve models` and `nbevolve models check`: what is known about models, and what one can really do.
import type { Command } from "commander";
import { RunError } from "../../core/errors.ts";
import { ownCommand } from "../../core/shell-words.ts";
import { addUsage, tokensOf } from "../../core/run/usage.ts";
import {
  checkModel,
  type ModelCheck,
  type ProtocolCheck,
  type ProtocolRung,
} from "../../models/check-model.ts";
import { answersText } from "../../models/first-question.ts";
import type { ModelNotice } from "../../models/signals/notice.ts";
import { isEndpointModel } from "../../models/openai/openai.ts";
import { readProfileChanges, toProfileChanges } from "../../models/catalogue/profile-text.ts";
import {
  joinChanges,
  knownModels,
  type KnownModel,
  type ProfileChanges,
} from "../../models/catalogue/profiles.ts";
import type { LanguageModel } from "../../contracts/index.ts";
import { EXIT } from "../exit-codes.ts";
import { runInterruptible } from "../interrupts.ts";
import { addModelFlags, modelNamed, type ModelFlags } from "../flags/model-flags.ts";
import { costText } from "../terminal/run-facts.ts";
import { alignColumns, print, printJson } from "../terminal/screen.ts";

interface CheckFlags extends ModelFlags {
  readonly json?: boolean;
}

export function defineModelsCommand(command: Command): void {
  command.option("--json", "Print the list as JSON.").action(({ json }: { readonly json?: boolean }) => {
    const known = knownModels();
    if (json === true) printJson(known);
    else print(listText(known));
  });
  const check = command
    .command("check")
    .description(
      "Play a round in miniature with a model, and print the profile with which it works best. Exit code 5: it can be used with losses.",
    )
    .option("--json", "Print the result as JSON.")
    .action(async (flags: CheckFlags) => {
      // `models --json check` has the flag before the subcommand.
      process.exitCode = await checkNamedModel({ ...command.opts(), ...flags });
    });
  addModelFlags(
    check,
    "The model to check: <name> or openai:<name>, asked by chat completions, or responses:<name>, asked by OpenAI's Responses API.",
  );
}

/** Resolves to the exit code: 1 when the model cannot play a round, 5 when it can with losses. @throws RunError. */
function checkNamedModel(flags: CheckFlags): Promise<number> {
  const { model: spec } = flags;
  if (spec === undefined)
    throw new RunError("bad-option", "name the model to check: npx nbevolve models check --model gpt-5-mini");
  return runInterruptible(async (signal, say) => {
    const notices: ModelNotice[] = [];
    const onNotice = (notice: ModelNotice): void => {
      notices.push(notice);
      if (notice.type === "retried" || notice.type === "slowed") say(notice.message);
      if (notice.type === "proxied" && notices.filter(({ type }) => type === "proxied").length === 1)
        say(notice.message);
    };
    const model = await modelNamed(spec, flags, onNotice);
    if (!isEndpointModel(model))
      throw new RunError("bad-option", `${spec} is not behind an endpoint: there is nothing to check`);
    say(answersText([await model.tryOut(signal)]));
    say(`playing a round in miniature with ${model.name}: 4 to 9 requests ...`);
    const { model: checked, ...check } = await checkModel(model, { signal });
    const seen = {
      seesImages: check.images === true,
      cachedTokens: check.cachedTokens,
      isAble: check.usable === "yes" && check.protocol?.tools === "native",
    };
    const changes = toProfileChanges(model.learnt.profile, (checked ?? model).learnt, seen);
    const given = flags.profile === undefined ? {} : readProfileChanges(flags.profile);
    const profile = joinChanges(given, changes);
    if (flags.json === true) printJson({ ...check, profile, notices });
    else print(checkText(check, model, profile, notices));
    return EXIT_CODES[check.usable];
  });
}

const EXIT_CODES = { yes: EXIT.done, losses: EXIT.losses, no: EXIT.failed } as const;

type Findings = Omit<ModelCheck, "model">;

function checkText(
  check: Findings,
  model: LanguageModel,
  profile: ProfileChanges,
  notices: readonly ModelNotice[],
): string {
  const usage = check.replies.map((reply) => reply.usage).reduce(addUsage, NOTHING);
  const cost = costText(usage.costUsd);
  const mended = notices.filter(({ type }) => type === "repaired" || type === "adapted");
  const lines = [
    ...check.protocols.flatMap((protocol) => protocolRows(protocol)),
    row("answers in words", answerText(check.text)),
    row("sees pictures", picturesText(check, model)),
    row("streams", answerText(check.streams ?? "no reply")),
    row("counts its tokens", answerText(check.reportsUsage ?? "no reply")),
    row("caches a prompt", check.cachedTokens > 0 ? `yes (${check.cachedTokens} tokens)` : "not seen"),
    row("window", profile.contextTokens == null ? windowText(model) : `${profile.contextTokens} tokens`),
    row("slowest reply", `${(check.slowestMs / 1000).toFixed(1)} s`),
    row("taken", `${tokensOf(usage)} tokens, ${cost}`),
    ...mended.map(({ type, message }) => row(type, message)),
    "",
    verdictText(check),
    ...profileLines(check, profile),
  ];
  return `${lines.join("\n")}\n`;
}

const NOTHING = { inputTokens: 0, cachedTokens: 0, outputTokens: 0, costUsd: 0 };

const PROTOCOLS = {
  native: "tool calls",
  text: "calls written in its text",
  fence: "a block of code a turn",
} as const;

function protocolName({ tools, constraint }: ProtocolRung): string {
  return constraint === "grammar" ? `${PROTOCOLS[tools]}, held to it by a grammar` : PROTOCOLS[tools];
}

function protocolRows(protocol: ProtocolCheck): readonly string[] {
  const { tools, toolChoice, code, closes, repairs } = protocol;
  const name = protocolName(protocol);
  const demand = tools === "native" && closes === true ? ` (tool_choice: ${toolChoice})` : "";
  return [
    row(`${name}: runs a cell`, answerText(code)),
    ...(code === true ? [row(`${name}: closes on demand`, `${answerText(closes)}${demand}`)] : []),
    ...(repairs > 0 ? [row(`${name}: repairs`, String(repairs))] : []),
  ];
}

function verdictText({ name, usable, losses, protocol }: Findings): string {
  if (protocol === null)
    return `${name} cannot be used: in no protocol did it write the cell that it was asked for.`;
  const how = `by ${protocolName(protocol)}`;
  return usable === "yes"
    ? `${name} can be used, ${how}.`
    : `${name} can be used with losses, ${how}: ${losses.join("; ")}.`;
}

function row(what: string, value: string): string {
  return `${what.padEnd(44)} ${value}`;
}

function answerText(found: boolean | string): string {
  if (typeof found === "string") return found;
  return found ? "yes" : "no";
}

function windowText(model: LanguageModel): string {
  const tokens = model.pricing?.windowTokens ?? null;
  return tokens === null ? "the server does not say" : `${tokens} tokens`;
}

/** A model that is not known to see pictures gets one too: its answer decides. */
function picturesText({ images }: Findings, { seesImages }: LanguageModel): string {
  if (images !== true || seesImages) return answerText(images);
  return "yes, though it is not known to: give the profile below";
}

/** The profile with which the next run knows all of this from its start. */
function profileLines({ name, protocol }: Findings, profile: ProfileChanges): readonly string[] {
  if (protocol === null) return [];
  if (Object.keys(profile).length === 0) return ["Its built-in profile is right."];
  const json = JSON.stringify(profile);
  const missing = profile.contextTokens === null ? " (contextTokens null: put in what you know)" : "";
  return [
    `Its profile, where it differs from what is built in${missing}:`,
    `  ${ownCommand("run", "TASK", "--profile", json)}`,
    `  openai({ model: ${JSON.stringify(name)}, profile: ${json} })`,
  ];
}

function listText(known: readonly KnownModel[]): string {
  const head = ["model", "provider", "context", "pictures", "cache", "USD a million: in", "cached", "out"];
  const rows = known.map(({ model, provider, profile: { contextTokens, seesImages, cache, price } }) => [
    model,
    provider,
    contextTokens === null ? "unknown" : String(contextTokens),
    seesImages ? "yes" : "no",
    cache.matching,
    ...(price === null
      ? ["unknown", "", ""]
      : [price.inputUsd, price.cachedUsd, price.outputUsd].map(String)),
  ]);
  const price = known.find(({ profile }) => profile.price !== null)?.profile.price;
  return [
    ...alignColumns([head, ...rows]),
    "",
    ...(price == null ? [] : [`Prices as of ${price.asOf}: ${price.source}.`]),
    "Any other model of an OpenAI-compatible server works too, with safe defaults and no known price.",
    "",
  ].join("\n");
}
