// Owns: `nbevolve models` and `nbevolve models check`: what is known about models, and what one can really do.
import type { Command } from "commander";
import { RunError } from "../../core/errors.ts";
import { addUsage } from "../../core/run/usage.ts";
import { checkModel, type ModelCheck } from "../../models/check-model.ts";
import type { ModelNotice } from "../../models/signals/notice.ts";
import { isEndpointModel, type EndpointModel, type LearntFacts } from "../../models/openai/openai.ts";
import { toProfileChanges } from "../../models/catalogue/profile-text.ts";
import { knownModels, type KnownModel } from "../../models/catalogue/profiles.ts";
import type { LanguageModel } from "../../contracts/index.ts";
import { EXIT } from "../exit-codes.ts";
import { runInterruptible } from "../interrupts.ts";
import { addModelFlags, modelNamed, type ModelFlags } from "../flags/model-flags.ts";

interface CheckFlags extends ModelFlags {
  readonly json?: boolean;
}

export function defineModelsCommand(command: Command): void {
  command.option("--json", "Print the list as JSON.").action(({ json }: { readonly json?: boolean }) => {
    const known = knownModels();
    process.stdout.write(json === true ? `${JSON.stringify(known)}\n` : listText(known));
  });
  const check = command
    .command("check")
    .description(
      "Test tools, pictures, streaming, token counts and caching of a model in one cheap conversation.",
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

/** A person waits for the answer: with its retries, a name that does not resolve takes 30 s, and not 5 minutes as in a run. */
const CHECK_OUTAGE_MS = 10_000;

/** Resolves to the exit code: 1 when the model cannot play a round. @throws RunError. */
function checkNamedModel(flags: CheckFlags): Promise<number> {
  const { model: spec } = flags;
  if (spec === undefined)
    throw new RunError("bad-option", "name the model to check: nbevolve models check --model gpt-5-mini");
  return runInterruptible(async (signal, say) => {
    const notices: ModelNotice[] = [];
    const onNotice = (notice: ModelNotice): void => {
      notices.push(notice);
      if (notice.type === "retried" || notice.type === "slowed") say(notice.message);
    };
    const model = await modelNamed(spec, flags, onNotice, { maxOutageMs: CHECK_OUTAGE_MS });
    if (!isEndpointModel(model))
      throw new RunError("bad-option", `${spec} is not behind an endpoint: there is nothing to check`);
    say(`asking ${model.name} four times, about 20,000 tokens in all ...`);
    const check = await checkModel(model, { signal });
    process.stdout.write(
      flags.json === true
        ? `${JSON.stringify({ ...check, usable: isUsable(check), notices })}\n`
        : checkText(check, model, notices),
    );
    return isUsable(check) ? EXIT.done : EXIT.failed;
  });
}

/** A round needs a plan in words and tool calls. Everything else is optional. */
function isUsable({ text, calls }: ModelCheck): boolean {
  return text === true && calls === true;
}

function checkText(check: ModelCheck, model: EndpointModel, notices: readonly ModelNotice[]): string {
  const { learnt } = model;
  const usage = check.replies.map((reply) => reply.usage).reduce(addUsage, NOTHING);
  const cost = usage.costUsd === null ? "cost unknown" : `$${usage.costUsd.toFixed(4)}`;
  const mended = notices.filter(({ type }) => type === "repaired" || type === "adapted");
  const lines = [
    row("writes text", answerText(check.text)),
    row("calls tools", callsText(answerText(check.calls), learnt)),
    row("several calls in one reply", answerText(check.parallelCalls)),
    row("calls the tool that is demanded", answerText(check.namedTool)),
    row("sees pictures", picturesText(check, model)),
    row("streams", answerText(check.streams ?? "no reply")),
    row("counts its tokens", answerText(check.reportsUsage ?? "no reply")),
    row("caches a prompt", check.cachedTokens > 0 ? `yes (${check.cachedTokens} tokens)` : "not seen"),
    row("slowest reply", `${(check.slowestMs / 1000).toFixed(1)} s`),
    row("taken", `${usage.inputTokens + usage.outputTokens} tokens, ${cost}`),
    ...mended.map(({ type, message }) => row(type, message)),
    "",
    isUsable(check)
      ? `${check.name} can be used.`
      : `${check.name} cannot play a round: it must write text and call tools.`,
    ...profileLines(check, learnt),
  ];
  return `${lines.join("\n")}\n`;
}

const NOTHING = { inputTokens: 0, cachedTokens: 0, outputTokens: 0, costUsd: 0 };

function row(what: string, value: string): string {
  return `${what.padEnd(32)} ${value}`;
}

function answerText(found: boolean | string): string {
  if (typeof found === "string") return found;
  return found ? "yes" : "no";
}

function callsText(words: string, learnt: LearntFacts): string {
  return learnt.dialect.tools === "text"
    ? `${words} (written in its text: the server takes no tools)`
    : words;
}

/** A model that is not known to see pictures gets one too: its answer decides. */
function picturesText({ images }: ModelCheck, { seesImages }: LanguageModel): string {
  if (images !== true || seesImages) return answerText(images);
  return "yes, though it is not known to: give the profile below";
}

/** The profile with which the next run knows all of this from its start. */
function profileLines(check: ModelCheck, learnt: LearntFacts): readonly string[] {
  const changes = toProfileChanges(learnt, check.images === true);
  if (Object.keys(changes).length === 0) return ["Its built-in profile is right."];
  const json = JSON.stringify(changes);
  return [
    "Its profile, where it differs from what is built in (contextTokens null: put in what you know):",
    `  nbevolve run ... --profile '${json}'`,
    `  openai({ model: ${JSON.stringify(check.name)}, profile: ${json} })`,
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
  const table = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...table.map((line) => line[column]?.length ?? 0)));
  const lines = table.map((line) => line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  "));
  const price = known.find(({ profile }) => profile.price !== null)?.profile.price;
  return [
    ...lines.map((line) => line.trimEnd()),
    "",
    ...(price == null ? [] : [`Prices as of ${price.asOf}: ${price.source}.`]),
    "Any other model of an OpenAI-compatible server works too, with safe defaults and no known price.",
    "",
  ].join("\n");
}
