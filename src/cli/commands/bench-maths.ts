// Owns: `nbevolve bench maths`: the benchmarks by name, a table on standard output, plots beside the runs.
import { mkdir, writeFile } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { RunError } from "../../core/errors.ts";
import { BENCHMARKS } from "../../../benchmarks/index.ts";
import { benchmarksNamed, coursePlot, mathsBench, mathsReport } from "../../../benchmarks/maths/index.ts";
import { EXIT } from "../exit-codes.ts";
import { modelNamed, type ModelFlags } from "../flags/model-flags.ts";
import { noticeBoard } from "../terminal/notice-board.ts";

export interface MathsFlags extends ModelFlags {
  readonly problems?: string;
  readonly model?: string;
  readonly minutes?: number;
  readonly seeds?: number;
  readonly dir?: string;
  readonly plots?: string;
  readonly json?: boolean;
}

/** Runs, or goes on with, the benchmarks. @throws RunError `bad-option`. */
export async function maths(
  flags: MathsFlags,
  signal: AbortSignal,
  progress: (line: string) => void,
): Promise<number> {
  const names = (flags.problems ?? "").split(",").filter((name) => name !== "");
  const problems = benchmarksNamed(names);
  if (problems === null) {
    const known = BENCHMARKS.map(({ name }) => name).join(", ");
    throw new RunError("bad-option", `--problems ${flags.problems}: the benchmarks are ${known}`);
  }
  const dir = resolve(flags.dir ?? join("runs", "bench-maths"));
  const results = await mathsBench({
    problems,
    model: await modelNamed(flags.model ?? "offline", flags, noticeBoard().listener),
    minutes: flags.minutes ?? 20,
    seeds: Array.from({ length: flags.seeds ?? 1 }, (_, at) => at + 1),
    dir,
    signal,
    progress,
  });
  const plots = resolve(flags.plots ?? join(dir, "plots"));
  await mkdir(plots, { recursive: true });
  for (const result of results)
    await writeFile(join(plots, `${result.problem.name}.svg`), coursePlot(result));
  process.stdout.write(
    flags.json === true
      ? `${JSON.stringify(results)}\n`
      : mathsReport(results, relative(resolve(plots, ".."), plots)),
  );
  return EXIT.done;
}
