import { describe, expect, it } from "vitest";
import { DEFAULT_LIMITS } from "../../src/tasks/task-settings.ts";
import { taskFromNotebook } from "../../src/tasks/task-notebook.ts";
import type { Cell, Json, Task } from "../../src/contracts/index.ts";
import { code, founder, notebook, problemsOf, statement, verifier, VERIFY } from "./notebooks.ts";

const task = (
  cells: readonly Cell[],
  settings?: Readonly<Record<string, Json>>,
  parameters?: Readonly<Record<string, Json>>,
): Task => taskFromNotebook(notebook(cells, settings), { name: "t", ...(parameters && { parameters }) });
const sources = (made: Task): readonly string[] => made.founder.cells.map((cell) => cell.source);
const problems = (...args: Parameters<typeof task>): readonly string[] => problemsOf(() => task(...args));
const least = [statement(), founder(), verifier()];

describe("a task from a notebook", () => {
  it("needs a statement, a founder and a verifier; the rest has defaults", () => {
    expect(task(least)).toEqual({
      name: "t",
      statement: "Find a number.",
      direction: "maximize",
      submission: "submission",
      limits: DEFAULT_LIMITS,
      descriptors: [],
      target: null,
      holdout: null,
      parameters: {},
      places: {
        c1: 'cell 1 (statement, "Find a number.")',
        c2: 'cell 2 (first solution, "submission = 1")',
      },
      verifier: {
        source: `${VERIFY}\n`,
        cell: '3 (verifier, "def verify(submission):")',
        lines: [{ from: 1, of: "verifier", line: 1 }],
      },
      founder: {
        nbformat: 4,
        nbformat_minor: 5,
        metadata: {
          kernelspec: { display_name: "Python 3", language: "python", name: "python3" },
          language_info: { name: "python" },
        },
        cells: [
          {
            cell_type: "markdown",
            id: "c1",
            metadata: { nbevolve: { role: "task", round: 0 } },
            source: "Find a number.",
          },
          {
            cell_type: "code",
            id: "c2",
            metadata: { nbevolve: { role: "code", round: 0, state: "unexecuted" } },
            execution_count: null,
            outputs: [],
            source: "submission = 1",
          },
        ],
      },
    });
  });

  it("may declare a problem that points where the task does, or both ways", () => {
    const declared = (...names: readonly string[]) =>
      code(["class problem:", ...names.map((name) => `    def ${name}(z): return z`)].join("\n"), "setup");
    expect(problems([...least, declared("minimize")], { direction: "minimize" })).toEqual([]);
    expect(problems([...least, declared("maximize", "minimize")], { direction: "minimize" })).toEqual([]);
    expect(problems([...least, declared("maximize")])).toEqual([]);
  });

  it("takes its settings from the notebook's metadata", () => {
    const settings = {
      direction: "minimize",
      submission: "best['x']",
      limits: { cellTimeoutMs: 5_000 },
      descriptors: [{ metric: "m", min: 0, max: 1, bins: 4 }],
      target: -2.5,
      name: "my task",
    };
    expect(task(least, settings)).toMatchObject({
      ...settings,
      limits: { ...DEFAULT_LIMITS, cellTimeoutMs: 5_000 },
    });
    expect(task(least, { target: null }).target).toBeNull();
  });

  it("may say what it needs of its user", () => {
    const own = [...least, code('data = "/data/set1"', "parameters")];
    expect(task(own, { needs: { read: ["data"] } }).needs).toEqual({ env: [], read: ["data"] });
    expect(task(own, { needs: { env: ["MY_SETTING"] } }).needs).toEqual({ env: ["MY_SETTING"], read: [] });
    expect(task(own).needs).toBeUndefined();
    expect(problems(own, { needs: { read: ["date"] } })).toEqual([
      expect.stringMatching(/nbevolve\.needs\.read: "date" is no parameter with a path/),
    ]);
  });

  it("may ask for packages", () => {
    const packages = ["Pandas", "scikit_learn >= 1.5"];
    expect(task(least, { packages }).packages).toEqual(["pandas", "scikit-learn>=1.5"]);
    expect(task(least).packages).toBeUndefined();
  });

  it("may be a notebook that nbevolve wrote, with a verifier added", () => {
    const written = {
      cells: 7,
      executions: 9,
      rounds: 1,
      branch: "b3",
      parents: ["b0"],
      score: { valid: true },
    };
    expect(task(least, written)).toEqual(task(least));
  });

  it("shows the founder everything but verifier and holdout, in the notebook's order, never run", () => {
    const ran: Cell = {
      ...code("import math", "setup", "mine"),
      cell_type: "code",
      execution_count: 3,
      outputs: [{ output_type: "stream", name: "stdout", text: "x" }],
      metadata: { tags: ["setup", "mine"], execution: { "iopub.status.idle": "then" }, collapsed: true },
    };
    const made = task([
      ran,
      statement(),
      code("n = 3", "parameters"),
      verifier(),
      statement("A note."),
      code("  \n"),
      founder(),
      code(VERIFY, "holdout"),
    ]);
    expect(sources(made)).toEqual(["import math", "Find a number.", "n = 3", "A note.", "submission = 1"]);
    expect(made.founder.cells.map((cell) => cell.id)).toEqual(["c1", "c2", "c3", "c4", "c5"]);
    expect(made.founder.cells.map((cell) => cell.metadata.nbevolve)).toEqual([
      { role: "task", round: 0, state: "unexecuted" },
      { role: "task", round: 0 },
      { role: "task", round: 0, state: "unexecuted" },
      { role: "note", round: 0 },
      { role: "code", round: 0, state: "unexecuted" },
    ]);
    expect(made.founder.cells[0]).toMatchObject({
      outputs: [],
      execution_count: null,
      metadata: { tags: ["setup", "mine"], collapsed: true },
    });
    expect(made.founder.cells[0]?.metadata).not.toHaveProperty("execution");
    expect(JSON.stringify(made.founder)).not.toContain("verify");
    expect(made.holdout?.source).toBe(`n = 3\n\n${VERIFY}\n`);
  });

  it("keeps the author's kernel and leaves settings and widgets behind", () => {
    const own = notebook(least, { direction: "minimize" });
    const made = taskFromNotebook(
      {
        ...own,
        metadata: { ...own.metadata, kernelspec: { name: "mine", display_name: "Mine" }, widgets: {} },
      },
      { name: "t" },
    );
    expect(made.founder.metadata).toEqual({
      kernelspec: { name: "mine", display_name: "Mine" },
      language_info: { name: "python" },
    });
  });

  it("is strict JSON", () => {
    const made = task(
      [statement(), code("n = -0.0\nm = [1, {'a': None}]", "parameters"), founder(), verifier()],
      {
        target: 0,
      },
    );
    expect(made.parameters).toEqual({ n: 0, m: [1, { a: null }] });
    expect(JSON.parse(JSON.stringify(made))).toEqual(made);
  });

  it("leaves tags alone that resemble none of ours", () => {
    const tags = ["raises-exception", "hide-input", "solution", "step", "verification", "params"];
    expect(
      task([statement(), code("submission = 1", ...tags), verifier()]).founder.cells[1]?.metadata.tags,
    ).toEqual(tags);
  });
});

describe("parameters", () => {
  const cells = [
    statement(),
    code("n = 26\nscale = 1.0\nkind: str = 'a'\nroot = n ** 0.5", "parameters"),
    founder(),
    verifier(),
  ];

  it("are the literals of their cell, and the verifier knows them", () => {
    const made = task(cells);
    expect(made.parameters).toEqual({ n: 26, scale: 1, kind: "a" });
    expect(made.verifier.source).toBe(`n = 26\nscale = 1.0\nkind: str = 'a'\nroot = n ** 0.5\n\n${VERIFY}\n`);
  });

  it("are overridden by a cell after them, floats staying floats", () => {
    const made = task(cells, {}, { n: 5, scale: 2, kind: 'b"\n', root: { deep: [true, null] } });
    const injected = '# Parameters\nn = 5\nscale = 2.0\nkind = "b\\"\\n"\nroot = {"deep": [True, None]}';
    expect(sources(made)[2]).toBe(injected);
    expect(made.founder.cells[2]?.metadata).toEqual({
      tags: ["injected-parameters"],
      nbevolve: { role: "task", round: 0, state: "unexecuted" },
    });
    expect(made.parameters).toEqual({ n: 5, scale: 2, kind: 'b"\n', root: { deep: [true, null] } });
    expect(made.verifier.source).toContain(`${injected}\n\ndef verify`);
    expect(made.founder.cells.map((cell) => cell.id)).toEqual(["c1", "c2", "c3", "c4"]);
  });

  it("that papermill injected before stay, unless there are new ones", () => {
    const before = code("n = 7", "injected-parameters");
    const [first, parameters, ...rest] = cells;
    const all = [first, parameters, before, ...rest].filter((cell) => cell !== undefined);
    expect(task(all).parameters).toMatchObject({ n: 7 });
    expect(task(all).verifier.source).toContain("n = 7\n\ndef verify");
    const made = task(all, {}, { n: 8 });
    expect(sources(made)).not.toContain("n = 7");
    expect(made.verifier.source).not.toContain("n = 7");
    expect(made.parameters).toMatchObject({ n: 8 });
  });

  it("are refused when no parameter has the name", () => {
    expect(problems(cells, {}, { scael: 1, other: 2 })).toEqual([
      'parameter "scael": unknown; did you mean "scale"?; known: n, scale, kind, root',
      'parameter "other": unknown; known: n, scale, kind, root',
    ]);
    expect(problems(least, {}, { n: 1 })).toEqual([
      'parameter "n": the task has no parameters; assign it in a code cell tagged "parameters"',
    ]);
  });

  it("come after a __future__ import of the verifier", () => {
    const future = verifier(`"""Judges."""\nfrom __future__ import annotations\n${VERIFY}`);
    const made = task([statement(), code("n = 1", "parameters"), founder(), future]);
    expect(made.verifier.source).toBe(
      `from __future__ import annotations\n\nn = 1\n\n"""Judges."""\n\n${VERIFY}\n`,
    );
  });
});

describe("a task that is wrong", () => {
  it("says everything at once, each with its cell", () => {
    const cells = [
      statement("  "),
      code("n = (1,", "parameters"),
      code("import numpy as np", "set-up"),
      code("x = = 1", "setup"),
      code("def verfy(s):\n    return 1", "verifier"),
    ];
    expect(problems(cells, { direction: "minimise", limts: {} }, { m: 1 })).toEqual([
      'notebook metadata nbevolve.direction: Invalid option: expected one of "maximize"|"minimize"; did you mean "minimize"?',
      'notebook metadata nbevolve.limts: unknown key; did you mean "limits"?',
      'cell 3 (first solution, "import numpy as np"): unknown tag "set-up"; did you mean "setup"?',
      "cell 1 (statement, empty): the statement is empty; write what is to be found",
      "cell 2 (parameters, \"n = (1,\"): line 1 is not valid Python, '(' was never closed: n = (1,",
      'cell 4 (setup, "x = = 1"): line 1 is not valid Python: x = = 1',
      'parameter "m": unknown; known: n',
      'cell 5 (verifier, "def verfy(s):"): does not define verify; write "def verify(submission):" at its top level',
    ]);
  });

  it.each<[string, readonly Cell[], RegExp]>([
    ["no statement", [founder(), verifier()], /^no statement: begin with a markdown cell/],
    ["no verifier", [statement(), founder()], /^no verifier: add a code cell tagged "verifier"/],
    [
      "a verify under another tag",
      [statement(), founder(), code(VERIFY, "setup")],
      /^no verifier: cell 3 \(setup, .*\) defines verify, but is not tagged "verifier"/,
    ],
    [
      "a problem that searches the other way",
      [...least, code("class problem:\n    @staticmethod\n    def minimize(z):\n        return z", "setup")],
      /^cell 4 \(setup, .*problem\.minimize disagrees with .* direction, which is maximize, the default/,
    ],
    [
      "no founder",
      [statement(), verifier(), code("import math", "setup")],
      /^no first solution: add a code cell without/,
    ],
    [
      "two verifiers",
      [...least, verifier()],
      /^cell 3 .* and cell 4 .*: only one cell can be tagged verifier/,
    ],
    [
      "two holdouts",
      [...least, code(VERIFY, "holdout"), code(VERIFY, "holdout")],
      /only one .* tagged holdout/,
    ],
    ["two parameter cells", [...least, code("a = 1", "parameters"), code("b = 1", "parameters")], /only one/],
    ["two of our tags", [...least, code("a = 1", "setup", "parameters")], /the tags parameters and setup/],
    [
      "a tag in other letters",
      [...least, code("a = 1", "Setup")],
      /unknown tag "Setup"; did you mean "setup"\?/,
    ],
    [
      "a misspelt tag",
      [...least, code("a = 1", "verifer")],
      /unknown tag "verifer"; did you mean "verifier"\?/,
    ],
    ["a misspelt tag, far", [...least, code("a = 1", "hold_outs")], /did you mean "holdout"\?/],
    [
      "a markdown verifier",
      [statement(), founder(), { ...statement(VERIFY), metadata: { tags: ["verifier"] } }],
      /is tagged verifier but is a markdown cell; make it a code cell/,
    ],
    [
      "a magic in the verifier",
      [statement(), founder(), verifier(`%load x\n${VERIFY}`)],
      /without IPython, so no magics/,
    ],
    [
      "an async verify",
      [statement(), founder(), verifier("async def verify(s):\n    return 1")],
      /verify is async/,
    ],
    [
      "verify without arguments",
      [statement(), founder(), verifier("def verify():\n    return 1")],
      /cannot be called/,
    ],
    [
      "a broken holdout",
      [...least, code("def verify(a, b): ...", "holdout")],
      /^cell 4 \(holdout, .* cannot be called/,
    ],
    [
      "a broken founder",
      [statement(), founder("a = 1\nfor x in\n    pass"), verifier()],
      /line 2 is not valid Python: for x in/,
    ],
  ])("%s", (_, cells, message) => {
    const found = problems(cells);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(message);
  });

  it.each<[Readonly<Record<string, Json>>, RegExp]>([
    [
      { limits: { cellTimeout: 1 } },
      /nbevolve\.limits\.cellTimeout: unknown key; did you mean "cellTimeoutMs"\?/,
    ],
    [{ packages: "pandas" }, /nbevolve\.packages: .*expected array.*; write \["pandas"\]$/],
    [{ needs: { read: "data" } }, /nbevolve\.needs\.read: .*; write \["data"\]$/],
    [{ limits: { cellTimeoutMs: "1 s" } }, /nbevolve\.limits\.cellTimeoutMs: .*expected/],
    [{ limits: { cellTimeoutMs: 0 } }, /nbevolve\.limits\.cellTimeoutMs: .*>0/],
    [{ submission: "" }, /nbevolve\.submission: must be one Python expression/],
    [{ submission: "x = 1" }, /nbevolve\.submission: must be one Python expression/],
    [{ submission: "f(" }, /nbevolve\.submission: must be one Python expression/],
    [
      { descriptors: [{ metric: "m", min: 1, max: 1, bins: 2 }] },
      /nbevolve\.descriptors\.0: min must be less than max/,
    ],
    [{ descriptors: [{ metric: "m", min: 0, max: 1, bin: 2 }] }, /descriptors\.0.*bin/],
    [{ target: "high" }, /nbevolve\.target/],
    [{ needs: { env: ["A=b"] } }, /nbevolve\.needs\.env\.0: must be the name of a variable/],
    [{ needs: { folders: ["data"] } }, /nbevolve\.needs\.folders: unknown key; known: env, read/],
    [{ packages: "pandas" }, /nbevolve\.packages: Invalid input: expected array/],
    [
      { packages: ["numpy", "x @ https://evil.example/x.whl"] },
      /nbevolve\.packages\.1: "x @ https:\/\/evil\.example\/x\.whl" is no package: write a name and, if you want, versions/,
    ],
    [{ name: "a/b" }, /nbevolve\.name: must be one line/],
    [{ whatever: 1 }, /nbevolve\.whatever: unknown key; known: direction, submission, limits/],
  ])("settings %j", (settings, message) => {
    expect(problems(least, settings).join("\n")).toMatch(message);
  });

  it("a misspelt key of the settings, and another language", () => {
    const own = notebook(least);
    const made = (metadata: object): readonly string[] =>
      problemsOf(() =>
        taskFromNotebook({ ...own, metadata: { ...own.metadata, ...metadata } }, { name: "t" }),
      );
    expect(made({ nbevolv: {} })).toEqual(['notebook metadata "nbevolv": unknown; did you mean "nbevolve"?']);
    expect(made({ kernelspec: { name: "ir", display_name: "R", language: "R" } })).toEqual([
      "notebook metadata: its kernel is for R; choose a Python kernel in Jupyter and save",
    ]);
  });

  it("names the task, the number of problems and the code", () => {
    expect(() => task([])).toThrow(/^the task "t" is unusable: 3 problems\n {2}- no statement/);
    expect(() => task([])).toThrow(expect.objectContaining({ code: "bad-task" }));
  });
});
