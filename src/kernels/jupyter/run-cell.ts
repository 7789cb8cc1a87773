// Owns: running one cell on one kernel, from its source to an Execution: deadline, interrupt, kill, death.
// Never knows where the cell comes from or what becomes of the kernel afterwards.
import { KernelLost } from "../../core/errors.ts";
import type { ExecuteOptions, Execution } from "../../contracts/kernel.ts";
import type { ExecutionStatus } from "../../contracts/notebook.ts";
import { waitFor } from "../../machine/deadline.ts";
import type { LiveKernel, Reply } from "./contracts.ts";
import type { OutputLimits } from "../kernel-options.ts";
import { OutputCollector, printedIn } from "./outputs.ts";
import { cleanSource } from "../../core/untrusted.ts";

/** How long a kernel may take to obey an interrupt; a second one is sent half-way. */
const GRACE_MS = 3_000;
/** Beyond this a cell is a mistake, and near 256 MB the server would break the connection. */
const SOURCE_CHARS = 20_000_000;

/** How a request ended; `stopped`: by our interrupt; `lost`: the kernel is gone, `reason` says why. */
export type RequestEnding =
  | { readonly how: "done"; readonly reply: Reply }
  | { readonly how: "stopped"; readonly reply: Reply | null }
  | { readonly how: "lost"; readonly reason: string };

/**
 * Runs one cell. Its exception, its time-out and the death of the kernel are results.
 * @throws KernelLost when the kernel was lost before; the signal's reason when aborted, after the interrupt.
 */
export async function runCell(
  kernel: LiveKernel,
  source: string,
  options: ExecuteOptions,
  limits: OutputLimits,
): Promise<Execution> {
  options.signal.throwIfAborted();
  const lost = kernel.lost();
  if (lost !== null) throw new KernelLost(lost);
  const started = performance.now();
  const collector = new OutputCollector(limits);
  const toExecution = (status: ExecutionStatus): Execution => ({
    status,
    outputs: collector.outputs(),
    durationMs: performance.now() - started,
  });
  if (source.length > SOURCE_CHARS) {
    const most = SOURCE_CHARS.toLocaleString("en");
    collector.fail(
      "CellTooLong",
      `a cell may have ${most} characters; this one has ${source.length.toLocaleString("en")}`,
    );
    return toExecution("error");
  }
  const request = kernel.request({ code: cleanSource(source), store_history: true }, (message) => {
    collector.add(message);
    const printed = options.onPrinted && printedIn(message);
    if (printed) options.onPrinted?.(printed);
  });
  const ending = await awaitRequest(kernel, request, options);
  if (ending.how === "lost") collector.fail("KernelDied", ending.reason);
  return toExecution(statusOf(ending));
}

function statusOf(ending: RequestEnding): ExecutionStatus {
  if (ending.how === "lost") return "died";
  if (ending.how === "stopped") return "interrupted";
  return ending.reply.status === "ok" ? "ok" : "error";
}

/**
 * Waits for a request within its time. Past it, or when aborted, the kernel is interrupted, and killed if it
 * does not obey.
 * @throws the signal's reason when aborted.
 */
export async function awaitRequest(
  kernel: LiveKernel,
  request: Promise<Reply>,
  options: ExecuteOptions,
): Promise<RequestEnding> {
  const ending = request.then(
    (reply): RequestEnding => ({ how: "done", reply }),
    (problem: unknown): RequestEnding => ({ how: "lost", reason: reasonOf(problem) }),
  );
  const first = await waitFor(ending, options.timeoutMs, options.signal);
  if (first.how === "settled") return first.value;
  const stopped = await stopRequest(kernel, ending, first.how === "timeout" ? options.timeoutMs : null);
  options.signal.throwIfAborted();
  return stopped;
}

async function stopRequest(
  kernel: LiveKernel,
  ending: Promise<RequestEnding>,
  timeoutMs: number | null,
): Promise<RequestEnding> {
  for (const graceMs of [GRACE_MS / 2, GRACE_MS / 2]) {
    await kernel.interrupt();
    const obeyed = await waitFor(ending, graceMs);
    if (obeyed.how === "settled" && obeyed.value.how === "done")
      return { how: "stopped", reply: obeyed.value.reply };
    if (obeyed.how === "settled") return obeyed.value;
  }
  const why =
    timeoutMs === null
      ? "The run was stopped"
      : `The cell ran longer than its limit of ${timeoutMs / 1000} s`;
  void kernel.kill(`${why}, did not end when it was interrupted, and was killed with its kernel.`);
  return ending;
}

function reasonOf(problem: unknown): string {
  if (problem instanceof KernelLost) return problem.message;
  throw problem;
}
