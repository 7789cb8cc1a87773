import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { text } from "node:stream/consumers";
import { afterEach, expect, test } from "vitest";
import type { GuardedOptions } from "../../src/machine/guarded-process.ts";
import { spawnGuarded } from "../../src/machine/guarded-process.ts";
import { runCompiled } from "../support/compiled.ts";
import { lineServer, testPython as python } from "../support/python.ts";
import { noneLeft, processesWith, until } from "../support/processes.ts";

const tokens: string[] = [];

/** A guarded Python program whose processes, all of them, carry the token. */
function guarded(program: string, more: Partial<GuardedOptions> = {}) {
  const token = `token-${randomUUID()}`;
  tokens.push(token);
  const env = { PATH: process.env["PATH"] ?? "", LANG: "C.UTF-8", TOKEN: token };
  const command = [python, "-I", "-S", "-c", program] as const;
  return { token, run: spawnGuarded({ python, command: [...command], cwd: tmpdir(), env, ...more }) };
}

/** Starts `copies` processes that sleep for ever, each in a session of its own, its parent gone. */
const SCATTER = (copies: number) => `
import os, signal, sys, time
for _ in range(${copies}):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            os.write(1, b"+")
            time.sleep(1000)
        os._exit(0)
`;
const FOREVER = "\nimport time\nwhile True: time.sleep(1000)\n";

afterEach(() => noneLeft(tokens.splice(0)));

test("reports the exit code, and only the given environment is there", async () => {
  const { run } = guarded(
    "import os, sys\nprint(sorted(os.environ))\nsys.exit(int(len(os.environ['TOKEN']) > 0) + 6)",
  );
  const printed = run.stdout === null ? "" : await text(run.stdout);
  expect(await run.ended).toMatchObject({ ended: "exit", status: 7, message: "" });
  expect(printed.trim()).toBe("['LANG', 'PATH', 'TOKEN']");
});

test("reports the signal that ended the command", async () => {
  const { run } = guarded("import os\nos.kill(os.getpid(), 11)");
  expect(await run.ended).toMatchObject({ ended: "signal", status: 11 });
});

test("ends what the command left behind, other sessions and lost parents included", async () => {
  const { run } = guarded(`${SCATTER(5)}\ntime.sleep(0.2)\nsys.exit(3)`);
  expect(await run.ended).toMatchObject({ ended: "exit", status: 3 });
});

test("ends the tree at the wall limit, though it ignores SIGTERM", async () => {
  const { run } = guarded(SCATTER(3) + FOREVER, { wallMs: 300 });
  expect(await run.ended).toMatchObject({ ended: "wall" });
});

test("counts the memory of the whole tree", async () => {
  const eater = `
import os, time
for _ in range(4):
    if os.fork() == 0:
        held = bytearray(os.urandom(1) * (40 << 20))
        time.sleep(1000)
time.sleep(1000)
`;
  const { run } = guarded(eater, { memoryMb: 100 });
  const ended = await run.ended;
  expect(ended).toMatchObject({ ended: "memory" });
  expect(ended.peakRssMb).toBeGreaterThan(100);
});

test("does not count pages that forks share for each of them", async () => {
  const forks = `
import os, time
held = bytearray(os.urandom(1) * (60 << 20))
pids = []
for _ in range(5):
    pid = os.fork()
    if pid == 0:
        time.sleep(0.4)
        os._exit(0)
    pids.append(pid)
for pid in pids: os.waitpid(pid, 0)
`;
  const { run } = guarded(forks, { memoryMb: 150 });
  expect(await run.ended).toMatchObject({ ended: "exit", status: 0 });
});

test("kill() ends the tree at any moment, even before the guard is up, and may be called again", async () => {
  for (const wait of [false, true]) {
    const { run } = guarded(SCATTER(2) + FOREVER);
    if (wait && run.stdout !== null) await once(run.stdout, "data");
    expect(await run.kill()).toMatchObject({ ended: "terminated" });
    expect(await run.kill()).toBe(await run.ended);
  }
});

test("grace lets the command end by itself after SIGTERM", async () => {
  const polite = `
import signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: sys.exit(5))
print("up", flush=True)
time.sleep(1000)
`;
  const { run } = guarded(polite, { graceMs: 10_000 });
  if (run.stdout !== null) await once(run.stdout, "data");
  expect(await run.kill()).toMatchObject({ ended: "terminated", status: 5 });
});

test("kill -9 of the guard ends the command", async () => {
  const { run, token } = guarded(`print("up", flush=True)${FOREVER}`);
  if (run.stdout !== null) await once(run.stdout, "data");
  process.kill(run.pid ?? 0, "SIGKILL");
  expect(await run.ended).toMatchObject({ ended: "lost" });
  await until(() => processesWith(token).length === 0);
});

test("a command or guard that cannot be started is said by name", async () => {
  const env = {};
  const none = spawnGuarded({ python, command: ["/none/such"], cwd: tmpdir(), env });
  expect(await none.ended).toMatchObject({ ended: "failed", message: expect.stringContaining("/none/such") });
  const guardless = spawnGuarded({ python: "/none/python", command: ["true"], cwd: tmpdir(), env });
  expect(await guardless.ended).toMatchObject({
    ended: "failed",
    message: expect.stringContaining("/none/python"),
  });
  expect(await guardless.kill()).toMatchObject({ ended: "failed" });
});

test("extra descriptors reach the command, the guard's own do not", async () => {
  const { run } = guarded(
    "import os\nos.write(4, os.read(3, 9))\nos.write(4, str(sorted(int(f) for f in os.listdir('/proc/self/fd'))).encode())",
    { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] },
  );
  run.pipe(3).end("through: ");
  // 5 is the listing's own.
  expect(await text(run.pipe(4))).toBe("through: [0, 1, 2, 3, 4, 5]");
  expect(() => run.pipe(5)).toThrow(RangeError);
  expect(await run.ended).toMatchObject({ ended: "exit", status: 0 });
});

test("kill -9 of the controller ends the tree", async () => {
  const token = `token-${randomUUID()}`;
  tokens.push(token);
  const program = SCATTER(3) + FOREVER;
  const options = { python, cwd: "/", env: { TOKEN: token }, command: [python, "-I", "-S", "-c", program] };
  const node = await runCompiled(
    "src/machine/guarded-process.ts",
    `(m) => m.spawnGuarded(${JSON.stringify(options)}).stdout.pipe(process.stdout)`,
  );
  let started = 0;
  node.stdout.on("data", (data: Buffer) => (started += data.length));
  await until(() => started === 3);
  expect(processesWith(token).length).toBeGreaterThanOrEqual(5);
  node.kill("SIGKILL");
  await until(() => processesWith(token).length === 0);
});

test("finds the same descendants where the system lists no children", async () => {
  const program = `
import os, sys, time
from nbevolve_guard import process_tree as tree
tree.prctl(tree.PR_SET_CHILD_SUBREAPER, 1)
up, done = os.pipe()
for _ in range(3):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0: os.fork()
        os.write(done, b"+"); time.sleep(1000)
for _ in range(9): os.read(up, 1)
for line in sys.stdin:
    listed = tree.descendants()
    os.path.exists = lambda path: False
    scanned = tree.descendants()
    left = tree.end_all(0, {})
    print(len(listed), sorted(listed) == sorted(scanned), left, flush=True)
`;
  const server = lineServer(program);
  expect(await server.ask("count")).toBe("9 True 0");
  await server.end();
});

test("a descriptor that the controller left open does not reach the command", async () => {
  const program = `
import os, subprocess, sys
life, report = os.pipe(), os.pipe()
secret = os.open(os.devnull, os.O_RDONLY)
assert life[0] < report[1] < secret
show = "import os; print(sorted(map(int, os.listdir('/proc/self/fd'))))"
for line in sys.stdin:
    guard = [sys.executable, "-m", "nbevolve_guard.guard", "--lifeline-fd", str(life[0]), "--report-fd", str(report[1])]
    kept = {"pass_fds": (life[0], report[1], secret)}
    print(subprocess.check_output([*guard, "--", sys.executable, "-c", show], **kept).decode().strip(), flush=True)
`;
  const server = lineServer(program);
  // 3 is the listing's own.
  expect(await server.ask("show")).toBe("[0, 1, 2, 3]");
  await server.end();
});
