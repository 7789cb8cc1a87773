// Owns: a Python process that holds every benchmark's verifier and founder, for submissions made to fool them
// (hostile.py, fuzz.py).
import { fileURLToPath } from "node:url";
import { BENCHMARKS, type BenchmarkName } from "../../benchmarks/index.ts";
import { loadTask } from "../../src/tasks/load-task.ts";
import { pythonServer, type PythonServer } from "../models/offline/offline-python.ts";

/** Starts it; the modules `hostile` and `fuzz` are imported, and these benchmarks loaded. */
export async function hostileJudge(
  names: readonly BenchmarkName[] = BENCHMARKS.map(({ name }) => name),
): Promise<PythonServer> {
  const python = pythonServer();
  const here = JSON.stringify(fileURLToPath(new URL(".", import.meta.url)));
  await must(
    python,
    `import sys; sys.dont_write_bytecode = True; sys.path.insert(0, ${here})\nimport json, hostile, fuzz`,
  );
  for (const { name, direction, bestKnown } of BENCHMARKS.filter((one) => names.includes(one.name))) {
    const task = await loadTask(name);
    const cells = task.founder.cells.filter((cell) => cell.cell_type === "code").map((cell) => cell.source);
    const given = JSON.stringify(JSON.stringify([name, direction, bestKnown, cells, task.verifier.source]));
    await must(python, `hostile.load(*json.loads(${given}))`);
  }
  return python;
}

async function must(python: PythonServer, source: string): Promise<void> {
  const { ok, text } = await python.run(source);
  if (!ok) throw new Error(text);
}
