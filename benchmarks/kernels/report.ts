// Owns: the kernel benchmark's figures as Markdown. Pure.
import type { KernelsBench, StateTimes } from "./index.ts";

export function kernelsReport(bench: KernelsBench): string {
  const { roundTripMs, nbclientMs, jupyterClientMs, children } = bench;
  return [
    `Round trip of \`x = 1\`: ${ms(roundTripMs)}; nbclient ${ms(nbclientMs)}${ratio(roundTripMs, nbclientMs)}; ` +
      `jupyter_client ${ms(jupyterClientMs)}${ratio(roundTripMs, jupyterClientMs)}.`,
    "",
    "| numpy state | checkpoint | fork, to the first value | replay | cloudpickle dump + load | child: private | PSS |",
    "| --- | --- | --- | --- | --- | --- | --- |",
    ...bench.states.map(row),
    "",
    `${children.count} children at once of 100 MB: ${ms(children.ms)}; each ${mb(children.privateMb)} private, ` +
      `${mb(children.pssMb)} PSS.`,
    "",
  ].join("\n");
}

function row(state: StateTimes): string {
  const { dump, load } = state.cloudpickleMs ?? { dump: null, load: null };
  const cells = [
    mb(state.megabytes),
    ms(state.checkpointMs),
    ms(state.forkMs),
    ms(state.replayMs),
    `${ms(dump)} + ${ms(load)}`,
    mb(state.childPrivateMb),
    mb(state.childPssMb),
  ];
  return `| ${cells.join(" | ")} |`;
}

const ms = (value: number | null): string =>
  value === null ? "not there" : `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
const mb = (value: number): string => `${Math.round(value)} MB`;
const ratio = (value: number, peer: number | null): string =>
  peer === null ? "" : ` (ours is ${(value / peer).toFixed(2)}x)`;
