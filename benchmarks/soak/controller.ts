// Owns: the process that the soak kills: one run of the chain, resumed where there is one. Says each finished round on
// standard output as soon as it is durable; ends at SIGTERM. Never knows that it will be killed.
//
//     node controller.js <run directory>
import { startRun } from "../../src/run/start-run.ts";
import { chainModel, chainTask } from "./chain.ts";

/** More than there is time for: the soak ends the run. */
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
// Nobody listens any more: the soak was killed itself.
process.stdin.resume().once("end", () => process.exit(1));
process.once("SIGTERM", () => void run.stop());
for await (const event of run.events())
  if (event.type === "round-ended") process.stdout.write(`${event.proposal} ${event.round}\n`);
await run.done;
process.exit(0);
