// What the author of a task reads when it is wrong: the whole message, for tasks that are wrong in thirty ways. What can be seen
// without running anything comes from the notebook alone, the rest from a real kernel and a real verifier.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Cell, Json } from "../../../src/contracts/index.ts";
import { runFounder } from "../../../src/environment/index.ts";
import { withFailureHints } from "../../../src/run/task/failure-hints.ts";
import { openRuntime, type Runtime } from "../../../src/run/runtime.ts";
import { taskFromNotebook } from "../../../src/tasks/task-notebook.ts";
import { pythonVerifier } from "../../../src/verifiers/python-verifier.ts";
import { testPython } from "../../support/python.ts";
import { testSandbox } from "../../support/sandbox.ts";
import { tinyTask } from "../../support/tiny-task.ts";
import { code, founder, notebook, problemsOf, statement, VERIFY, verifier } from "../../tasks/notebooks.ts";

const END = "A run begins with a first solution that runs and has a score: correct the task's notebook.";
const OWN_FAULT =
  "A verifier refuses a submission with `raise ValueError(...)`; any other error is a fault in it.";
const setup = (source: string): Cell => code(source, "setup");
const verify = (...lines: readonly string[]): Cell =>
  verifier(["def verify(submission):", ...lines.map((line) => `    ${line}`)].join("\n"));

describe("before anything is run", () => {
  const seen = (...cells: readonly Cell[]) =>
    problemsOf(() => taskFromNotebook(notebook(cells), { name: "mine" }));

  test.for<readonly [string, readonly Cell[], readonly string[]]>([
    [
      "a bracket in a cell that is never closed",
      [statement(), setup("x = [1, 2\nprint(x)"), founder(), verifier()],
      ["cell 2 (setup, \"x = [1, 2\"): line 1 is not valid Python, '[' was never closed: x = [1, 2"],
    ],
    [
      "a bracket of another kind",
      [statement(), founder("submission = (1, 2]"), verifier()],
      [
        "cell 2 (first solution, \"submission = (1, 2]\"): line 1 is not valid Python, closing parenthesis ']' does not match opening " +
          "parenthesis '(': submission = (1, 2]",
      ],
    ],
    [
      "a bracket too many",
      [statement(), founder("submission = 1)"), verifier()],
      [
        "cell 2 (first solution, \"submission = 1)\"): line 1 is not valid Python, unmatched ')': submission = 1)",
      ],
    ],
    [
      "a quote that is not closed",
      [statement(), founder("submission = 1\nname = 'a"), verifier()],
      [
        'cell 2 (first solution, "submission = 1"): line 2 is not valid Python, unterminated string literal (detected at line 2): ' +
          "name = 'a",
      ],
    ],
    [
      "a bracket in the verifier",
      [statement(), founder(), verify("return min(submission")],
      [
        "cell 3 (verifier, \"def verify(submission):\"): line 2 is not valid Python, '(' was never closed: return min(submission",
      ],
    ],
    [
      "a line that is indented wrongly",
      [statement(), setup("def f():\nreturn 1"), founder(), verifier()],
      ['cell 2 (setup, "def f():"): line 2 is not valid Python: return 1'],
    ],
    [
      "no Python at all",
      [statement(), founder("x = = 1"), verifier()],
      ['cell 2 (first solution, "x = = 1"): line 1 is not valid Python: x = = 1'],
    ],
    [
      "a magic in the verifier",
      [statement(), founder(), verifier(`%matplotlib inline\n${VERIFY}`)],
      [
        'cell 3 (verifier, "%matplotlib inline"): line 1 is not valid Python: %matplotlib inline; this cell runs without IPython, so no magics',
      ],
    ],
    [
      "neither statement nor first solution nor verifier",
      [],
      [
        "no statement: begin with a markdown cell that says what is to be found",
        'no verifier: add a code cell tagged "verifier" that defines verify(submission)',
        "no first solution: add a code cell without a tag that computes one, however simple",
      ],
    ],
    [
      "a verifier without its tag",
      [statement(), founder(), code(VERIFY)],
      [
        'no verifier: cell 3 (first solution, "def verify(submission):") defines verify, but is not tagged "verifier"; give it that tag ' +
          "alone (in JupyterLab: select it, then Property Inspector (the gears at the right), Cell Tags)",
      ],
    ],
    [
      "a misspelt tag",
      [statement(), founder(), verifier(), code("import math", "setpu")],
      ['cell 4 (first solution, "import math"): unknown tag "setpu"; did you mean "setup"?'],
    ],
    [
      "two verifiers",
      [statement(), founder(), verifier(), verifier()],
      [
        'cell 3 (verifier, "def verify(submission):") and cell 4 (verifier, "def verify(submission):"): only one cell can be tagged ' +
          "verifier; join them",
      ],
    ],
    [
      "a verifier that takes nothing",
      [statement(), founder(), verifier("def verify():\n    return 1")],
      [
        'cell 3 (verifier, "def verify():"): verify cannot be called with the submission alone; write "def verify(submission):"',
      ],
    ],
  ])("%s", ([, cells, problems]) => {
    expect(seen(...cells)).toEqual(problems);
  });
});

describe("when it runs", () => {
  const { signal } = new AbortController();
  let runtime: Runtime;
  let folder = "";
  let workspaces = 0;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "nbevolve-hidden-"));
    await writeFile(join(folder, "rows.csv"), "1,2\n");
    runtime = await openRuntime(tinyTask, { sandbox: testSandbox });
  });
  afterAll(async () => {
    await runtime[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  async function refusalOf(
    cells: readonly Cell[],
    settings: Readonly<Record<string, Json>>,
  ): Promise<string> {
    const task = taskFromNotebook(notebook(cells, settings), { name: "mine" });
    const { verifierTimeoutMs: timeoutMs, verifierMemoryMb: memoryMb, cellTimeoutMs } = task.limits;
    const { direction, verifier: source } = task;
    await using judge = pythonVerifier({
      ...{ python: testPython, source, direction, timeoutMs, memoryMb },
      sandbox: testSandbox,
    });
    const kernels = await runtime.openKernels();
    const options = { signal, timeoutMs: cellTimeoutMs, workspace: `w${workspaces++}` };
    await using lease = await kernels.lease({ recipe: [] }, options);
    const played = runFounder(lease, { task, verifier: judge }, signal);
    return await withFailureHints(played, {}, runtime.sandbox).then(
      () => "it scored",
      (error: unknown) => (error instanceof Error ? error.message.replaceAll(folder, "FOLDER") : ""),
    );
  }

  type Row = readonly [string, () => readonly Cell[], string, Readonly<Record<string, Json>>?];
  const BROUGHT = (module: string, wish = module): string =>
    `\nnbevolve does not bring ${module}: add --with ${wish} (in code: packages); and for whoever runs the task next, say so in the notebook's metadata: ` +
    `{"nbevolve":{"packages":["${wish}"]}}`;
  const rows: readonly Row[] = [
    [
      "a cell that fails",
      () => [statement(), founder("x = 1\nsubmission = y"), verifier()],
      `cell 2 (first solution, "x = 1"), line 2, raised NameError: name 'y' is not defined. ${END}`,
    ],
    [
      "a package that is not there",
      () => [statement(), setup("import sklearn.linear_model"), founder(), verifier()],
      `cell 2 (setup, "import sklearn.linear_model"), line 1, raised ModuleNotFoundError: No module named 'sklearn'. ${END}` +
        BROUGHT("sklearn", "scikit-learn"),
    ],
    [
      "no submission",
      () => [statement(), founder("submissions = 1"), verifier()],
      `the first solution leaves no submission: \`submission\` gives NameError: name 'submission' is not defined. ${END}`,
    ],
    [
      "a verifier that divides by zero",
      () => [statement(), founder("submission = 0"), verify("spread = submission", "return 1 / spread")],
      `the verifier itself fails on the first solution: ZeroDivisionError: division by zero, in line 3 of the verifier, \`return 1 / spread\`. ${OWN_FAULT} ${END}`,
    ],
    [
      "a verifier that uses the setup",
      () => [
        statement(),
        code("n = 7", "parameters"),
        setup("import math"),
        founder(),
        verify("return math.sqrt(n)"),
      ],
      `the verifier itself fails on the first solution: NameError: name 'math' is not defined, in line 2 of the verifier, \`return math.sqrt(n)\`. ` +
        `It does not see cell 3 (setup, "import math"), which defines that name: define it in the verifier's cell. ${END}`,
    ],
    [
      "a verifier that uses a name of the first solution",
      () => [
        statement(),
        founder("size = 3\nsubmission = [1] * size"),
        verify("return len(submission) / size"),
      ],
      `the verifier itself fails on the first solution: NameError: name 'size' is not defined, in line 2 of the verifier, \`return len(submission) / size\`. ` +
        `It does not see cell 2 (first solution, "size = 3"), which defines that name: define it in the verifier's cell. ${END}`,
    ],
    [
      "a verifier with a name that is nowhere",
      () => [statement(), founder(), verify("return submision")],
      `the verifier itself fails on the first solution: NameError: name 'submision' is not defined, in line 2 of the verifier, \`return submision\`. ${OWN_FAULT} ${END}`,
    ],
    [
      "a verifier that looks for a key",
      () => [statement(), founder("submission = {'a': 1}"), verify("return submission['b']")],
      `the verifier itself fails on the first solution: KeyError: 'b', in line 2 of the verifier, \`return submission['b']\`. ${OWN_FAULT} ${END}`,
    ],
    [
      "a verifier that ends its process",
      () => [statement(), founder(), verify("import sys", "sys.exit(3)")],
      `the verifier itself fails on the first solution: SystemExit: 3, in line 3 of the verifier, \`sys.exit(3)\`. ${OWN_FAULT} ${END}`,
    ],
    [
      "a first solution that is refused",
      () => [
        statement(),
        founder("submission = -1"),
        verify("if submission < 0:", "    raise ValueError('below 0')", "return 1"),
      ],
      `the verifier rejects the first solution: ValueError: below 0 (line 3 of the verifier). ${END}`,
    ],
    [
      "a first solution that is refused by an error of another kind",
      () => [
        statement(),
        founder("submission = -1"),
        verify("if submission < 0: raise KeyError('below 0')", "return 1"),
      ],
      `the verifier rejects the first solution: KeyError: 'below 0' (line 2 of the verifier). ${END}`,
    ],
    [
      "a first solution of another type",
      () => [statement(), founder("submission = 'abc'"), verify("return float(submission)")],
      `the verifier rejects the first solution: ValueError: could not convert string to float: 'abc' (line 2 of the verifier). ${END}`,
    ],
    [
      "a verifier whose fault is in a function of the parameters",
      () => [
        statement(),
        code("scale = 0\ndef spread(x):\n    return x / scale", "parameters"),
        founder("submission = 1"),
        verify("return spread(submission)"),
      ],
      `the verifier itself fails on the first solution: ZeroDivisionError: division by zero, in line 3 of the parameters, \`return x / scale\`. ${OWN_FAULT} ${END}`,
    ],
    [
      "a verifier without a return",
      () => [statement(), founder(), verify("score = submission")],
      `the verifier gives the first solution no score: verify() returned None as the score: it has to be a finite number. ${END}`,
    ],
    [
      "a score that is no number",
      () => [statement(), founder(), verify("return float('nan')")],
      `the verifier gives the first solution no score: verify() returned nan (a float) as the score: it has to be a finite number. ${END}`,
    ],
    [
      "a verifier that does not end",
      () => [statement(), founder(), verify("while True: pass")],
      `on the first solution, the verifier was stopped at its limit of 2 s. ${END}`,
      { limits: { verifierTimeoutMs: 2000 } },
    ],
    [
      "a package that the verifier imports",
      () => [statement(), founder(), verifier(`import pandas\n\n${VERIFY}`)],
      `the verifier fails on the first solution: ModuleNotFoundError: No module named 'pandas', in line 1 of the verifier, \`import pandas\`. ${END}` +
        BROUGHT("pandas"),
    ],
  ];
  test.for(rows)("%s", async ([, cells, message, settings = {}]) => {
    expect(await refusalOf(cells(), settings)).toBe(`task "mine": ${message}`);
  });

  const hidden: readonly Row[] = [
    [
      "a file that the sandbox hides from a cell",
      () => [statement(), setup(`rows = open("${folder}/rows.csv").read()`), founder(), verifier()],
      `cell 2 (setup, "rows = open("FOLDER/rows.csv").read()"), line 1, raised FileNotFoundError: [Errno 2] No such file or directory: ` +
        `'FOLDER/rows.csv'. ${END}\nFOLDER/rows.csv is there, but the sandbox does not show it: add --read FOLDER (in code: read)`,
    ],
    [
      "a file that the sandbox hides from the verifier",
      () => [statement(), founder(), verify(`open("${folder}/rows.csv")`, "return 1")],
      `the verifier fails on the first solution: FileNotFoundError: [Errno 2] No such file or directory: 'FOLDER/rows.csv', in line 2 of the ` +
        `verifier, \`open("FOLDER/rows.csv")\`. ${END}\nFOLDER/rows.csv is there, but the sandbox does not show it: add --read FOLDER (in code: read)`,
    ],
  ];
  test.for(hidden)("%s", async ([, cells, message], { skip }) => {
    skip(testSandbox === "off", "no sandbox here");
    expect(await refusalOf(cells(), {})).toBe(`task "mine": ${message}`);
  });
});
