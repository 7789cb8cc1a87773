// Owns: what a task's notebook says at metadata.nbevolve, with the defaults of what it does not say.
import { z } from "zod";
import type { DescriptorSpec, Direction, Limits, NotebookMetadata, TaskNeeds } from "../contracts/index.ts";
import { didYouMean, nearest } from "../core/nearest-word.ts";
import { packageProblem, readPackage } from "../core/python/package-names.ts";
import { type Checked } from "./problems.ts";
import { isExpression } from "./python-source.ts";

export const DEFAULT_LIMITS: Limits = {
  turnsPerRound: 12,
  callsPerRound: 24,
  cellTimeoutMs: 120_000,
  roundTimeoutMs: 900_000,
  tokensPerEpisode: 400_000,
  verifierTimeoutMs: 30_000,
  verifierMemoryMb: 2_048,
  contextTokens: 12_000,
};

export interface TaskSettings {
  readonly direction: Direction;
  readonly submission: string;
  readonly limits: Limits;
  readonly descriptors: readonly DescriptorSpec[];
  readonly target: number | null;
  readonly needs?: TaskNeeds;
  readonly packages?: readonly string[];
  readonly bestKnown?: number;
  readonly resolution?: number;
  /** Null: the file's name is the task's. */
  readonly name: string | null;
}

const limit = z.int().positive().exactOptional();
const SETTINGS = z.strictObject({
  direction: z.enum(["maximize", "minimize"]).exactOptional(),
  submission: z
    .string()
    .trim()
    .refine(isExpression, "must be one Python expression, such as the name of a variable")
    .exactOptional(),
  limits: z
    .strictObject({
      turnsPerRound: limit,
      callsPerRound: limit,
      cellTimeoutMs: limit,
      roundTimeoutMs: limit,
      tokensPerEpisode: limit,
      verifierTimeoutMs: limit,
      verifierMemoryMb: limit,
      contextTokens: limit,
    } satisfies Record<keyof Limits, typeof limit>)
    .exactOptional(),
  descriptors: z
    .array(
      z
        .strictObject({
          metric: z.string().min(1),
          min: z.number(),
          max: z.number(),
          bins: z.int().min(1).max(10_000),
        })
        .refine((range) => range.min < range.max, "min must be less than max"),
    )
    .exactOptional(),
  needs: z
    .strictObject({
      env: z.array(z.string().regex(/^[A-Za-z_]\w{0,99}$/, "must be the name of a variable")).exactOptional(),
      read: z.array(z.string()).exactOptional(),
    } satisfies Record<keyof TaskNeeds, z.ZodType>)
    .exactOptional(),
  packages: z.array(z.string()).exactOptional(),
  target: z.number().nullable().exactOptional(),
  bestKnown: z.number().exactOptional(),
  resolution: z.number().min(0).max(0.1).exactOptional(),
  name: z
    .string()
    .regex(/^[^\s/\\.][^/\\\n]{0,99}$/, "must be one line of up to 100 characters without slashes")
    .exactOptional(),
});

const KNOWN: Readonly<Record<string, readonly string[]>> = {
  "": Object.keys(SETTINGS.shape),
  limits: Object.keys(DEFAULT_LIMITS),
  needs: ["env", "read"],
  descriptors: ["metric", "min", "max", "bins"],
};
/** What nbevolve itself writes there while a notebook evolves: a best notebook may become a task in its turn. */
const BOOKKEEPING = ["cells", "executions", "rounds", "branch", "parents", "operator", "score", "task"];

/** The task's settings; unknown keys and wrong values are problems. */
export function readSettings(metadata: NotebookMetadata): Checked<TaskSettings> {
  const own = Object.entries(metadata.nbevolve ?? {}).filter(([key]) => !BOOKKEEPING.includes(key));
  const parsed = SETTINGS.safeParse(Object.fromEntries(own), { reportInput: true });
  const said = parsed.data ?? {};
  return {
    value: {
      direction: said.direction ?? "maximize",
      submission: said.submission ?? "submission",
      limits: { ...DEFAULT_LIMITS, ...said.limits },
      descriptors: said.descriptors ?? [],
      target: said.target ?? null,
      ...(said.needs !== undefined && { needs: { env: [], read: [], ...said.needs } }),
      ...(said.packages !== undefined && {
        packages: said.packages.map((text) => readPackage(text) ?? text),
      }),
      ...(said.bestKnown !== undefined && { bestKnown: said.bestKnown }),
      ...(said.resolution !== undefined && { resolution: said.resolution }),
      name: said.name ?? null,
    },
    problems: [
      ...misspeltSettings(metadata),
      ...(parsed.error?.issues.flatMap(describeIssue) ?? []),
      ...(said.packages ?? []).flatMap(packageProblems),
      ...kernelProblems(metadata),
    ],
  };
}

function misspeltSettings(metadata: NotebookMetadata): readonly string[] {
  return Object.keys(metadata)
    .filter((key) => nearest(key, ["nbevolve"]) !== null)
    .map((key) => `notebook metadata "${key}": unknown${didYouMean(key, ["nbevolve"])}`);
}

function describeIssue(issue: z.core.$ZodIssue): readonly string[] {
  const path = ["nbevolve", ...issue.path].join(".");
  if (issue.code === "unrecognized_keys") {
    const known = KNOWN[String(issue.path[0] ?? "")] ?? [];
    return issue.keys.map(
      (key) =>
        `notebook metadata ${path}.${key}: unknown key${didYouMean(key, known) || `; known: ${known.join(", ")}`}`,
    );
  }
  const choices = issue.code === "invalid_value" ? issue.values.map(String) : [];
  const found = typeof issue.input === "string" ? didYouMean(issue.input, choices) || asList(issue) : "";
  return [`notebook metadata ${path}: ${issue.message}${found}`];
}

/** A text where a list of texts belongs. */
function asList({ code, input, ...issue }: z.core.$ZodIssue): string {
  const isList = code === "invalid_type" && "expected" in issue && issue.expected === "array";
  return isList && typeof input === "string" ? `; write [${JSON.stringify(input.slice(0, 100))}]` : "";
}

function packageProblems(text: string, at: number): readonly string[] {
  const problem = packageProblem(text);
  return problem === null
    ? []
    : [`notebook metadata nbevolve.packages.${at}: ${JSON.stringify(text.slice(0, 100))} ${problem}`];
}

function kernelProblems({ kernelspec, language_info }: NotebookMetadata): readonly string[] {
  const language = languageOf(kernelspec, "language") ?? languageOf(language_info, "name");
  if (language === null || /^i?python/i.test(language)) return [];
  return [`notebook metadata: its kernel is for ${language}; choose a Python kernel in Jupyter and save`];
}

function languageOf(value: unknown, key: string): string | null {
  if (typeof value !== "object" || value === null) return null;
  const language: unknown = Object.entries(value).find(([name]) => name === key)?.[1];
  return typeof language === "string" ? language : null;
}
