// Terminals and pipes go away, and directories have odd names: no run ends for the one, and what is printed about the other
// can be pasted.
import { execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ModelServer } from "../../src/testing/model-server.ts";
import { CLI_ENV, MAIN, runCli, startCli } from "../support/cli.ts";
import { numbersNotebook } from "../support/numbers-notebook.ts";
import { numbersServer } from "../support/numbers-server.ts";
import { noneRemain } from "../support/processes.ts";
import { closedTerminal } from "../support/terminal.ts";

let root = "";
let task = "";
let server: ModelServer;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "nbevolve-streams-"));
  task = join(root, "numbers.ipynb");
  await writeFile(task, numbersNotebook());
  server = await numbersServer();
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await rm(root, { recursive: true, force: true });
});

const run = (dir: string, proposals: number, baseURL = server.baseURL): string[] => {
  const model = ["--model", "openai:served", "--base-url", baseURL, "--seed", "1"];
  return ["run", task, ...model, "--proposals", String(proposals), "--parallel", "1", "--dir", dir];
};

/** A script of a shell in which `nbevolve` and `npx nbevolve` are the built command line. */
function inShell(script: string, cwd = root): Promise<{ code: number; stdout: string; stderr: string }> {
  const own = `nbevolve() { "${process.execPath}" "${MAIN}" "$@"; }\nnpx() { shift; nbevolve "$@"; }\n`;
  return new Promise((resolve) => {
    execFile("sh", ["-c", own + script], { cwd, env: CLI_ENV }, (problem, stdout, stderr) => {
      const code = problem === null ? 0 : Number(problem.code);
      resolve({ code, stdout, stderr });
    });
  });
}

async function episodesOf(dir: string): Promise<number> {
  const { stdout } = await runCli(["show", dir, "--json"]);
  return JSON.parse(stdout).branches.length - 1;
}

describe("a reader that goes away", () => {
  test("ends no run: it is complete in its directory", async () => {
    const dir = join(root, "piped");
    const started = startCli(run(dir, 2));
    started.process.stderr?.once("data", () => {
      started.process.stderr?.destroy();
      started.process.stdout?.destroy();
    });
    expect(await started.ended).toMatchObject({ code: 0, signal: null });
    expect(await episodesOf(dir)).toBe(2);
  });

  test("ends what is printed quietly, long or short, at any moment", async () => {
    const dir = join(root, "shown");
    const long = join(root, "long.ipynb");
    await writeFile(long, numbersNotebook([["", `# ${"long ".repeat(30_000)}`]]));
    expect(await runCli(["run", long, "--proposals", "1", "--dir", dir])).toMatchObject({ code: 0 });
    for (const command of [
      `nbevolve show ${dir} b0 --full | head -1`,
      `nbevolve show ${dir} --json | head -c 1`,
      `(nbevolve show ${dir}) | true`,
      `nbevolve run --help | head -1`,
      `nbevolve nonsense 2>&1 | true`,
      `nbevolve doctor 2>&1 | head -1`,
    ]) {
      const done = await inShell(command);
      expect([command, done.code, done.stderr]).toEqual([command, 0, ""]);
    }
  });

  test.runIf(existsSync("/dev/full"))(
    "is not a full disk: that is said, and the exit code tells",
    async () => {
      const done = await inShell("nbevolve tasks > /dev/full");
      expect(done.code).toBe(1);
      expect(done.stderr).toMatch(/^nbevolve: standard output is not whole: ENOSPC[^\n]*Make room.*\n$/);
    },
  );
});

describe("a hangup", () => {
  /** A run that gets SIGHUP while the model is asked for its second reply. */
  async function hungUp(command: readonly string[], dir: string) {
    const stop: { now: () => void } = { now: () => undefined };
    await using slow = await numbersServer((number) => void (number === 2 && stop.now()));
    const [program = "", ...args] = [...command, process.execPath, MAIN, ...run(dir, 2, slow.baseURL)];
    const child = spawn(program, args, { env: CLI_ENV, stdio: ["ignore", "pipe", "pipe"] });
    stop.now = () => void child.kill("SIGHUP");
    let text = "";
    child.stderr.on("data", (data: Buffer) => (text += data.toString()));
    child.stdout.resume();
    const code = await new Promise((resolve) =>
      child.once("close", (code, signal) => resolve(signal ?? code)),
    );
    return { code, text };
  }

  test("ends no run under nohup", async () => {
    const dir = join(root, "nohup");
    const { code, text } = await hungUp(["nohup"], dir);
    expect(code, text).toBe(0);
    expect(text).toContain("SIGHUP is ignored");
    expect(await episodesOf(dir)).toBe(2);
  });

  test("stops a run whose terminal is closed, keeps it, and leaves the line how to go on", async () => {
    const dir = join(root, "-closed 'terminal'");
    const relative = "-closed 'terminal'";
    const closed = await closedTerminal([process.execPath, MAIN, ...run(relative, 40)], "b1   improve", root);
    expect(closed).toBe("SIGHUP");
    await noneRemain([dir]);
    const note = await readFile(join(dir, "stopped.txt"), "utf8");
    const [, command = ""] = /^The terminal was closed; .* Go on with: (.*)\n$/.exec(note) ?? [];
    const before = await episodesOf(dir);
    const more = await inShell(`cd /; ${command} --proposals ${before + 1}`);
    expect(more.code, more.stderr).toBe(0);
    expect(await episodesOf(dir)).toBeGreaterThanOrEqual(before);
    expect(existsSync(join(dir, "stopped.txt"))).toBe(false);
  });
});

describe("a line that says how to go on", () => {
  const ODD = ["my runs/50% #1", "it's $HOME", "-begins with a dash", "漢字 & (more)"];

  test.each(ODD)("can be pasted after the end of a run in %j", async (dir) => {
    const first = await runCli(run(dir, 1), {}, root);
    expect(first.code, first.stderr).toBe(0);
    const [, command = ""] = /^to continue, .*: {2}(npx nbevolve resume .*)$/m.exec(first.stdout) ?? [];
    const second = await inShell(command);
    expect(second.code, `${command}\n${second.stderr}`).toBe(0);
    expect(await episodesOf(join(root, dir))).toBe(2);
  });

  test("can be pasted after Ctrl-C, and after the model has failed", async () => {
    const dir = "odd ; dir/it's";
    const stop: { now: () => void } = { now: () => undefined };
    await using first = await numbersServer((number) => void (number === 3 && stop.now()));
    const started = startCli(run(dir, 2, first.baseURL), {}, root);
    stop.now = () => void started.process.kill("SIGINT");
    const { stderr } = await started.ended;
    const [, command = ""] = /Go on with: (.*)$/m.exec(stderr) ?? [];
    await first[Symbol.asyncDispose]();
    const failed = await inShell(command);
    expect(failed.code, failed.stderr).toBe(3);
    const [, again = ""] = /^Nothing is lost; go on with: (.*)$/m.exec(failed.stderr) ?? [];
    const done = await inShell(`${again} --base-url ${server.baseURL}`);
    expect(done.code, done.stderr).toBe(0);
    expect(await episodesOf(join(root, dir))).toBe(2);
  });

  test("can be pasted after a part of the user's own has failed, and carries what the session was given", async () => {
    const dir = "it's mine";
    const strategy = (fault: string): Promise<void> =>
      writeFile(
        join(root, "mine.mjs"),
        `const ask = (best, { number }) => {
          if (number > 1) ${fault}
          return { operator: "improve", parents: [best], island: 0 };
        };
        export default { name: "mine", settings: {}, start: ({ id }) => id, tell: (best) => best, ask };`,
      );
    await strategy("throw new Error('not yet');");
    const first = await runCli([...run(dir, 1), "--strategy", "./mine.mjs"], {}, root);
    expect(first.code, first.stderr).toBe(0);
    const failed = await runCli(["resume", dir, "--proposals", "2", "--parallel", "1"], {}, root);
    expect(failed.code, failed.stderr).toBe(1);
    const [, command = ""] = /threw in ask.*\nNothing is lost; go on with: (.*)$/m.exec(failed.stderr) ?? [];
    expect(command).toMatch(/ --proposals 2 --parallel 1$/);
    await strategy("void 0;");
    const done = await inShell(command);
    expect(done.code, done.stderr).toBe(0);
    expect(await episodesOf(join(root, dir))).toBe(2);
  });
});
