// Owns: calls to our own module inside a kernel (python/nbevolve_kernel/kernel_side.py). They leave no history, no
// output and no change of the user's names. Never interprets an answer beyond its being JSON.
import { KernelLost } from "../../core/errors.ts";
import type { ExecuteOptions } from "../../contracts/kernel.ts";
import type { LiveKernel, Reply } from "./contracts.ts";
import { recordOf, mimeText } from "../../core/untrusted.ts";
import { awaitRequest } from "./run-cell.ts";

const MIME = "application/vnd.nbevolve";

export type HelperAnswer =
  | { readonly how: "answered"; readonly value: unknown }
  /** An interrupt counts as a time-out, too. */
  | { readonly how: "timeout" }
  /** The module could not be reached: user code broke what a call needs. */
  | { readonly how: "failed"; readonly name: string; readonly message: string };

/**
 * Calls a function of our module with one string.
 * @throws KernelLost; the signal's reason when aborted.
 */
export async function callKernelHelper(
  kernel: LiveKernel,
  name: "enter" | "evaluate" | "checkpoint" | "describe" | "sketch" | "freeze" | "thaw" | "preload",
  argument: string,
  options: ExecuteOptions,
): Promise<HelperAnswer> {
  options.signal.throwIfAborted();
  // A JSON string is a Python string. The import is a look into sys.modules: the module is there since the start.
  const call = `__import__("nbevolve_kernel.kernel_side").kernel_side.${name}(${JSON.stringify(argument)})`;
  const content = { code: "", silent: true, store_history: false, user_expressions: { answer: call } };
  const ending = await awaitRequest(
    kernel,
    kernel.request(content, () => undefined),
    options,
  );
  if (ending.how === "lost") throw new KernelLost(ending.reason);
  if (ending.how === "stopped") return { how: "timeout" };
  return readAnswer(ending.reply);
}

function readAnswer(reply: Reply): HelperAnswer {
  const answers = reply.status === "ok" ? recordOf(reply.user_expressions) : {};
  const answer = recordOf(answers["answer"]);
  const text = recordOf(answer["data"])[MIME];
  if (typeof text === "string") return { how: "answered", value: JSON.parse(text) };
  const { ename = "Error", evalue = "the kernel gave no answer" } = answer;
  return { how: "failed", name: mimeText(ename), message: mimeText(evalue) };
}
