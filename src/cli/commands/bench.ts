// Owns: `nbevolve bench`: the benchmarks, printed as tables or JSON.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { RunError } from "../../core/errors.ts";
import { offline } from "../../models/offline/offline.ts";
import { measureRender } from "../../../benchmarks/context/index.ts";
import { kernelsBench, kernelsReport } from "../../../benchmarks/kernels/index.ts";
import { findPython } from "../../machine/python/find-python.ts";
import { verifiersBench, verifiersReport } from "../../../benchmarks/verifiers/index.ts";
import { soak, soakReport } from "../../../benchmarks/soak/index.ts";
import { strategiesBench, strategiesReport } from "../../../benchmarks/strategies.ts";
import { contextCommand } from "./bench-context.ts";
import { controllerBench, controllerReport, printResume } from "./bench-controller.ts";
import { maths, type MathsFlags } from "./bench-maths.ts";
import { modelsBench, modelsReport } from "../../../benchmarks/models/index.ts";
import { EXIT } from "../exit-codes.ts";
import { interruptible } from "../interrupts.ts";

export interface BenchFlags extends MathsFlags {
  readonly inputs?: string;
  readonly branches?: number;
  readonly proposals?: number;
  readonly task?: string;
  readonly explorations?: number;
  readonly tries?: number;
  readonly generations?: number;
  readonly kills?: number;
}

/** Runs the named benchmark. Resolves to the exit code. @throws RunError `bad-option`. */
export async function bench(name: string, flags: BenchFlags): Promise<number> {
  if (name === "strategies") return interruptible((signal, say) => strategies(flags, signal, say));
  if (name === "maths") return interruptible((signal, say) => maths(flags, signal, say));
  if (name === "resume" && flags.inputs !== undefined) {
    await printResume(resolve(flags.inputs));
    return EXIT.done;
  }
  if (name === "render" && flags.inputs !== undefined) {
    process.stdout.write(`${JSON.stringify(measureRender(resolve(flags.inputs)))}\n`);
    return EXIT.done;
  }
  if (name === "kernels") {
    const measured = await kernelsBench({
      python: (await findPython()).python,
      ...(flags.generations !== undefined && { generations: flags.generations }),
      progress: (line) => process.stderr.write(`${line}\n`),
    });
    process.stdout.write(flags.json === true ? `${JSON.stringify(measured)}\n` : kernelsReport(measured));
    return EXIT.done;
  }
  if (name === "verifiers") {
    const measured = await verifiersBench();
    process.stdout.write(flags.json === true ? `${JSON.stringify(measured)}\n` : verifiersReport(measured));
    return EXIT.done;
  }
  if (name === "models") {
    const measured = await modelsBench();
    process.stdout.write(flags.json === true ? `${JSON.stringify(measured)}\n` : modelsReport(measured));
    return EXIT.done;
  }
  if (name === "soak") {
    const progress = (line: string): void => void process.stderr.write(`${line}\n`);
    const result = await soak({ kills: flags.kills ?? 100, seed: 1, progress });
    process.stdout.write(flags.json === true ? `${JSON.stringify(result)}\n` : soakReport(result));
    return result.left + result.wrong.length + result.lostRounds.length === 0 ? EXIT.done : EXIT.failed;
  }
  if (name === "controller") {
    const measured = await controllerBench(flags.branches ?? 100_000);
    process.stdout.write(flags.json === true ? `${JSON.stringify(measured)}\n` : controllerReport(measured));
    return EXIT.done;
  }
  if (name !== "context")
    throw new RunError(
      "bad-option",
      `there is no benchmark "${name}"; there are context, controller, kernels, maths, models, soak, strategies, verifiers`,
    );
  return contextCommand(resolve(flags.inputs ?? "../shared"), flags.json === true);
}

/** The runs are kept in `--dir`, and gone on with there; without it they are removed. */
async function strategies(
  flags: BenchFlags,
  signal: AbortSignal,
  progress: (line: string) => void,
): Promise<number> {
  const kept = flags.dir === undefined ? null : resolve(flags.dir);
  const dir = kept ?? (await mkdtemp(join(tmpdir(), "nbevolve-strategies-")));
  try {
    const scores = await strategiesBench({
      task: flags.task ?? "circles-square-26",
      model: offline({
        ...(flags.explorations !== undefined && { explorations: flags.explorations }),
        ...(flags.tries !== undefined && { tries: flags.tries }),
      }),
      proposals: flags.proposals ?? 24,
      seeds: Array.from({ length: flags.seeds ?? 5 }, (_, i) => i + 1),
      parallel: 2,
      dir,
      signal,
      progress,
    });
    process.stdout.write(flags.json === true ? `${JSON.stringify(scores)}\n` : strategiesReport(scores));
    return EXIT.done;
  } finally {
    if (kept === null) await rm(dir, { recursive: true, force: true });
  }
}
