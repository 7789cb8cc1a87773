import { describe, expect, it } from "vitest";
import { run, useRealKernels, value, within } from "./real-kernels.ts";

const { lease } = useRealKernels();

describe("a sketch of a kernel", () => {
  it("says types, shapes and signatures, in the order of definition, and changes nothing", async () => {
    await using kernel = await lease();
    await run(
      kernel,
      [
        "import numpy as np",
        "def f(x, *, scale=1): return x",
        "class A: pass",
        "w = np.zeros((4, 2))",
        "best = 0.5",
        "rows = [1, 2, 3]",
        "a = A()",
        "_hidden = 1",
      ].join("\n"),
    );
    const before = await kernel.describe?.(within(30_000));
    const sketch = await kernel.sketch?.(within(30_000));
    expect([...(sketch?.names.values() ?? [])]).toEqual([
      "np: module",
      "f(x, scale)",
      "class A",
      "w: ndarray (4, 2)",
      "best: float",
      "rows: list of 3",
      "a: A",
    ]);
    expect(sketch?.fault).toBeNull();
    expect(await kernel.describe?.(within(30_000))).toEqual(before);
    expect(await value(kernel, "get_ipython().execution_count")).toBe(2);
  });

  it("says where an exception left the user's code, with what the line's names held there", async () => {
    await using kernel = await lease();
    await run(kernel, "import numpy as np\ndef mix(a, b):\n    note = 'x'\n    return a @ b");
    const ran = await run(kernel, "k = 3\nmix(np.zeros((2, 3)), np.array([1.5, 2.0]))");
    expect(ran.status).toBe("error");
    expect((await kernel.sketch?.(within(30_000)))?.fault).toEqual({
      error: "ValueError",
      line: 4,
      values: ["a: ndarray (2, 3) = [[0.0, 0.0, 0.0], [0.0, 0.0, 0.0]]", "b: ndarray (2,) = [1.5, 2.0]"],
    });
    await run(kernel, "total = k / (k - 3)  # what k holds");
    expect((await kernel.sketch?.(within(30_000)))?.fault).toEqual({
      error: "ZeroDivisionError",
      line: 1,
      values: ["k = 3"],
    });
  });

  it("runs no code of the user's", async () => {
    await using kernel = await lease();
    await run(
      kernel,
      [
        "ran = []",
        "class Trap:",
        "    def __getattribute__(self, name): ran.append(name); raise RuntimeError",
        "    def __repr__(self): ran.append('repr'); return ''",
        "    def __len__(self): ran.append('len'); return 1",
        "    def __eq__(self, other): ran.append('eq'); return True",
        "    def __hash__(self): ran.append('hash'); return 1",
        "    def __bool__(self): ran.append('bool'); return True",
        "class Long(list):",
        "    def __len__(self): ran.append('len'); return 1",
        "    def __iter__(self): ran.append('iter'); return iter(())",
        "trap, traps, many = Trap(), [Trap()], Long()",
      ].join("\n"),
    );
    await run(kernel, "trap + traps + many");
    await run(kernel, "ran.clear()");
    await run(kernel, "1 / 0 if trap is traps else many, traps, trap, undefined_name");
    const sketch = await kernel.sketch?.(within(30_000));
    expect(sketch?.names.get("trap")).toBe("trap: Trap");
    expect(sketch?.names.get("many")).toBe("many: Long");
    expect(sketch?.fault?.values).toEqual(["trap: Trap", "traps: list of 1", "many: Long"]);
    expect(await value(kernel, "list(ran)")).toEqual([]);
  });

  it("is bounded, whatever there is", async () => {
    await using kernel = await lease();
    await run(
      kernel,
      "for i in range(2000): globals()[f'name_{i}'] = i\nlong = 'x' * 10**7\nhuge = 7 ** 10**5",
    );
    await run(kernel, "long + huge");
    const sketch = await kernel.sketch?.(within(30_000));
    expect(sketch?.names.size).toBe(300);
    expect(sketch?.fault?.values).toEqual(["long: str", "huge: int"]);
  });
});
