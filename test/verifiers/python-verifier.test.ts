import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { codeCell, emptyNotebook, markdownCell } from "../../src/core/notebook/notebook.ts";
import type { Json, Score, Submission } from "../../src/contracts/index.ts";
import type { PythonVerifierOptions } from "../../src/verifiers/python-verifier.ts";
import { taskFromNotebook } from "../../src/tasks/task-notebook.ts";
import { pythonVerifier } from "../../src/verifiers/python-verifier.ts";
import { describeVerifier } from "../../src/testing/conformance/verifier.ts";
import { runCompiled } from "../support/compiled.ts";
import { noneLeft, processesWith, until } from "../support/processes.ts";
import { testPython } from "../support/python.ts";
import { noSandbox, testSandbox } from "../support/sandbox.ts";

const workDir = mkdtempSync(join(tmpdir(), "nbevolve-verifier-test-"));
afterAll(() => rmSync(workDir, { recursive: true }));
afterEach(() => expectNothingLeft());

/** The judges' folders are in `workDir`, which every process of a judgement carries in its environment. */
function expectNothingLeft(): void {
  noneLeft([workDir]);
  if (readdirSync(workDir).length > 0) throw new Error("a judge's folder was left behind");
}

/** True once what is judged has written a file of this name into its folder. */
const written = (name: string): boolean =>
  readdirSync(workDir, { recursive: true, encoding: "utf8" }).some((file) => basename(file) === name);

const never = new AbortController().signal;
/** Two floats, 1 and 2, as numpy writes them. */
const ARRAY = {
  $array: {
    dtype: "<f8",
    shape: [2],
    npy: "k05VTVBZAQB2AHsnZGVzY3InOiAnPGY4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAADwPwAAAAAAAABA",
  },
};
const verifier = (source: string, more: Partial<PythonVerifierOptions> = {}) =>
  pythonVerifier({
    python: testPython,
    source: { source, cell: "c9" },
    direction: "maximize",
    timeoutMs: 20_000,
    memoryMb: 500,
    workDir,
    sandbox: testSandbox,
    ...more,
  });

async function judge(
  source: string,
  submission: Submission = null,
  more: Partial<PythonVerifierOptions> = {},
): Promise<Score> {
  await using judging = verifier(source, more);
  return await judging.verify(submission, { signal: never });
}

/** A verifier that returns the value of an expression. */
const returning = (expression: string): string => `def verify(submission):\n    return ${expression}\n`;

describe("what is judged leaves nothing behind", () => {
  test.each([
    ["5000 levels", "for _ in range(5000): os.mkdir('d'); os.chdir('d')"],
    [
      "folders that nobody may enter",
      "os.makedirs('a/b'); open('a/b/f', 'w'); os.chmod('a/b', 0); os.chmod('a', 0)",
    ],
    ["10000 files", "for i in range(10000): open(f'{i}', 'w').close()"],
    ["pipes", "os.mkfifo('p')"],
    ["links to a folder", "os.symlink('/usr', 'l')"],
  ])("%s", async (_, source) => {
    const score = await judge(`import os\ndef verify(submission):\n    ${source}\n    return 1.0\n`);
    expect(score).toMatchObject({ valid: true });
  });
});

describe("a score", () => {
  test("is computed from the submission", async () => {
    const score = await judge(returning("sum(submission['radii'])"), {
      radii: [0.5, 0.25, { $float: "1.0" }],
    });
    expect(score).toEqual({ valid: true, fitness: 1.75, metrics: { score: 1.75 }, message: "" });
  });

  test("is negated to a fitness when it is minimised; the metrics keep the task's direction", async () => {
    const source = returning(
      "{'score': 0.38, 'sum': 3, 'metrics': {'steps': 7}, 'message': 'fine', 'valid': True}",
    );
    expect(await judge(source, null, { direction: "minimize" })).toEqual({
      valid: true,
      fitness: -0.38,
      metrics: { score: 0.38, sum: 3, steps: 7 },
      message: "fine",
    });
    const zero = await judge(returning("0.0"), null, { direction: "minimize" });
    expect(Object.is(zero.fitness, 0)).toBe(true);
  });

  test("metrics that are not finite numbers are named and left out", async () => {
    const source = returning(
      "{'score': 1, 'a': float('nan'), 'b': True, 'c': 'x', 'd': 2, 'metrics': {'e': [1], 'score': 9}}",
    );
    const score = await judge(source);
    expect(score).toMatchObject({ valid: true, fitness: 1, metrics: { score: 1, d: 2 } });
    expect(Object.keys(score.metrics).toSorted()).toEqual(["d", "score"]);
    for (const name of ["a", "b", "c", "e"]) expect(score.message).toContain(`the metric "${name}" is `);
  });

  test("every double arrives exactly", async () => {
    const source = "def verify(s):\n    return {'score': 1, 'message': ' '.join(map(float.hex, s))}\n";
    const score = await judge(source, [0.1, { $float: "-0.0" }, 5e-324, { $float: "1e+22" }]);
    expect(score.message).toBe(
      "0x1.999999999999ap-4 -0x0.0p+0 0x0.0000000000001p-1022 0x1.0f0cf064dd592p+73",
    );
  });
});

describe("rubbish is an invalid score that says what it was", () => {
  test.each([
    ["True", "True (a bool) as the score"],
    ["float('nan')", "nan (a float) as the score"],
    ["float('-inf')", "-inf (a float) as the score"],
    ["1+2j", "(1+2j) (a complex) as the score"],
    ["'4.2'", "'4.2' (a str) as the score"],
    ["None", "None as the score"],
    ["[1.0]", "a list as the score"],
    ["10**400", "an int of 1329 bits as the score"],
    ["1 << 10**6", "an int of 1000001 bits as the score"],
    ["__import__('fractions').Fraction(1, 3)", "a Fraction as the score"],
    ["verify", "a function as the score"],
    ["{'score': float('nan')}", "nan (a float) as the score"],
    ["{'valid': True}", 'a dict without "score"'],
    ["{'score': 1, 'valid': 1}", '1 (an int) as "valid"'],
    ["{'score': 1, 'valid': False, 'message': 'two circles overlap'}", "two circles overlap"],
    ["{'score': 1, 'valid': False}", "the verifier rejects the submission"],
    [
      "type('F', (float,), {'__float__': lambda s: 9.0, '__repr__': lambda s: '9'})('nan')",
      "a F as the score",
    ],
  ])("%s", async (expression, words) => {
    const score = await judge(returning(expression));
    expect(score).toMatchObject({ valid: false, fitness: null });
    expect(score.message).toContain(words);
    expect(score.metrics).not.toHaveProperty("score");
  });

  test("numpy: its float scalars are numbers, its arrays and booleans are not", async () => {
    const source =
      "import numpy as np\nkinds = [np.float32(0.5), np.int64(3), np.float64(2.5), np.bool_(True), np.array([1.0]), np.timedelta64(5)]\ndef verify(s):\n    return {'score': kinds[s], 'valid': np.bool_(True)}\n";
    const scores = await Promise.all([0, 1, 2, 3, 4, 5].map((at) => judge(source, at)));
    expect(scores.map((score) => score.fitness)).toEqual([0.5, 3, 2.5, null, null, null]);
    expect(scores[4]?.message).toContain("an array of shape (1,)");
  });

  test("numpy: arrays arrive as arrays", async () => {
    expect(await judge(returning("submission.sum()"), ARRAY)).toMatchObject({ fitness: 3 });
    const lying = { $array: { ...ARRAY.$array, shape: [3] } };
    expect((await judge(returning("1"), lying)).message).toContain(
      "the submission cannot be read: malformed $array",
    );
  });

  test.each<[string, Submission]>([
    ["an unknown tag", { $import: "os" }],
    ["a malformed tag", { $float: "__import__('os')" }],
    ["a tag with company", { $int: "5", score: 1 }],
    ["10 000 lists deep", JSON.parse(`${"[".repeat(10_000)}${"]".repeat(10_000)}`) as Submission],
  ])("a submission with %s cannot be read", async (_, submission) => {
    const score = await judge(returning("1"), submission);
    expect(score).toMatchObject({
      valid: false,
      message: expect.stringContaining("the submission cannot be read"),
    });
  });
});

test.each<[string, string, Submission, string]>([
  [
    "an array",
    "isinstance(submission, list)",
    ARRAY,
    "; the submission is an array of shape (2,): `.tolist()` makes a list of it",
  ],
  [
    "a list with an array in it",
    "False",
    [1, ARRAY],
    "; item 1 is an array of shape (2,): `.tolist()` makes a list of it",
  ],
  ["plain data", "False", [1, [2]], ""],
])("a rejected submission that is %s is told how to become a list", async (_, holds, submission, remark) => {
  const { message } = await judge(`def verify(submission):\n    assert ${holds}`, submission);
  expect(message).toBe(`AssertionError (line 2 of the verifier)${remark}`);
});

describe("what a verifier raises", () => {
  const at = (...lines: string[]): string =>
    `SECRET = "hidden"\ndef verify(submission):\n${lines.map((line) => `    ${line}\n`).join("")}`;

  test.each([
    [
      at('raise ValueError("circle 3 leaves the square by 1e-3")'),
      "ValueError: circle 3 leaves the square by 1e-3 (line 3 of the verifier)",
    ],
    [at("assert SECRET == submission"), "AssertionError (line 3 of the verifier)"],
    [at("raise SystemExit"), "SystemExit (line 3 of the verifier)"],
    [at("import sys", "sys.exit(0)"), "SystemExit: 0 (line 4 of the verifier)"],
    [at("raise KeyboardInterrupt"), "KeyboardInterrupt (line 3 of the verifier)"],
    [
      at("return verify(submission)"),
      "RecursionError: maximum recursion depth exceeded (line 3 of the verifier)",
    ],
    [
      at("return submission[SECRET]"),
      "TypeError: 'NoneType' object is not subscriptable (line 3 of the verifier)",
    ],
    [
      at("import json", "return json.loads('{')"),
      "JSONDecodeError: Expecting property name enclosed in double quotes: line 1 column 2 (char 1) (line 4 of the verifier)",
    ],
    [at("return bytearray(1 << 34)"), "MemoryError (line 3 of the verifier)"],
    [
      at("class E(Exception):", "    def __str__(self): raise SystemExit", "raise E"),
      "E: (its message cannot be had: SystemExit) (line 5 of the verifier)",
    ],
    ["x = 1\nraise RuntimeError('at import')", "RuntimeError: at import (line 2 of the verifier)"],
    ["x = 1\ndef verify(s:\n  return 1", "SyntaxError: '(' was never closed (line 2 of the verifier)"],
    ["score = 1", "the verifier defines no function verify(submission)"],
    [at("import os", "os._exit(7)"), "the verifier's process ended (exit code 7) before it gave a verdict"],
    [at("import os", "os._exit(0)"), "the verifier's process ended (exit code 0) before it gave a verdict"],
    [
      at("import ctypes", "ctypes.string_at(0)"),
      "the verifier's process ended (SIGSEGV) before it gave a verdict",
    ],
    [
      at("import os", "os.kill(os.getpid(), 9)"),
      "the verifier's process ended (SIGKILL) before it gave a verdict",
    ],
  ])("%j", async (source, message) => {
    expect(await judge(source)).toEqual({ valid: false, fitness: null, metrics: {}, message });
  });

  const of = (source: string, tag: "parameters" | "verifier" | "holdout") =>
    ({ ...codeCell("new", source, { role: "code", round: 0 }), metadata: { tags: [tag] } }) as const;
  const DEEP = "from __future__ import annotations\nimport json\ndef deep(x):\n    return json.loads('?')";
  const CALLS = "\nfrom __future__ import division\ndef verify(submission):\n    return deep(submission)";
  const DEPTH = "JSONDecodeError: Expecting value: line 1 column 1 (char 0)";

  test.each<[string, string, Record<string, Json>, string, string]>([
    [
      "its own line",
      "a = 1\nb = 2",
      {},
      "\ndef verify(s):\n    return s[0]",
      "TypeError: 'int' object is not subscriptable (line 3 of the verifier)",
    ],
    [
      "under overridden parameters",
      "a = 1\nb = 2",
      { a: 2, b: 3 },
      "def verify(s):\n    assert a == 1",
      "AssertionError (line 2 of the verifier)",
    ],
    ["called from deep", DEEP, {}, CALLS, `${DEPTH} (line 4 of the parameters)`],
    [
      "calling what is deep",
      "a = '['",
      {},
      `${CALLS}\ndef deep(x):\n\n    raise ValueError(f"{a} (line 9 of the verifier)")`,
      "ValueError: [ (line 9 of the verifier) (line 7 of the verifier)",
    ],
    [
      "no parameters",
      "",
      {},
      "def verify(s):\n    return 1 / 0",
      "ZeroDivisionError: division by zero (line 2 of the verifier)",
    ],
    [
      "syntax",
      "a = 1\nb = 2",
      {},
      "def verify(s):\n    return 1\nreturn 2",
      "SyntaxError: 'return' outside function (line 3 of the verifier)",
    ],
    [
      "an import from the future that there is not",
      "a = 1\nb = 2",
      {},
      "def verify(s):\n    return 1\nfrom __future__ import speed",
      "SyntaxError: future feature speed is not defined (line 3 of the verifier)",
    ],
  ])("its line counts within its cell: %s", async (_, parameters, overrides, source, message) => {
    const first = { ...markdownCell("new", "Find it.", { role: "task", round: 0 }) };
    const founder = codeCell("new", "submission = 1", { role: "code", round: 0 });
    const cells = [
      first,
      of(parameters, "parameters"),
      founder,
      of(source, "verifier"),
      of(source, "holdout"),
    ];
    const notebook = { ...emptyNotebook(), cells: cells.map((cell, i) => ({ ...cell, id: `c${i}` })) };
    const options = { name: "mine", parameters: overrides };
    const task = taskFromNotebook(notebook, options);
    for (const [role, given] of [
      ["verifier", task.verifier],
      ["holdout", task.holdout],
    ] as const) {
      const score = await judge("", 1, { source: given ?? task.verifier });
      expect(score.message).toBe(message.replace(/verifier\)$/, `${role})`));
    }
  });

  test("a message of any length is kept within bounds", async () => {
    const score = await judge(at("raise ValueError('x' * 10**7)"));
    expect(score.message.length).toBeLessThan(5000);
    expect(score.message).toContain("(9996012 more characters)");
  });
});

describe("limits", () => {
  test("an infinite loop is stopped at its limit", async () => {
    const score = await judge("def verify(s):\n    while True: pass", null, { timeoutMs: 500 });
    expect(score).toMatchObject({ valid: false, message: "the verifier was stopped at its limit of 0.5 s" });
  });

  test("what was printed before a limit is still told", async () => {
    const score = await judge("import time\ndef verify(s):\n    print('at 7')\n    time.sleep(100)", null, {
      timeoutMs: 500,
    });
    expect(score.message).toBe(
      "the verifier was stopped at its limit of 0.5 s\n\nThe verifier printed:\nat 7",
    );
  });

  test("children in sessions of their own are ended with it", async () => {
    const source = `
import os, subprocess, sys, time
def verify(s):
    for _ in range(3):
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                while True: time.sleep(0.01)
            os._exit(0)
    subprocess.Popen([sys.executable, "-c", "while True: pass"], start_new_session=True)
    return 1 if s is None else time.sleep(100)
`;
    expect(await judge(source)).toMatchObject({ valid: true });
    expectNothingLeft();
    expect(await judge(source, 1, { timeoutMs: 700 })).toMatchObject({ valid: false });
  });

  test("a memory eater is stopped, alone or spread over children", async () => {
    const alone = "def verify(s):\n    held = []\n    while True: held.append(bytearray(b'x' * (8 << 20)))";
    const first = await judge(alone, null, { memoryMb: 300 });
    expect(first.message).toMatch(/^(the verifier was stopped at its memory limit of 300 MB|MemoryError)/);
    const spread =
      "import os, time\ndef verify(s):\n    for _ in range(4):\n        if os.fork() == 0:\n            held = bytearray(b'x' * (100 << 20)); time.sleep(100)\n    time.sleep(100)";
    const second = await judge(spread, null, { memoryMb: 300 });
    expect(second.message).toBe("the verifier was stopped at its memory limit of 300 MB");
  });

  test.skipIf(noSandbox !== null).each([
    ["files in shared memory", "/dev/shm"],
    ["temporary files", "/tmp"],
  ])("a memory that is filled with %s is stopped", async (_, folder) => {
    const source = `
import time
def verify(s):
    for i in range(10):
        with open(f"${folder}/{i}", "wb") as f: f.write(b"x" * (60 << 20))
    time.sleep(100)`;
    const { message } = await judge(source, null, { memoryMb: 400 });
    expect(message).toBe("the verifier was stopped at its memory limit of 400 MB");
  });

  test.each([
    ["processes without end", "while True:\n        if os.fork() == 0: time.sleep(100)"],
    [
      "threads without end",
      "threading.stack_size(1 << 16)\n    while True: threading.Thread(target=time.sleep, args=(100,)).start()",
    ],
  ])("%s are stopped", async (_, body) => {
    const { message } = await judge(`import os, threading, time\ndef verify(s):\n    ${body}`, null, {
      memoryMb: 4000,
    });
    expect(message).toMatch(/^the verifier was stopped at its limit of 512 processes and threads$/);
  });

  test.each([
    [
      "many files",
      "for i in range(9):\n        with open(f'f{i}', 'wb') as f: os.posix_fallocate(f.fileno(), 0, 900 << 20)",
    ],
    [
      "files without a name",
      "held = [tempfile.TemporaryFile(dir='.') for _ in range(9)]\n    for f in held: os.posix_fallocate(f.fileno(), 0, 900 << 20)",
    ],
    [
      "many files below a thousand folders",
      "for _ in range(1000): os.mkdir('d'); os.chdir('d')\n    for i in range(9):\n        with open(f'f{i}', 'wb') as f: os.posix_fallocate(f.fileno(), 0, 900 << 20)",
    ],
  ])("a disk that is filled with %s is stopped", async (_, body) => {
    const source = `import os, tempfile, time\ndef verify(s):\n    ${body}\n    time.sleep(100)`;
    expect((await judge(source)).message).toBe("the verifier was stopped at its limit of 4096 MB on disk");
  });
});

describe("only the verdict's own descriptor counts", () => {
  test("50 MB of output are read, and a few kB are told", async () => {
    const score = await judge("def verify(s):\n    for _ in range(50): print('x' * (1 << 20))\n    return 1");
    expect(score).toMatchObject({ valid: true, fitness: 1 });
    expect(score.message.length).toBeLessThan(2200);
    expect(score.message).toMatch(/\(\d+ bytes left out\)/);
  });

  test("a verdict that is printed is only print", async () => {
    const verdict = JSON.stringify({ valid: true, score: 99, metrics: { score: 99 }, message: "" });
    const source = `import os, sys\ndef verify(s):\n    for fd in (1, 2): os.write(fd, b'ready\\n${verdict}\\n')\n    sys.__stdout__.write('done')\n    return 2`;
    const score = await judge(source);
    expect(score).toMatchObject({ valid: true, fitness: 2 });
    expect(score.message).toBe(`The verifier printed:\nready\n${verdict}\nready\n${verdict}\ndone`);
  });

  test.each(["spawn", "forkserver", "fork"])("may share its work among processes by %s", async (method) => {
    const source = `import multiprocessing
from concurrent.futures import ProcessPoolExecutor
def square(number):
    return number * number
def verify(s):
    context = multiprocessing.get_context("${method}")
    with context.Pool(2) as pool:
        pooled = sum(pool.map(square, range(5)))
    with ProcessPoolExecutor(2, mp_context=context) as executor:
        return pooled + sum(executor.map(square, range(3)))`;
    expect(await judge(source, 1, { timeoutMs: 120_000 })).toMatchObject({ valid: true, fitness: 35 });
  });

  test("a fork that returns from verify() has no say", async () => {
    const source =
      "import os\ndef verify(s):\n    pid = os.fork()\n    if pid == 0: return 99\n    os.waitpid(pid, 0)\n    return 1";
    expect(await judge(source)).toMatchObject({ fitness: 1 });
  });

  test("closed descriptors, with or without something else in their place, are no verdict", async () => {
    const closed = await judge("import os\ndef verify(s):\n    os.closerange(0, 100)\n    return 99");
    expect(closed).toMatchObject({
      valid: false,
      message: expect.stringContaining("before it gave a verdict"),
    });
    const forged = await judge(
      "import os\ndef verify(s):\n    os.write(3, b'{\"valid\": true}\\n')\n    os._exit(0)",
    );
    expect(forged).toMatchObject({
      valid: false,
      message: expect.stringContaining("the verifier broke the verdict"),
    });
  });

  test.each<[string, string]>([
    ["a list", "b'[1]'"],
    ["endless depth", `b'{"valid": true, "score": ' + b'[' * 100000 + b']' * 100000 + b'}'`],
    [
      "very many metrics",
      `json.dumps({"valid": True, "score": 1, "message": "", "metrics": {str(i): 1 for i in range(5000)}}).encode()`,
    ],
    [
      "a metric with a name of a book",
      `json.dumps({"valid": True, "score": 1, "message": "", "metrics": {"x" * 5000: 1}}).encode()`,
    ],
    ["an endless number", `b'{"valid": true, "score": 1e999, "metrics": {}, "message": ""}'`],
    ["a valid one without a score", `b'{"valid": true, "score": null, "metrics": {}, "message": ""}'`],
    ["an invalid one with a score", `b'{"valid": false, "score": 7, "metrics": {}, "message": ""}'`],
    ["two megabytes", `b'{"valid": true, "score": 1, "metrics": {}, "message": "' + b'x' * 2000000 + b'"}'`],
  ])("%s on the verdict's descriptor is no verdict", async (_, text) => {
    const score = await judge(
      `import json, os\ndef verify(s):\n    left = ${text} + b'\\n'\n    while left: left = left[os.write(3, left):]\n    os._exit(0)`,
    );
    expect(score).toMatchObject({ valid: false, fitness: null, metrics: {} });
    expect(score.message).toMatch(/broke the verdict|before it gave a verdict/);
    expect(score.message.length).toBeLessThan(1000);
  });

  test("stdin is empty, and stdout may be closed", async () => {
    const score = await judge(
      "import sys\ndef verify(s):\n    left = sys.stdin.read()\n    sys.stdout.close()\n    return len(left)",
    );
    expect(score).toMatchObject({ valid: true, fitness: 0 });
  });
});

describeVerifier(
  "the Python verifier",
  () =>
    verifier(
      `
import time
def verify(radii):
    if radii == "slow": time.sleep(100)
    for at, radius in enumerate(radii):
        if radius > 1: raise ValueError(f"circle {at} is too large")
    return {"score": sum(radii), "circles": len(radii)}
`,
    ),
  { better: [0.5, 0.25], worse: [0.5], rejected: [0.5, 2], slow: "slow" },
);

test("the judge sees no secret, no folder of ours, and the same surroundings each time", async () => {
  process.env["NBEVOLVE_TEST_SECRET"] = "s3cret";
  const source = `
import os
def verify(s):
    assert os.listdir(".") == [] and os.environ["HOME"] == os.getcwd()
    open("state", "w").write("x")
    return {"score": hash("a") % 1000, "message": " ".join(sorted(os.environ))}
`;
  await using judging = verifier(source);
  const scores = await Promise.all([1, 2].map((it) => judging.verify(it, { signal: never })));
  delete process.env["NBEVOLVE_TEST_SECRET"];
  expect(scores[0]).toEqual(scores[1]);
  // Bubblewrap sets PWD.
  expect(scores[0]?.message.replace(" PWD", "")).toBe(
    "HOME LANG MKL_NUM_THREADS MPLBACKEND MPLCONFIGDIR NUMEXPR_NUM_THREADS OMP_NUM_THREADS OPENBLAS_NUM_THREADS PATH " +
      "PYTHONHASHSEED PYTHONPATH TMPDIR TZ",
  );
});

test("a Python that cannot be started is an error of the run", async () => {
  await expect(judge(returning("1"), null, { python: "/none/python" })).rejects.toMatchObject({
    code: "verifier-unavailable",
    message: expect.stringMatching(
      /cell c9 could not be started with \/none\/python.*ENOENT.*NBEVOLVE_PYTHON/,
    ),
  });
  await expect(judge(returning("1"), null, { python: process.execPath })).rejects.toMatchObject({
    code: "verifier-unavailable",
  });
});

describe("an abort", () => {
  const sleeper =
    'import os, time\ndef verify(s):\n    if os.fork() == 0: open("forked", "w")\n    time.sleep(100)\n';

  test("in mid-judgement rejects with the signal's reason and leaves nothing", async () => {
    await using judging = verifier(sleeper);
    const controller = new AbortController();
    const judged = judging.verify(null, { signal: controller.signal });
    await until(() => written("forked"));
    const reason = new Error("Ctrl-C");
    controller.abort(reason);
    await expect(judged).rejects.toBe(reason);
    expectNothingLeft();
    await expect(judging.verify(null, { signal: controller.signal })).rejects.toBe(reason);
  });

  test("at any moment of the start leaves nothing", async () => {
    await using judging = verifier(sleeper);
    for (const delayMs of [0, 1, 3, 6, 12, 24, 48]) {
      const signal = AbortSignal.timeout(delayMs);
      await expect(judging.verify(null, { signal })).rejects.toMatchObject({ name: "TimeoutError" });
      expectNothingLeft();
    }
  });

  test("disposing ends what is being judged", async () => {
    const judging = verifier(sleeper);
    const judged = judging.verify(null, { signal: never }).catch(String);
    await until(() => written("forked"));
    await judging[Symbol.asyncDispose]();
    expectNothingLeft();
    expect(await judged).toContain("disposed of");
    await expect(judging.verify(null, { signal: never })).rejects.toThrow("disposed of");
  });
});

test("kill -9 of the controller leaves no process and no folder", async () => {
  const source = `import os, time
def verify(s):
    if os.fork() == 0:
        os.setsid()
        open("escaped", "w")
    time.sleep(1000)
`;
  const options = {
    python: testPython,
    source: { source, cell: "c1" },
    direction: "maximize",
    timeoutMs: 1e6,
    memoryMb: 300,
    workDir,
    sandbox: testSandbox,
  };
  const node = await runCompiled(
    "src/verifiers/python-verifier.ts",
    `(m) => m.pythonVerifier(${JSON.stringify(options)}).verify(1, { signal: new AbortController().signal })`,
  );
  await until(() => written("escaped"));
  // The controller itself, the guard, the judge, and the judge's child; a box adds its own.
  expect(processesWith(workDir).length).toBeGreaterThanOrEqual(4);
  const ended = once(node, "exit");
  node.kill("SIGKILL");
  expect(await ended).toEqual([null, "SIGKILL"]);
  await until(() => processesWith(workDir).length === 0 && readdirSync(workDir).length === 0);
});
