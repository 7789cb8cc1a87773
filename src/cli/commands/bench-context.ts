// Owns: `nbevolve bench context`: the benchmark with kernels for its edits and a process of its own for each timing.
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { contextBench, contextReport, type RenderTimes } from "../../../benchmarks/context/index.ts";
import { benchmark } from "../../../benchmarks/index.ts";
import { openRuntime } from "../../run/runtime.ts";
import { EXIT } from "../exit-codes.ts";

/** Prints tables, or JSON. Resolves to the exit code. @throws RunError `bad-option` | `kernel-unavailable`. */
export async function contextCommand(inputs: string, json: boolean): Promise<number> {
  // Any task will do: its verifier is not asked.
  const task = await benchmark("circles-square-26");
  await using runtime = await openRuntime(task, { keepLive: 0, sandbox: "auto" });
  const result = await contextBench(inputs, { kernels: await runtime.openKernels(), renderApart });
  process.stdout.write(json ? `${JSON.stringify(result)}\n` : contextReport(result));
  return EXIT.done;
}

async function renderApart(path: string): Promise<RenderTimes> {
  const main = fileURLToPath(new URL("../main.js", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [main, "bench", "render", "--inputs", path]);
  const times: RenderTimes = JSON.parse(stdout);
  return times;
}
