// Owns: the process that the soak kills: one run of the chain task, resumed where it exists. Prints each finished round as
// soon as it is durable. SIGTERM ends it.
//
//     node controller.js <run directory>
import { startRun } from "../../src/run/start-run.ts";
import { chainModel, chainTask } from "./chain.ts";

/** More than there is ever time for: the soak ends the run. */
const PROPOSALS = 1_000_000;

const run = startRun({
  task: chainTask(),
  model: chainModel(200),
  dir: process.argv[2] ?? "",
  proposals: PROPOSALS,
  rounds: 2,
  seed: 1,
  sandbox: "auto",
});
// Standard input ends when the soak itself was killed.
process.stdin.resume().once("end", () => process.exit(1));
process.once("SIGTERM", () => void run.stop());
for await (const event of run.events())
  if (event.type === "round-ended") process.stdout.write(`${event.proposal} ${event.round}\n`);
await run.done;
process.exit(0);
