// Owns: `nbevolve bench`: the benchmarks that need no model, printed as tables or JSON.
import { resolve } from "node:path";
import { RunError } from "../core/errors.ts";
import { contextBench, contextReport } from "../../benchmarks/context/index.ts";
import { controllerBench, controllerReport, printResume } from "./bench-controller.ts";
import { EXIT } from "./exit-codes.ts";

/** Runs the named benchmark. Resolves to the exit code. @throws RunError `bad-option`. */
export async function bench(
  name: string,
  flags: { readonly inputs?: string; readonly branches?: number; readonly json?: boolean },
): Promise<number> {
  if (name === "resume" && flags.inputs !== undefined) {
    await printResume(resolve(flags.inputs));
    return EXIT.done;
  }
  if (name === "controller") {
    const measured = await controllerBench(flags.branches ?? 100_000);
    process.stdout.write(flags.json === true ? `${JSON.stringify(measured)}\n` : controllerReport(measured));
    return EXIT.done;
  }
  if (name !== "context")
    throw new RunError("bad-option", `there is no benchmark "${name}"; there are context, controller`);
  const result = await contextBench(resolve(flags.inputs ?? "../shared"));
  process.stdout.write(flags.json === true ? `${JSON.stringify(result)}\n` : contextReport(result));
  return EXIT.done;
}
