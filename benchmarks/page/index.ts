// Owns: `nbevolve bench page`: how soon the page knows of an event, and what a reader of it costs the controller.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Bench } from "../bench.ts";
import { describeMachine, median } from "../measure.ts";
import { measureDelays, measureRates, type PairedRates } from "./measure.ts";

const EVENTS = 200;

export const pageBench: Bench<{ readonly proposals: number; readonly pairs: number }> = {
  name: "page",
  description: "Milliseconds until the page knows of an event, and the controller's rate with the page open.",
  flags: [
    { flag: "--proposals <n>", description: "Proposals of each run.", value: "count", default: 5000 },
    { flag: "--pairs <n>", description: "Runs with the page and without it.", value: "count", default: 5 },
  ],
  async run({ proposals, pairs }) {
    const folder = await mkdtemp(join(tmpdir(), "nbevolve-bench-"));
    try {
      const machine = describeMachine();
      const delays = (await measureDelays(join(folder, "delays"), EVENTS)).toSorted((a, b) => a - b);
      const delay = {
        events: delays.length,
        medianMs: median(delays),
        p95Ms: delays[Math.ceil(delays.length * 0.95) - 1] ?? NaN,
        mostMs: delays.at(-1) ?? NaN,
      };
      await measureRates(join(folder, "warm-up"), proposals, true);
      const rates: PairedRates[] = [];
      for (let pair = 0; pair < pairs; pair++)
        rates.push(await measureRates(join(folder, `pair-${pair}`), proposals, pair % 2 === 1));
      const ratio = {
        rate: median(rates.map((pair) => pair.with.perSecond / pair.without.perSecond)),
        processorTime: median(rates.map((pair) => pair.with.cpuSeconds / pair.without.cpuSeconds)),
      };
      const report = [
        `Node ${machine.node}, ${machine.cores} cores, load ${machine.load.toFixed(1)} when it began.`,
        `From durable to read, ${EVENTS} events: median ${delay.medianMs.toFixed(0)} ms, 95 % within ${delay.p95Ms.toFixed(0)} ms, most ${delay.mostMs.toFixed(0)} ms.`,
        `${proposals} proposals with the page open and without it, ${pairs} pairs: rate x ${ratio.rate.toFixed(3)}, processor time x ${ratio.processorTime.toFixed(3)} (medians).`,
        "",
      ].join("\n");
      return { figures: { delay, ratio, rates, machine }, report };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};
