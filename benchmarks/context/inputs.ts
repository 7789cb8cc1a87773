// Owns: the benchmark's fixed inputs - scenario traces and real notebooks - from a folder beside the checkout.
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { RunError } from "../../src/core/errors.ts";
import { loadOutputs } from "../../src/core/notebook/load-output.ts";
import { isRecord } from "../../src/core/untrusted.ts";
import type { Output } from "../../src/contracts/index.ts";

export interface TraceStep {
  readonly op: "md" | "new" | "edit" | "read";
  /** The scenario's own name of the cell. */
  readonly key: string;
  readonly source: string;
  /** The source before an edit. */
  readonly old: string;
  readonly say: string;
  readonly outputs: readonly Output[];
  readonly failed: boolean;
}
export interface TraceRound {
  readonly steps: readonly TraceStep[];
  readonly summary: string;
  /** Keys of cells that the round pins and drops. */
  readonly keep: string;
  readonly drop: string;
}
export interface Trace {
  readonly name: string;
  readonly rounds: readonly TraceRound[];
  /** First 16 digits of the file's SHA-256. */
  readonly sha256: string;
}
export interface NotebookFile {
  readonly name: string;
  readonly text: string;
}

/** The scenarios in `<dir>/traces`, by name. @throws RunError `bad-option` when there are none. */
export function readTraces(dir: string): readonly Trace[] {
  return filesIn(join(dir, "traces"), ".json").map(({ name, text }) => {
    const value: unknown = JSON.parse(text);
    const rounds = isRecord(value) && Array.isArray(value["rounds"]) ? value["rounds"] : [];
    const sha256 = createHash("sha256").update(text).digest("hex").slice(0, 16);
    return { name: name.replace(".json", ""), rounds: rounds.map(roundOf), sha256 };
  });
}

/** The notebooks in `<dir>/notebooks`, by name. @throws RunError `bad-option` when there are none. */
export function readNotebooks(dir: string): readonly NotebookFile[] {
  return filesIn(join(dir, "notebooks"), ".ipynb");
}

function filesIn(dir: string, ending: string): NotebookFile[] {
  const names = existsSync(dir) ? readdirSync(dir).filter((name) => name.endsWith(ending)) : [];
  if (names.length === 0) {
    throw new RunError(
      "bad-option",
      `there are no ${ending} files in ${dir}; name their folder with --inputs`,
    );
  }
  return names.toSorted().map((name) => ({ name, text: readFileSync(join(dir, name), "utf8") }));
}

function roundOf(value: unknown): TraceRound {
  const round = isRecord(value) ? value : {};
  const steps = Array.isArray(round["steps"]) ? round["steps"].map(stepOf) : [];
  return {
    steps,
    summary: textAt(round, "summary"),
    keep: textAt(round, "keep"),
    drop: textAt(round, "drop"),
  };
}

function stepOf(value: unknown): TraceStep {
  const step = isRecord(value) ? value : {};
  const op = textAt(step, "op");
  return {
    op: op === "md" || op === "edit" || op === "read" ? op : "new",
    key: textAt(step, "key"),
    source: textAt(step, "source"),
    old: textAt(step, "old"),
    say: textAt(step, "say"),
    outputs: loadOutputs(step["outputs"]),
    failed: step["err"] === true,
  };
}

function textAt(holder: { readonly [key: string]: unknown }, key: string): string {
  const value = holder[key];
  return typeof value === "string" ? value : "";
}
