// Owns: `nbevolve bench`: the benchmarks that need no model, printed as tables or JSON.
import { resolve } from "node:path";
import { RunError } from "../core/errors.ts";
import { contextBench, contextReport } from "../../benchmarks/context/index.ts";
import { EXIT } from "./exit-codes.ts";

/** Runs the named benchmark. Resolves to the exit code. @throws RunError `bad-option`. */
export async function bench(
  name: string,
  flags: { readonly inputs?: string; readonly json?: boolean },
): Promise<number> {
  if (name !== "context")
    throw new RunError("bad-option", `there is no benchmark "${name}"; there is context`);
  const result = await contextBench(resolve(flags.inputs ?? "../shared"));
  process.stdout.write(flags.json === true ? `${JSON.stringify(result)}\n` : contextReport(result));
  return EXIT.done;
}
