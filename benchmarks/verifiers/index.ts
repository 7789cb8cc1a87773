// Owns: `nbevolve bench verifiers`: how long the verifier of each benchmark takes, alone and as a judgement in its own process.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { guardPath } from "../../src/machine/guarded-process.ts";
import { openRuntime } from "../../src/run/runtime.ts";
import { shippedPath } from "../../src/shipped.ts";
import type { Json, Task } from "../../src/contracts/index.ts";
import type { Bench } from "../bench.ts";
import { benchmark, BENCHMARKS } from "../index.ts";
import { median } from "../measure.ts";

interface VerifierTime {
  readonly task: string;
  /** Time of `verify(submission)` without decoding the submission. Median of 7. */
  readonly verifyMs: number;
  /** Time of the whole judgement, the start of its sandbox and its Python included. Median of 3. */
  readonly judgementMs: number;
}

/** Tasks at a larger size than their own: strict verdicts have to be fast there, too. */
const LARGER: readonly { readonly name: string; readonly parameters: Readonly<Record<string, Json>> }[] = [
  { name: "erdos-overlap", parameters: { n: 600 } },
];

export const verifiersBench: Bench = {
  name: "verifiers",
  description: "How long the verifier of each benchmark takes to judge a valid submission.",
  async run() {
    const figures = await timeVerifiers();
    return { figures, report: verifiersReport(figures) };
  },
};

/** Times each verifier on its task's founder. @throws Error when a founder is not valid. */
async function timeVerifiers(): Promise<readonly VerifierTime[]> {
  const times: VerifierTime[] = [];
  for (const { name } of BENCHMARKS) {
    times.push(await timeVerifier(name, await benchmark(name)));
    for (const { parameters } of LARGER.filter((one) => one.name === name))
      times.push(
        await timeVerifier(`${name} ${JSON.stringify(parameters)}`, await benchmark(name, parameters)),
      );
  }
  return times;
}

async function timeVerifier(name: string, task: Task): Promise<VerifierTime> {
  await using runtime = await openRuntime(task, { sandbox: "auto" });
  const { signal } = new AbortController();
  const { submission, seconds } = await timeInProcess(runtime.python.python, task);
  const whole: number[] = [];
  for (let k = 0; k < 3; k++) {
    const started = performance.now();
    const verdict = await runtime.verifier.verify(submission, { signal });
    if (!verdict.valid) throw new Error(`the founder of ${name} is not valid: ${verdict.message}`);
    whole.push(performance.now() - started);
  }
  return { task: name, verifyMs: 1000 * seconds, judgementMs: median(whole) };
}

async function timeInProcess(python: string, task: Task): Promise<{ submission: Json; seconds: number }> {
  const PYTHONPATH = [guardPath(), shippedPath("src/verifiers/python")].join(":");
  const child = spawn(python, ["-s", "-m", "nbevolve_verifier.timing"], {
    env: { ...process.env, PYTHONPATH, PYTHONWARNINGS: "ignore" },
    stdio: ["pipe", "pipe", "ignore"],
  });
  const cells = task.founder.cells.filter((cell) => cell.cell_type === "code").map((cell) => cell.source);
  child.stdin.end(JSON.stringify({ cells, submission: task.submission, source: task.verifier.source }));
  const [answer] = await Promise.all([text(child.stdout), once(child, "exit")]);
  const told: { text: string; seconds: number } = JSON.parse(answer);
  return { submission: JSON.parse(told.text), seconds: told.seconds };
}

/** The times as a Markdown table. */
function verifiersReport(times: readonly VerifierTime[]): string {
  const rows = times.map(
    ({ task, verifyMs, judgementMs }) =>
      `| ${task} | ${verifyMs.toFixed(1)} ms | ${Math.round(judgementMs)} ms |`,
  );
  return ["| task | verify() | judgement in a process of its own |", "| --- | --- | --- |", ...rows, ""].join(
    "\n",
  );
}
