// Owns: `nbevolve bench`: each measurement of the project as a subcommand with its own flags. Never measures by itself.
import { type Command, Option } from "commander";
import type { Bench, BenchContext, BenchFlag } from "../../../benchmarks/bench.ts";
import { BENCHES } from "../../../benchmarks/benches.ts";
import { RunError } from "../../core/errors.ts";
import { MODEL_SPECS } from "../../models/model-from-spec.ts";
import { EXIT } from "../exit-codes.ts";
import { readCount, readPositive } from "../flags/flag-values.ts";
import { addModelFlags, modelNamed, type ModelFlags } from "../flags/model-flags.ts";
import { runInterruptible } from "../interrupts.ts";
import { noticeBoard } from "../terminal/notice-board.ts";
import { openRunView, type RunView } from "../terminal/run-view.ts";
import { errorStream, print, printError, printJson } from "../terminal/screen.ts";

interface BenchFlags extends ModelFlags {
  readonly json?: boolean;
}

export function defineBenchCommand(command: Command): void {
  command.allowExcessArguments().action((_, { args }: Command) => {
    const names = BENCHES.map(({ name }) => name).join(", ");
    const what = args[0] === undefined ? "name a benchmark" : `there is no benchmark "${args[0]}"`;
    throw new RunError("bad-option", `${what}; there are ${names}`);
  });
  for (const bench of BENCHES) addBench(command, bench);
}

function addBench(parent: Command, bench: Bench): void {
  const command = parent.command(bench.name).description(bench.description);
  for (const flag of bench.flags ?? []) command.addOption(optionOf(flag));
  command.option("--json", "Print the figures as JSON.");
  if (bench.defaultModel !== undefined)
    addModelFlags(command, `The model that plays the rounds. It may be ${MODEL_SPECS}.`, {
      model: bench.defaultModel,
    });
  command.action(async (flags: BenchFlags) => {
    process.exitCode = await runBench(bench, flags);
  });
}

const READERS: Readonly<Record<BenchFlag["value"], (text: string) => number | string>> = {
  count: readCount,
  minutes: readPositive,
  text: (text) => text,
};

function optionOf({ flag, description, value, default: fallback }: BenchFlag): Option {
  return new Option(flag, description).argParser(READERS[value]).default(fallback);
}

async function runBench(bench: Bench, flags: BenchFlags): Promise<number> {
  const { defaultModel: fallback = "offline" } = bench;
  const board = noticeBoard();
  const model = () => modelNamed(flags.model ?? fallback, flags, board.listener);
  const opened: RunView[] = [];
  const view = (): RunView => (opened[0] ??= openRunView(board));
  const say = (line: string): void => (opened[0] === undefined ? printError(line) : opened[0].line(line));
  // In a pipe, of many runs, each run's own lines would drown the measurement's.
  const show: BenchContext["show"] = (handle, shown) =>
    view().follow(handle, { ...shown, told: errorStream.isTTY });
  const measure = async (signal: AbortSignal): Promise<number> => {
    const context = { signal, progress: say, show, model };
    const { figures, report, failed = false } = await bench.run(flags, context);
    opened[0]?.close();
    if (flags.json === true) printJson(figures);
    else print(report);
    return failed ? EXIT.failed : EXIT.done;
  };
  try {
    if (bench.canBeInterrupted) return await runInterruptible(measure, say);
    return await measure(new AbortController().signal);
  } finally {
    opened[0]?.close();
  }
}
