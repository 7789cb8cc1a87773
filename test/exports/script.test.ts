// A notebook as a script: whatever its cells hold, it is Python that runs by itself in a process of its own.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseNotebook } from "../../src/core/notebook/load-notebook.ts";
import { codeCell, emptyNotebook, isCode, markdownCell } from "../../src/core/notebook/notebook.ts";
import { plainPython } from "../../src/exports/plain-python.ts";
import { scriptOf } from "../../src/exports/script.ts";
import { pinsOf } from "../../src/exports/script-packages.ts";
import { shippedPath } from "../../src/shipped.ts";
import type { Cell, CellState } from "../../src/contracts/index.ts";
import { realNotebooks, withoutShared } from "../support/shared-inputs.ts";
import { lineServer, testPython } from "../support/python.ts";

let root = "";
let ending = "";
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "nbevolve-script-"));
  ending = await readFile(shippedPath("src/exports/python/last_lines.py"), "utf8");
});
afterAll(() => rm(root, { recursive: true, force: true }));

const cellOf = (id: string, source: string, state: CellState = "clean"): Cell => {
  const cell = codeCell(id, source, { role: "code", round: 1 });
  return { ...cell, metadata: { nbevolve: { role: "code", round: 1, state } } };
};

/** The script's own process; what it printed, and what it wrote. */
async function play(cells: readonly Cell[], submission: string, pins: readonly string[] = []) {
  const script = join(root, "script.py");
  const notebook = { ...emptyNotebook(), cells };
  const environment = { PYTHONHASHSEED: "0" };
  await writeFile(script, scriptOf({ notebook, submission, environment, pins, ending }));
  const file = join(root, "submission.json");
  await rm(file, { force: true });
  const env = { ...process.env, IPYTHONDIR: join(root, "ipython"), PYTHONWARNINGS: "error::SyntaxWarning" };
  const { stdout, stderr, status } = spawnSync(testPython, [script, file], {
    cwd: root,
    env,
    encoding: "utf8",
  });
  expect(status, stderr).toBe(0);
  const last = stdout.trimEnd().split("\n").at(-1) ?? "";
  expect(await readFile(file, "utf8")).toBe(`${last}\n`);
  return { stdout, value: JSON.parse(last), text: await readFile(script, "utf8") };
}

describe("cells as a plain script", () => {
  test("what IPython alone reads is left out, called by its name, or given to it whole", async () => {
    const cells = [
      markdownCell("m", "# Title\rimport no_such_module\r\n-*- coding: utf-7 -*-", {
        role: "note",
        round: 0,
      }),
      cellOf(
        "c1",
        "%matplotlib inline\n%pip install nothing-at-all\n!pip install nothing\nimport math\na = 1",
      ),
      cellOf("c2", "%%time\nb = a + 1"),
      cellOf("c3", "%time c = b + 1\n%time\nif c:\n    %timeit c\nc?\n?c"),
      cellOf("c4", 'd = """\n%matplotlib inline\n!ls\n"""\ne = (7\n%4)\nf = 10 \\\n% 4'),
      cellOf("c5", "g = !echo $a {b}\ng = list(g)\n!true\n%xmode Minimal"),
      cellOf("c6", "%%writefile made.txt\nhello 'there' \"you\" \\\n"),
      cellOf("c7", "import asyncio\nawait asyncio.sleep(0)\nh = 'awaited'\nasync def of(): await of()"),
      cellOf("c8", "from __future__ import annotations\ndef typed(x: NoSuchName): return x\ni = typed(3)"),
      cellOf("c9", "j = 5\nraise ValueError('as it did')\nj = 6", "failed"),
      cellOf("c10", "k = 1\nthis is no Python", "failed"),
      cellOf("c11", "raise SystemExit('never ran')", "unexecuted"),
      { ...cellOf("c12", "while True: pass", "failed"), metadata: { tags: ["skip-execution"] } },
      cellOf("c13", "display(a)\nlist, print, open, len, json, sys, os = 1, 2, 3, 4, 5, 6, 7"),
      cellOf("c14", "%%timeit\nl = 1"),
      cellOf("c15", "o = f'{a} # {{' + '\\'' # (\n%config Any.thing = 1\nmatch o:\n    case _: p = 8"),
      cellOf("c16", "%%capture\nq = 9"),
    ];
    const names = "a b c d e f g h i j o p q".split(" ");
    const submission = `{${names.map((name) => `"${name}": ${name}`).join(", ")}}  # all of them`;
    const { value, text, stdout } = await play(cells, submission);
    const o = "1 # {'";
    expect(value).toEqual({
      ...{ a: 1, b: 2, c: 3, d: "\n%matplotlib inline\n!ls\n", e: 3, f: 2, g: ["1 2"], h: "awaited" },
      ...{ i: 3, j: 5, o, p: 8, q: 9 },
    });
    expect(await readFile(join(root, "made.txt"), "utf8")).toBe("hello 'there' \"you\" \\\n");
    expect(stdout).toContain("ValueError");
    expect(text).toContain("# %% c11, left out: it never ran\n# raise SystemExit");
  });

  test("plain cells need no IPython", async () => {
    const { text } = await play([cellOf("c1", "x = [1, 2]")], "x");
    expect(text).not.toMatch(/IPython|get_ipython/);
    expect(text).toContain("\n# %% c1\nx = [1, 2]\n");
  });

  test.each([
    ["%load_ext autoreload", "pass  # left out: %load_ext autoreload"],
    ["  x = %who_ls int", '  x = get_ipython().run_line_magic("who_ls", "int")'],
    ["a, b = !ls \\\n  -l", 'a, b = get_ipython().getoutput("ls  -l")'],
    ["! [ -e a ] || b", 'get_ipython().system("[ -e a ] || b")'],
    ["x = 3 %4\nif x %2: y = x != 3", "x = 3 %4\nif x %2: y = x != 3"],
  ])("%j", (source, text) => expect(plainPython(source).text).toBe(text));
});

/** As a tool reads it: the reference implementation of PEP 723, which takes one block alone. */
const READ_HEAD = `
import json, re, sys, tomllib
block = r"(?m)^# /// (?P<type>[a-zA-Z0-9-]+)$\\s(?P<content>(^#(| .*)$\\s)+)^# ///$"
text = sys.stdin.read()
found = [match for match in re.finditer(block, text) if match["type"] == "script"]
assert len(found) == 1, found
lines = found[0]["content"].splitlines(keepends=True)
print(json.dumps(tomllib.loads("".join(line[2:] if line.startswith("# ") else line[1:] for line in lines))))
`;
function headOf(script: string): unknown {
  const { stdout, stderr } = spawnSync(testPython, ["-c", READ_HEAD], { input: script, encoding: "utf8" });
  expect(stderr).toBe("");
  return JSON.parse(stdout);
}

describe("the packages that a script needs", () => {
  const requirements = readFileSync(shippedPath("src/machine/python/requirements.txt"), "utf8");
  const pinOf = (name: string): readonly string[] =>
    pinsOf(requirements, {}).filter((pin) => pin.startsWith(`${name}==`));

  test("are named at its head, in exact versions, and the script runs", async () => {
    const cells = [
      cellOf("c1", "%matplotlib inline\nimport os, numpy as np, json\nfrom math import pi"),
      cellOf(
        "c2",
        "def f():\n    if False:\n        from PIL.Image import open as read, core; import matplotlib.pyplot",
      ),
      cellOf("c3", "try:\n    import pandas\nexcept ImportError:\n    pass\nx = 'import scipy' # import cma"),
      cellOf("c4", "import scipy", "unexecuted"),
      markdownCell("m", '/// script\ndependencies = ["evil"]\n///', { role: "note", round: 0 }),
    ];
    const pins = pinsOf(requirements, { packages: ["pandas==2.2.3", "pytz==2025.1", "numpy==2.3.1"] });
    const { text } = await play(cells, "np.float64(1)", pins);
    expect(headOf(text)).toEqual({
      "requires-python": ">=3.10",
      dependencies: [...pinOf("matplotlib"), "numpy==2.3.1", "pandas==2.2.3", ...pinOf("pillow")],
    });
  });

  test("are none for a plain script, and IPython's for what only that reads", async () => {
    const pins = pinsOf(requirements, {});
    const plain = await play([cellOf("c1", "x = [1, 2]")], "x", pins);
    expect(headOf(plain.text)).toEqual({ "requires-python": ">=3.10", dependencies: [] });
    const shown = await play([cellOf("c1", "display(1)")], "1", pins);
    expect(headOf(shown.text)).toMatchObject({ dependencies: pinOf("ipython") });
  });

  test("have no versions where the kernels were a server's of somebody else", () => {
    const pins = pinsOf(requirements, { server: "http://127.0.0.1:9/", packages: [] });
    expect(pins.filter((pin) => !/^[a-z0-9-]+$/.test(pin))).toEqual([]);
    expect(pins).toContain("numpy");
    expect(new Set(pins).size).toBe(pins.length);
  });
});

test.skipIf(withoutShared !== null)(
  "cells of real notebooks are Python where IPython can read them",
  async () => {
    const server = lineServer(`
import ast, json, sys
from IPython.core.inputtransformer2 import TransformerManager

def parses(text):
    try:
        ast.parse(text)
        return True
    except SyntaxError:
        return False

for line in sys.stdin:
    source, text = json.loads(line)
    print(json.dumps(parses(text) or not parses(TransformerManager().transform_cell(source))), flush=True)
`);
    const whole = realNotebooks().filter(({ name }) => !name.includes("truncated"));
    for (const { name, text } of whole)
      for (const { id, source } of parseNotebook(text, name).cells.filter(isCode))
        expect([name, id, await server.ask(JSON.stringify([source, plainPython(source).text]))]).toEqual([
          ...[name, id, "true"],
        ]);
    await server.end();
  },
);

test("a submission comes out as the kernel gives it to the judge, bit by bit", async () => {
  const server = lineServer(`
import sys, json, math
import numpy as np
from nbevolve_guard import submission
exec(open(${JSON.stringify(shippedPath("src/exports/python/last_lines.py"))}, encoding="utf-8").read())
for line in sys.stdin:
    value = eval(line)
    mine = json.dumps(_nbevolve_json(value), allow_nan=False, separators=(",", ":"))
    print(json.dumps([mine, submission.encode(value)]), flush=True)
`);
  const values = [
    ..."None True 1 -7 2**53 2**53+1 -2**70 2**3000 0.1 1.0 -0.0 1e22 math.nan -math.inf 'é\\u2028' ''".split(
      " ",
    ),
    "[1, (2, 3.5), {'$a': 1, 'b': {'$$': []}}]",
    "1+2j",
    "np.float64(0.5)",
    "np.float32(0.1)",
    "np.int8(3)",
    "np.bool_(True)",
    "np.arange(6.).reshape(2, 3).T",
    "[np.zeros(0), np.array([True]), np.array(1 + 2j), np.arange(3, dtype='>i2')]",
  ];
  for (const value of values) {
    const [mine, judged] = JSON.parse(await server.ask(value));
    expect([value, mine]).toEqual([value, judged]);
  }
  await server.end();
});
