// Owns: one judgement outside of any run.
import type { Score, Submission, Task, VerifierSource } from "../spec/index.ts";
import { pythonVerifier } from "../verifiers/python-verifier.ts";

/** The word of a task's verifier (or its holdout) on a submission. */
export async function judgeSubmission(
  task: Task,
  source: VerifierSource,
  submission: Submission,
  python: string,
  signal: AbortSignal = new AbortController().signal,
): Promise<Score> {
  await using verifier = taskVerifier(task, source, python);
  return await verifier.verify(submission, { signal }); // before the verifier is disposed of
}

/** A verifier with the task's limits. */
export function taskVerifier(
  task: Task,
  source: VerifierSource,
  python: string,
): ReturnType<typeof pythonVerifier> {
  const { verifierTimeoutMs: timeoutMs, verifierMemoryMb: memoryMb } = task.limits;
  return pythonVerifier({ python, source, direction: task.direction, timeoutMs, memoryMb });
}
