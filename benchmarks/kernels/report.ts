// Owns: the kernel benchmark's figures as Markdown. Pure.
import type { Boxes, Children, GenerationFigures, LineageFigures } from "./many.ts";
import type { CellTimes, DumpAndLoad, Peers } from "./peers.ts";
import type { StateTimes } from "./states.ts";

export interface KernelsFigures {
  readonly machine: { readonly cores: number; readonly loadBefore: number; readonly loadAfter: number };
  /** Null, here and below, where it could not be measured: `problems` says why. */
  readonly cells: CellTimes | null;
  readonly peers: Peers | null;
  readonly states: readonly StateTimes[];
  readonly children: Children | null;
  readonly boxes: Boxes | null;
  readonly generations: LineageFigures | null;
  readonly sandbox: SandboxFigures | null;
  /** What ended before its time, and why. */
  readonly problems: readonly string[];
}

/** The same cells and children without the sandbox, or why there is no sandbox. */
export type SandboxFigures =
  { readonly off: CellTimes; readonly childrenOff: Children } | { readonly unavailable: string };

export function kernelsReport(bench: KernelsFigures): string {
  const { machine, states, sandbox, problems } = bench;
  return [
    `${machine.cores} cores; load ${machine.loadBefore.toFixed(1)} before, ${machine.loadAfter.toFixed(1)} after. ` +
      "In brackets: ours divided by theirs.",
    "",
    ...cellsPart(bench),
    ...table([
      "state",
      "checkpoint",
      "fork, to the first value",
      "replay",
      "dill dump + load",
      "cloudpickle dump + load",
      "child: private",
      "PSS",
    ]),
    ...states.map(stateRow),
    "",
    ...manyPart(bench),
    ...(sandbox !== null && "unavailable" in sandbox ? ["", `No sandbox here: ${sandbox.unavailable}`] : []),
    ...problems.map((problem) => `\nNot measured to its end. ${problem}`),
    "",
  ].join("\n");
}

function cellsPart({ cells, peers, sandbox }: KernelsFigures): readonly string[] {
  if (cells === null) return [];
  const off = sandbox !== null && "off" in sandbox ? sandbox.off : null;
  const row = (name: string, what: keyof CellTimes): string =>
    line([
      name,
      ms(cells[what]),
      beside(peers?.nbclient?.[what], cells[what]),
      beside(peers?.jupyter_client?.[what], cells[what]),
      beside(off?.[what], cells[what]),
    ]);
  return [
    ...table(["cells", "ours, in the sandbox", "nbclient", "jupyter_client", "ours without the sandbox"]),
    row("round trip of `x = 1`", "trip"),
    row("200 small cells", "cells"),
    row("10 MB of output", "output"),
    "",
  ];
}

function manyPart({ children, boxes, generations, peers, sandbox }: KernelsFigures): readonly string[] {
  const off =
    sandbox !== null && "off" in sandbox ? ` (${ms(sandbox.childrenOff.ms)} without the sandbox)` : "";
  const plain =
    peers === null || boxes === null
      ? ""
      : ` (one that jupyter_client starts: ${ms(peers.start)}, ${ratio(boxes.waitingMs, peers.start)})`;
  return [
    children === null
      ? ""
      : `${children.count} children at once of 100 MB: ${ms(children.ms)}${off}; ` +
        `each ${mb(children.privateMb)} private, ${mb(children.pssMb)} PSS.\n`,
    boxes === null
      ? ""
      : `A fresh kernel where one waits in a box of its own: ${ms(boxes.waitingMs)} to the first value${plain}. ${boxes.count} of them at once, ` +
        `each in a box: ${ms(boxes.ms)}; each box ${mb(boxes.boxMb)} beside its kernel.\n`,
    ...(generations === null ? [] : lineagePart(generations)),
  ];
}

function lineagePart({ medianMs, seen }: LineageFigures): readonly string[] {
  return [
    `A lineage of ${seen.at(-1)?.generation ?? 0} generations, each a cell, its checkpoint, the end of its kernel and a child to the ` +
      `first value: ${ms(medianMs)} a generation.`,
    "",
    ...table(["generation", "descriptors", "threads", "processes of the pool", "private", "PSS", "resident"]),
    ...seen.map(generationRow),
  ];
}

function stateRow(state: StateTimes): string {
  return line([
    state.state,
    ms(state.checkpointMs),
    ms(state.forkMs),
    `${ms(state.replayMs)} (${ratio(state.forkMs, state.replayMs)})`,
    dumpAndLoad(state.dillMs, state.forkMs),
    dumpAndLoad(state.cloudpickleMs, state.forkMs),
    mb(state.childPrivateMb),
    mb(state.childPssMb),
  ]);
}

function generationRow(one: GenerationFigures): string {
  const { generation, descriptors, threads, processes, privateMb, pssMb, residentMb } = one;
  return line([
    ...[generation, descriptors, threads, processes].map(String),
    ...[privateMb, pssMb, residentMb].map(mb),
  ]);
}

/** With the ratio of our restore to their load. */
function dumpAndLoad(times: DumpAndLoad | null, forkMs: number): string {
  if (times === null) return "not installed";
  return `${ms(times.dump)} + ${ms(times.load)} (${ratio(forkMs, times.load)})`;
}

const table = (heads: readonly string[]): readonly string[] => [line(heads), line(heads.map(() => "---"))];
const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
const beside = (theirs: number | undefined, ours: number): string =>
  theirs === undefined ? "not there" : `${ms(theirs)} (${ratio(ours, theirs)})`;
const ms = (value: number): string => `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
const mb = (value: number): string => `${Math.round(value)} MB`;
const ratio = (ours: number, theirs: number): string =>
  `${(ours / theirs).toFixed(ours < theirs / 100 ? 4 : 2)}x`;
