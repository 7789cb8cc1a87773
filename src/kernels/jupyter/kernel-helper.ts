// Owns: calls to our own module inside a kernel (python/nbevolve_kernel/kernel_side.py). They leave no history, no
// output and no change of the user's names. Never believes that an answer is what it should be.
import { KernelLost } from "../../core/errors.ts";
import type { ExecuteOptions } from "../../contracts/kernel.ts";
import type { LiveKernel, Reply } from "./contracts.ts";
import { clipText, errorName, recordOf, mimeText } from "../../core/untrusted.ts";
import { readHelperValue, type HelperName, type HelperValue } from "./helper-values.ts";
import { awaitRequest } from "./run-cell.ts";

const MIME = "application/vnd.nbevolve";

export type HelperAnswer<T> =
  | { readonly how: "answered"; readonly value: T }
  /** An interrupt counts as a time-out, too. */
  | { readonly how: "timeout" }
  /** The module could not be reached, or its answer is none: user code broke what a call needs. */
  | { readonly how: "failed"; readonly name: string; readonly message: string };

/**
 * Calls a function of our module with one string. User code shares its process: what comes back has the form of that
 * function's answers, or it is none.
 * @throws KernelLost; the signal's reason when aborted.
 */
export async function callKernelHelper<Name extends HelperName>(
  kernel: LiveKernel,
  name: Name,
  argument: string,
  options: ExecuteOptions,
): Promise<HelperAnswer<HelperValue<Name>>> {
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
  return readReply(name, ending.reply);
}

/** Why there is no value: `silent` where the kernel said nothing in its time. */
export function whyNot(answer: Exclude<HelperAnswer<never>, { how: "answered" }>, silent: string): string {
  return answer.how === "timeout" ? silent : `${answer.name}: ${answer.message}`;
}

const WORDS = 10_000;

function readReply<Name extends HelperName>(name: Name, reply: Reply): HelperAnswer<HelperValue<Name>> {
  const answers = reply.status === "ok" ? recordOf(reply.user_expressions) : {};
  const answer = recordOf(answers["answer"]);
  const text = recordOf(answer["data"])[MIME];
  if (typeof text === "string") {
    const read = readHelperValue(name, text);
    if (read.ok) return { how: "answered", value: read.value };
    return { how: "failed", name: "BadAnswer", message: `what the kernel said cannot be read: ${read.why}` };
  }
  const { ename = "Error", evalue = "the kernel gave no answer" } = answer;
  return { how: "failed", name: errorName(ename), message: clipText(mimeText(evalue), WORDS) };
}
