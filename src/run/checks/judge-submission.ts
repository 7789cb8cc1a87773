// Owns: one judgement outside of any run.
import type { Score, Submission, Task, VerifierSource } from "../../contracts/index.ts";
import type { SandboxMode } from "../../machine/sandbox/sandbox.ts";
import { pythonVerifier } from "../../verifiers/python-verifier.ts";

/** The word of a task's verifier (or its holdout) on a submission. */
export async function judgeSubmission(
  task: Task,
  source: VerifierSource,
  submission: Submission,
  python: string,
  options: { readonly sandbox?: SandboxMode | undefined; readonly signal?: AbortSignal | undefined },
): Promise<Score> {
  const { sandbox, signal = new AbortController().signal } = options;
  await using verifier = taskVerifier(task, source, python, sandbox);
  return await verifier.verify(submission, { signal }); // before the verifier is disposed of
}

/** A verifier with the task's limits. */
export function taskVerifier(
  task: Task,
  source: VerifierSource,
  python: string,
  sandbox: SandboxMode | undefined,
): ReturnType<typeof pythonVerifier> {
  const { verifierTimeoutMs: timeoutMs, verifierMemoryMb: memoryMb } = task.limits;
  return pythonVerifier({ python, source, direction: task.direction, timeoutMs, memoryMb, sandbox });
}
