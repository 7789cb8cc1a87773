// Owns: `nbevolve bench`: the benchmarks that need no model but the offline one, printed as tables or JSON.
import { resolve } from "node:path";
import { RunError } from "../core/errors.ts";
import { offline } from "../models/offline.ts";
import { contextBench, contextReport } from "../../benchmarks/context/index.ts";
import { kernelsBench, kernelsReport } from "../../benchmarks/kernels/index.ts";
import { findPython } from "../kernels/python-env.ts";
import { strategiesBench, strategiesReport } from "../../benchmarks/strategies.ts";
import { controllerBench, controllerReport, printResume } from "./bench-controller.ts";
import { EXIT } from "./exit-codes.ts";

export interface BenchFlags {
  readonly inputs?: string;
  readonly branches?: number;
  readonly proposals?: number;
  readonly seeds?: number;
  readonly json?: boolean;
}

/** Runs the named benchmark. Resolves to the exit code. @throws RunError `bad-option`. */
export async function bench(name: string, flags: BenchFlags): Promise<number> {
  if (name === "strategies") {
    const scores = await strategiesBench({
      task: "circles-square-26",
      model: offline(),
      proposals: flags.proposals ?? 24,
      seeds: Array.from({ length: flags.seeds ?? 5 }, (_, i) => i + 1),
      parallel: 2,
      progress: (line) => process.stderr.write(`${line}\n`),
    });
    process.stdout.write(flags.json === true ? `${JSON.stringify(scores)}\n` : strategiesReport(scores));
    return EXIT.done;
  }
  if (name === "resume" && flags.inputs !== undefined) {
    await printResume(resolve(flags.inputs));
    return EXIT.done;
  }
  if (name === "kernels") {
    const measured = await kernelsBench((await findPython()).python);
    process.stdout.write(flags.json === true ? `${JSON.stringify(measured)}\n` : kernelsReport(measured));
    return EXIT.done;
  }
  if (name === "controller") {
    const measured = await controllerBench(flags.branches ?? 100_000);
    process.stdout.write(flags.json === true ? `${JSON.stringify(measured)}\n` : controllerReport(measured));
    return EXIT.done;
  }
  if (name !== "context")
    throw new RunError(
      "bad-option",
      `there is no benchmark "${name}"; there are context, controller, kernels, strategies`,
    );
  const result = await contextBench(resolve(flags.inputs ?? "../shared"));
  process.stdout.write(flags.json === true ? `${JSON.stringify(result)}\n` : contextReport(result));
  return EXIT.done;
}
