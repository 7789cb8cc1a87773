// Owns: a round on a task that declares no `problem`: the verifier itself looks for better numbers, by the tool `improve`.
// The first search of a lineage is short, and says how many tries take a few seconds; later ones have that many.
import { ModelError } from "../../core/errors.ts";
import { randomAt } from "../../core/random.ts";
import { showChange } from "../../core/run/goal.ts";
import { isJsonObject } from "../../core/untrusted.ts";
import type { Json } from "../../contracts/index.ts";
import { lastLineOf, PLAN_TITLE, type AnsweredCall, type Situation } from "./conversation.ts";
import { draftClosing, planCalls, type CallDraft, type ReplyPlan } from "./reply-plan.ts";

/** The tool that a model is given where this round can be played. */
export const IMPROVE_TOOL = "improve";

const FIRST_TRIES = 500;
const MOST_TRIES = 100_000;
const FACTS =
  /^offline: improve tries=(\d+) valid=(\d+) pace=(\d+) start=(\S+) end=(\S+) refused=(\d+) (.*)$/m;
const PACE = /offline: pace=(\d{1,9})/g;
const HOLDS = /offline: pace=\d{1,9} holds=([a-z,]{1,40})/g;

/** What a search came to, as the tool says it. */
interface Report {
  readonly tries: number;
  readonly valid: number;
  readonly pace: number;
  readonly start: string;
  readonly end: string;
  readonly refused: number;
  readonly holds: readonly string[];
  readonly ways: string;
  readonly kept: string;
  readonly reason: string;
}

/** How each kind of values is searched. */
const METHODS: Readonly<Record<string, string>> = {
  floats: "numbers with a fraction: Nelder-Mead, CMA-ES, a quasi-Newton method, and pattern moves in the end",
  wholes: "single whole numbers: steps and leaps, by simulated annealing",
  sequences:
    "lists of whole numbers, choices and orders: exchanges, reversals, shifted parts and other values, by simulated annealing",
};

/** The plan of the round, in words: by which methods, once an earlier round knows what the submission holds. */
export function describeImproving({ text }: Situation): string {
  const holds = readHolds(text).filter((kind) => Object.hasOwn(METHODS, kind));
  const tries = writeCount(readPace(text) ?? FIRST_TRIES);
  const how =
    holds.length === 0
      ? [
          `It has ${tries} tries at first, by methods for whatever the submission holds, and then as many as take about ten seconds. ` +
            "The end of the round says what gained.",
        ]
      : [
          `It has ${tries} tries, for`,
          "",
          ...holds.map((kind, at) => `- ${METHODS[kind]}${at === holds.length - 1 ? "." : ";"}`),
        ];
  return [
    PLAN_TITLE,
    "The verifier itself looks for a better submission, starting from the present one.",
    ...how,
    "",
    "Constraints learnt from refused tries are respected. The submission is replaced only by a better one of the same types.",
  ].join("\n");
}

/** The next turn of the round. @throws ModelError where no try was valid: there is nothing to go on from. */
export function planImproveTurn(situation: Situation): ReplyPlan {
  const asked = searchesOf(situation);
  const [first] = asked;
  const pace = readPace(situation.text);
  if (first === undefined) return planCalls(draftImprove(situation.seed, pace ?? FIRST_TRIES));
  const report = asked.length === 1 && !first.isError ? readReport(first.text) : null;
  if (report === null) return planCalls(draftImproveClosing(situation));
  if (report.valid === 0 && report.tries > 0) throw new ModelError(describeRefusals(report));
  return planCalls(
    pace === null && report.pace > report.tries && report.tries > 0
      ? draftImprove(situation.seed, report.pace)
      : draftImproveClosing(situation),
  );
}

/** The closing call: what was found, in words, and how many tries a later round may take. */
export function draftImproveClosing(situation: Situation): CallDraft {
  const asked = searchesOf(situation);
  const reports = asked.flatMap((call) => readReport(call.text) ?? []);
  const failed = asked.filter(({ isError }) => isError);
  const idle = asked.filter(({ text }) => isIdle(readReport(text)));
  const lines = [
    ...reports.map(describeReport),
    ...failed.map(({ text }) => `The search failed: ${lastLineOf(text)}`),
  ];
  if (lines.length === 0) lines.push("Nothing was tried in this round.");
  const pace = reports.at(-1)?.pace ?? readPace(situation.text);
  const holds = (reports.at(-1)?.holds ?? readHolds(situation.text)).join(",");
  // Later rounds read the last line; notebooks for readers leave it out.
  const memory = pace === null ? [] : [`offline: pace=${pace}${holds === "" ? "" : ` holds=${holds}`}`];
  return draftClosing(
    situation.closingTool,
    [lines.join("\n\n"), ...memory].join("\n"),
    [...failed, ...idle].map(({ cell }) => cell),
  );
}

function searchesOf({ calls }: Situation): readonly AnsweredCall[] {
  return calls.filter(({ call }) => call.tool === IMPROVE_TOOL);
}

function draftImprove(seed: number, tries: number): CallDraft {
  const drawn = randomAt(seed, "improve").int(2 ** 31 - 1);
  return { tool: IMPROVE_TOOL, arguments: { seed: drawn, tries: Math.min(tries, MOST_TRIES) } };
}

/** How many tries an earlier round says that a search may have; null where none says it. */
export function readPace(text: string): number | null {
  const last = [...text.matchAll(PACE)].at(-1);
  return last === undefined ? null : Math.min(Math.max(Number(last[1]), 1), MOST_TRIES);
}

/** What an earlier round says that the submission holds. */
export function readHolds(text: string): readonly string[] {
  return [...text.matchAll(HOLDS)].at(-1)?.[1]?.split(",") ?? [];
}

/** What a search came to; null where the text holds no report. */
export function readReport(text: string): Report | null {
  const match = FACTS.exec(text);
  if (match === null) return null;
  const [, tries, valid, pace, start = "", end = "", refused, words = ""] = match;
  const said = readWords(words);
  const numbers = {
    tries: Number(tries),
    valid: Number(valid),
    pace: Number(pace),
    refused: Number(refused),
  };
  return { ...numbers, start, end, ...said };
}

function readWords(text: string): Pick<Report, "holds" | "ways" | "kept" | "reason"> {
  let said: Json = null;
  try {
    said = JSON.parse(text);
  } catch {
    // Cut off, or not of the tool: the numbers are enough.
  }
  const { holds, ways, kept, reason } = isJsonObject(said) ? said : {};
  return {
    holds: Array.isArray(holds) ? holds.map(String).filter((kind) => Object.hasOwn(METHODS, kind)) : [],
    ways: Array.isArray(ways) ? ways.map(String).join(", ") : "",
    kept: typeof kept === "string" ? kept : "",
    reason: typeof reason === "string" ? reason : "",
  };
}

/** Whether a search found nothing better: its cell only says so. */
function isIdle(report: Report | null): boolean {
  return report !== null && report.start === report.end;
}

function describeReport(report: Report): string {
  const { tries, valid, ways, kept, reason } = report;
  const [start, end] = showChange(report.start, report.end);
  const found = isIdle(report)
    ? `none was better than ${start}`
    : `${start} -> ${end}${ways === "" ? "" : `, by ${ways}`}`;
  if (tries === 0)
    return `The submission cannot be changed without knowing the task: ${reason || "it holds no numbers, and no lists of texts"}.`;
  if (valid === 0) return `${describeRefusals(report)}.`;
  const keeping = kept === "" ? "" : ` To be valid, tries had to keep ${kept}.`;
  return `The verifier judged ${writeCount(tries)} tries, ${writeCount(valid)} of them valid: ${found}.${keeping}`;
}

function describeRefusals({ tries, reason, refused }: Report): string {
  return `0 of ${writeCount(tries)} tries were valid: ${reason || "the verifier gave no reason"} (${writeCount(refused)} times)`;
}

const writeCount = (count: number): string => count.toLocaleString("en-US");
