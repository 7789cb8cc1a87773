import { expect, it } from "vitest";
import { run, useRealKernels, value } from "./real-kernels.ts";

const { lease } = useRealKernels();

it("gives data exactly: floats, big integers, tagged values, arrays, large texts", async () => {
  await using kernel = await lease();
  await run(kernel, "import numpy as np\nbig = 'é' * 30_000_000");
  expect(await value(kernel, "[0.1 + 0.2, 5e-324, 1.5]")).toEqual([0.1 + 0.2, 5e-324, 1.5]);
  expect(await value(kernel, "{'n': float('nan'), 'i': 2**70, 'z': 0.5 + 1.5j, 'none': None}")).toEqual({
    n: { $float: "nan" },
    i: { $int: `${2n ** 70n}` },
    z: { $complex: [0.5, 1.5] },
    none: null,
  });
  expect(await value(kernel, "np.arange(3)")).toMatchObject({ $array: { shape: [3] } });
  const big = await value(kernel, "big[:10_000_000]");
  expect(String(big).length).toBe(10_000_000);
});

it("gives a value that is none as a failure that says why", async () => {
  await using kernel = await lease();
  await run(kernel, "class Silent(Exception):\n    def __str__(self): raise ValueError");
  expect(await value(kernel, "nowhere")).toEqual({
    ok: false,
    name: "NameError",
    message: "name 'nowhere' is not defined",
  });
  expect(await value(kernel, "1 +")).toMatchObject({ ok: false, name: "SyntaxError" });
  expect(await value(kernel, "1 / 0")).toEqual({
    ok: false,
    name: "ZeroDivisionError",
    message: "division by zero",
  });
  expect(await value(kernel, "(_ for _ in ()).throw(Silent())")).toMatchObject({ ok: false, name: "Silent" });
  expect(await value(kernel, "open")).toMatchObject({ ok: false });
  expect(await value(kernel, "__import__('sys').exit('bye')")).toMatchObject({
    ok: false,
    name: "SystemExit",
  });
  expect(await value(kernel, "'x' * 100_000_000")).toMatchObject({ ok: false });
  expect(await value(kernel, "40 + 2")).toBe(42);
});

it("asks without leaving a trace: no names, no history, no numbers drawn, no figures lost", async () => {
  await using kernel = await lease();
  await run(
    kernel,
    "import random\nimport numpy as np\nrandom.seed(1); np.random.seed(1); before = set(dir())",
  );
  const first = await run(kernel, "5");
  for (let asked = 0; asked < 20; asked += 1) await value(kernel, "random and 1");
  const state = await run(
    kernel,
    "(_, Out[2], len(In), set(dir()) - before, random.random(), np.random.rand())",
  );
  await using untouched = await lease();
  await run(
    untouched,
    "import random\nimport numpy as np\nrandom.seed(1); np.random.seed(1); before = set(dir())",
  );
  await run(untouched, "5");
  const expected = await run(
    untouched,
    "(_, Out[2], len(In), set(dir()) - before, random.random(), np.random.rand())",
  );
  expect(first.outputs[0]).toMatchObject({ execution_count: 2 });
  expect(state.outputs).toEqual(expected.outputs);
  expect(state.outputs[0]).toMatchObject({ execution_count: 3 });
});

it("shows nothing of what an expression prints", async () => {
  await using kernel = await lease();
  await run(kernel, "def loud():\n    print('loud')\n    display('loud')\n    return 7");
  expect(await value(kernel, "loud()")).toBe(7);
  expect((await run(kernel, "print('quiet')")).outputs).toEqual([
    { output_type: "stream", name: "stdout", text: "quiet\n" },
  ]);
});

it("gives values though user code broke what lies on the way", async () => {
  await using kernel = await lease();
  await run(
    kernel,
    `import json, sys, io, os, builtins, math, base64
dumps = json.dumps
json.dumps = lambda value, **how: dumps(value, **{**how, "indent": 1})
math.isnan = base64.b64encode = os.getcwd = None
builtins.isinstance_was = isinstance
print_was, len_was = print, len
print = eval = compile = repr = str = len = None
sys.stdout = sys.stderr = io.StringIO()
get_ipython = None
_ = __ = In = Out = None
x = [1, {"a": 2.5}]`,
  );
  expect(await value(kernel, "x")).toEqual([1, { a: 2.5 }]);
  await run(kernel, "%precision 2\nget_ipython_was = None");
  expect(await value(kernel, "[0.123456789]")).toEqual([0.123456789]);
});

it("says so when user code broke more than that", async () => {
  await using kernel = await lease();
  await run(
    kernel,
    "import sys\nfor name in list(sys.modules):\n    if 'nbevolve' in name: del sys.modules[name]\nsys.path.clear()",
  );
  expect(await value(kernel, "1")).toMatchObject({ ok: false, name: expect.stringMatching(/Error/) });
});

it("starts with the random state of a plain Python: no tip is drawn", async () => {
  await using kernel = await lease();
  await run(kernel, "import random\nstate = random.getstate()");
  for (let asked = 0; asked < 3; asked += 1) await run(kernel, "pass");
  expect(await value(kernel, "random.getstate() == state")).toBe(true);
});
