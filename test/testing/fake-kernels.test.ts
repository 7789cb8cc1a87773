import { expect, it } from "vitest";
import { describeKernelPool } from "../../src/testing/conformance/kernel-pool.ts";
import { fakeKernels } from "../../src/testing/fake-kernels.ts";

describeKernelPool("fakeKernels", async () => fakeKernels(), {
  set: "x = 1",
  add: "x = x + 2",
  print: "print(x)",
  x: "x",
  missing: "NameError",
  raise: 'raise ValueError("no")',
  raises: "ValueError",
  hang: "hang",
  stubborn: "hang stubborn",
  die: "die",
});

const options = () => ({ timeoutMs: 1_000, signal: new AbortController().signal });
const where = (workspace: string) => ({ ...options(), workspace });

it("records what its leases were asked", async () => {
  await using pool = fakeKernels();
  const lease = await pool.lease({ recipe: [] }, where("p1"));
  await lease.execute("x = 1", options());
  const state = { recipe: [{ cell: "c1", source: "x = 1", status: "ok" as const }] };
  await lease.checkpoint(state, options());
  await lease[Symbol.asyncDispose]();
  expect(pool.leases).toEqual([
    { workspace: "p1", from: { recipe: [] }, executed: ["x = 1"], checkpoints: [state], disposed: true },
  ]);
});

it("can be scripted, and leaves what is not scripted to its language", async () => {
  await using pool = fakeKernels({
    run: (source, names) => {
      if (source !== "import numpy") return undefined;
      names.set("numpy", "a module");
      return { status: "ok", outputs: [] };
    },
    evaluate: (expression) => (expression === "submission" ? { ok: true, value: [1, 2] } : undefined),
  });
  await using lease = await pool.lease({ recipe: [] }, where("p1"));
  expect((await lease.execute("import numpy", options())).status).toBe("ok");
  expect((await lease.execute("import scipy", options())).status).toBe("error");
  expect(await lease.evaluate("numpy", options())).toEqual({ ok: true, value: "a module" });
  expect(await lease.evaluate("submission", options())).toEqual({ ok: true, value: [1, 2] });
});

it("shows the last value and several lines of print as one stream", async () => {
  await using pool = fakeKernels();
  await using lease = await pool.lease({ recipe: [] }, where("p1"));
  const { outputs } = await lease.execute('x = [1, 2]\nprint(x)\nprint("a" + "b")\nx', options());
  expect(outputs).toEqual([
    { output_type: "stream", name: "stdout", text: "[1,2]\nab\n" },
    { output_type: "execute_result", execution_count: 1, data: { "text/plain": "[1,2]" }, metadata: {} },
  ]);
});
