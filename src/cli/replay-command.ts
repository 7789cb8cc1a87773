// Owns: `nbevolve replay`: a journal replayed and checked, in words or as JSON.
import { replayJournal, type Replayed } from "../run/replay.ts";
import { startOf } from "../run/sitting.ts";
import { openRunStore } from "../store/index.ts";
import { EXIT } from "./exit-codes.ts";
import { journalledStrategy } from "./resume-options.ts";

/** Resolves to the exit code: 1 where the journal and the strategy differ. @throws RunError. */
export async function replay(dir: string, json: boolean): Promise<number> {
  await using store = await openRunStore(dir, { mode: "read" });
  const strategy = await journalledStrategy(await startOf(store), dir);
  const replayed = await replayJournal(store.read(0), strategy);
  process.stdout.write(json ? `${JSON.stringify(replayed)}\n` : text(replayed, strategy.name));
  return replayed.difference === null ? EXIT.done : EXIT.failed;
}

function text(replayed: Replayed, strategy: string): string {
  const { events, proposals, told, branches, best, population, difference } = replayed;
  const lines = [
    `${events} events, ${proposals} proposals, ${told} told, ${branches} branches; best ${best}`,
    `population of ${strategy}: sha256 ${population}`,
    difference === null
      ? `all ${proposals} decisions are the strategy's`
      : `the first difference, at event ${difference.event}: ${difference.what}`,
  ];
  return `${lines.join("\n")}\n`;
}
