// A process that was stopped, or too busy, past a time limit: what came in meanwhile is read before it counts as late.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { until } from "../support/processes.ts";

const LIMIT_MS = 200;

const compiled = (file: string): string =>
  JSON.stringify(pathToFileURL(resolve(process.env["NBEVOLVE_TEST_BUILD"] ?? "dist", file)).href);

/** Each waits for a line on its standard input, and prints what became of the wait. */
const WAITS: Readonly<Record<string, string>> = {
  "a wait for a kernel": `
    const { waitFor } = await import(${compiled("src/machine/deadline.js")});
    const wait = async () => (await waitFor(line, ${LIMIT_MS})).how === "settled";`,
  "a request with a limit": `
    const { limitSignal } = await import(${compiled("src/time-limit.js")});
    const wait = () => {
      const over = new Promise((end) => limitSignal(${LIMIT_MS}).addEventListener("abort", () => end(false)));
      return Promise.race([line.then(() => true), over]);
    };`,
  "a model's reply": `
    const { startDeadlines } = await import(${compiled("src/models/openai/deadlines.js")});
    const wait = async () => {
      const timeouts = { timeoutMs: ${LIMIT_MS}, firstByteTimeoutMs: ${LIMIT_MS}, idleTimeoutMs: ${LIMIT_MS} };
      const limits = startDeadlines(timeouts, new AbortController().signal);
      try { for await (const bytes of limits.watch(process.stdin)) return bytes.length > 0; } catch { return false; }
    };`,
};

/** A process that waits, held up past its limit by `hold`; what its wait came to. */
async function heldUp(
  wait: string,
  sends: boolean,
  hold: (child: { readonly pid: number; readonly go: () => void }) => Promise<void>,
  before = "",
): Promise<string> {
  const program = `
    const line = new Promise((came) => process.stdin.once("readable", came));
    ${wait}
    const ended = wait();
    console.log("waiting");
    ${before}
    console.log(await ended);
    process.exit();`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let printed = "";
  child.stdout.on("data", (data: Buffer) => (printed += data.toString()));
  await until(() => printed.includes("waiting"));
  const go = (): void => void (sends && child.stdin.write("it came\n"));
  await hold({ pid: child.pid ?? 0, go });
  await once(child, "close");
  return printed.replace("waiting\n", "").trim();
}

async function stopped({ pid, go }: { readonly pid: number; readonly go: () => void }): Promise<void> {
  process.kill(pid, "SIGSTOP");
  await until(() => /\) T /.test(readFileSync(`/proc/${pid}/stat`, "latin1")));
  const from = performance.now();
  go();
  await until(() => performance.now() - from > 2 * LIMIT_MS);
  process.kill(pid, "SIGCONT");
}

const BUSY = `Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ${3 * LIMIT_MS});`;

describe.runIf(process.platform === "linux").each(Object.entries(WAITS))("%s", (_, wait) => {
  test("reads what came while the process was stopped", async () => {
    expect(await heldUp(wait, true, stopped)).toBe("true");
  });

  test("is over where nothing came", async () => {
    expect(await heldUp(wait, false, stopped)).toBe("false");
  });

  test("reads what came while the process was busy", async () => {
    expect(await heldUp(wait, true, async ({ go }) => go(), BUSY)).toBe("true");
  });
});
