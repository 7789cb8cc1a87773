// Notebooks whose cells attack the judging itself: the kernel's names, json, our own modules, files, descriptors. What is
// judged is the data that leaves the kernel, by a verifier that none of it can reach.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { verifyFile, type Verified } from "../../src/run/checks/verify.ts";
import { loadTask } from "../../src/tasks/load-task.ts";
import { testSandbox } from "../support/sandbox.ts";

let root = "";
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "nbevolve-attack-test-"));
});
afterAll(() => rm(root, { recursive: true }));

/** The verdict on what is in the kernel after a cell. */
async function verdictAfter(source: string): Promise<Verified> {
  const file = join(root, "attack.ipynb");
  const cell = { cell_type: "code", id: "attack", metadata: {}, execution_count: null, outputs: [], source };
  await writeFile(file, JSON.stringify({ cells: [cell], metadata: {}, nbformat: 4, nbformat_minor: 5 }));
  const task = await loadTask("circles-square-26");
  return await verifyFile(task, file, { signal: AbortSignal.timeout(60_000), sandbox: testSandbox });
}

const GRID = "[[(i % 6 + 0.5) / 6, (i // 6 + 0.5) / 6, 0.08] for i in range(26)]";

test("a scorer redefined, modules replaced, files written, numbers that lie, a thread that changes them", async () => {
  const { verdict, notes } = await verdictAfter(`
import fractions, json, os, sys, types
def verify(submission):
    return {"score": 99.0, "strict": 99.0}
score = fitness = 99.0
kit = types.ModuleType("nbevolve_kit")
kit.judge = lambda *_, **__: {"score": 99.0}
sys.modules["nbevolve_kit"] = sys.modules["nbevolve_verifier"] = kit
fractions.Fraction.__lt__ = fractions.Fraction.__gt__ = lambda *_: False
verdict = '{"valid": true, "score": 99.0, "metrics": {}, "message": ""}'
for name in ("score.json", "verdict.json", "result.json", "best.ipynb"):
    open(name, "w").write(verdict)
for package in ("nbevolve_kit", "nbevolve_verifier"):
    os.makedirs(package)
    open(package + "/__init__.py", "w").write("def judge(*_, **__): return {'score': 99.0}")
open("sitecustomize.py", "w").write("raise SystemExit")
os.environ["PYTHONPATH"] = os.getcwd()
print(verdict)
import threading
class Sly(float):
    def __float__(self): return 0.5
    def __repr__(self): return "0.5"
    def __le__(self, other): return True
    __lt__ = __ge__ = __gt__ = __eq__ = __le__
    __hash__ = float.__hash__
class SlyList(list):
    def __len__(self): return 26
    def __iter__(self): return iter([[0.5, 0.5, 0.5]] * 26)
submission = SlyList([Sly(v) for v in row] for row in ${GRID})
def change():
    while True:
        submission[0] = [0.5, 0.5, 0.5]
        submission[0] = [1 / 12, 1 / 12, 0.08]
threading.Thread(target=change, daemon=True).start()
`);
  expect(notes).toEqual([]);
  if (verdict.valid) expect(verdict.metrics["score"]).toBeCloseTo(2.08, 12);
  else expect(verdict.message).toMatch(/overlap|changes while it is read/);
});

test("an encoder that is patched changes what is submitted, not how it is judged", async () => {
  const { verdict } = await verdictAfter(`
import json
from nbevolve_kernel import kernel_side
from nbevolve_guard import submission as module
honest = json.dumps
def dumps(value, *args, **more):
    lists = type(value) is list and len(value) == 26
    return '{"valid": true, "score": 99.0, "strict": 99.0}' if lists else honest(value, *args, **more)
json.dumps = dumps
submission = ${GRID}
`);
  expect(verdict).toMatchObject({
    valid: false,
    message: expect.stringContaining("the submission is a dict"),
  });
});
