// A reader: what came of a run, from its directory. node reader.mjs runs/mine
import { lineage, readHistory, scoreCourse } from "nbevolve";

const history = await readHistory(process.argv[2] ?? "run");
for (const { proposal, best } of scoreCourse(history)) {
  console.log(`${proposal ?? "founder"}: ${best.id} ${best.score.fitness}`);
}
const line = lineage(history, history.best.id).map(({ id }) => id);
console.log(`best: ${line.join(" <- ")}`);
