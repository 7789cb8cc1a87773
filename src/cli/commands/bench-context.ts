// Owns: `nbevolve bench context`: the benchmark with kernels for its edits and a process of its own for each timing.
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { contextBench, contextReport, type RenderTimes } from "../../../benchmarks/context/index.ts";
import { jupyterKernels } from "../../kernels/kernel-pool.ts";
import { findPython } from "../../machine/python/find-python.ts";
import { EXIT } from "../exit-codes.ts";

/** Prints tables, or JSON. Resolves to the exit code. @throws RunError `bad-option` | `kernel-unavailable`. */
export async function contextCommand(inputs: string, json: boolean): Promise<number> {
  const root = await mkdtemp(join(tmpdir(), "nbe-context-"));
  try {
    const { python } = await findPython();
    await using kernels = await jupyterKernels({
      python: { python },
      keepLive: 0,
      workspacesDir: join(root, "w"),
      sandbox: "auto",
    });
    const result = await contextBench(inputs, { kernels, renderApart });
    process.stdout.write(json ? `${JSON.stringify(result)}\n` : contextReport(result));
    return EXIT.done;
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

async function renderApart(path: string): Promise<RenderTimes> {
  const main = fileURLToPath(new URL("../main.js", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [main, "bench", "render", "--inputs", path]);
  const times: RenderTimes = JSON.parse(stdout);
  return times;
}
