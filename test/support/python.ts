// Owns: which Python the tests run, and a Python process that answers line by line.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { kernelPackages } from "../../src/kernels/jupyter/kernel-environment.ts";
import { findPython } from "../../src/machine/python/find-python.ts";
import { shippedPath } from "../../src/shipped.ts";

/** The Python that runs use, with the pinned packages. */
export const { python: testPython } = await findPython();

/**
 * Runs a program that reads lines and writes one line for each; `ask` gives the answer to a line.
 * Our own Python packages can be imported in it.
 */
export function lineServer(program: string): { ask(line: string): Promise<string>; end(): Promise<void> } {
  const paths = [...kernelPackages(), shippedPath("src/verifiers/python")];
  const env = { ...process.env, PYTHONPATH: paths.join(":"), PYTHONIOENCODING: "utf-8" };
  const child = spawn(testPython, ["-c", program], { env, stdio: ["pipe", "pipe", "inherit"] });
  const exit = once(child, "exit");
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async ask(line) {
      child.stdin.write(`${line}\n`);
      const answer = await lines.next();
      if (answer.done === true) throw new Error("the Python process ended");
      return answer.value;
    },
    async end() {
      child.stdin.end();
      await exit;
    },
  };
}
