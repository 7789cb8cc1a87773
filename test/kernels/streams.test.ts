// What a cell shows comes from that cell, whole, whoever writes it; and what it does to its streams, or awaits without end,
// costs no kernel.
import { describe, expect, it } from "vitest";
import type { Execution } from "../../src/contracts/kernel.ts";
import { mimeText } from "../../src/core/untrusted.ts";
import { openOwnPool } from "./own-pool.ts";
import { kept, run, useRealKernels, within } from "./real-kernels.ts";

const { lease } = useRealKernels();

const shown = ({ outputs }: Execution): string =>
  outputs.map((output) => (output.output_type === "stream" ? mimeText(output.text) : "")).join("");

describe("what is written to the descriptor", () => {
  it("is shown by the cell that it came from, however soon that ends", async () => {
    await using kernel = await lease();
    await run(kernel, "import os");
    for (let cell = 0; cell < 100; cell++) {
      const write = cell % 2 === 0 ? `os.write(1, b"${cell}\\n")` : `os.system("echo ${cell}")`;
      expect(shown(await run(kernel, `_ = ${write}`))).toBe(`${cell}\n`);
    }
  });

  it("also in a kernel that was forked", async () => {
    const { lease: forked } = await openOwnPool();
    const recipe = await kept(await forked(), "import os");
    await using kernel = await forked(recipe);
    for (let cell = 0; cell < 20; cell++)
      expect(shown(await run(kernel, `_ = os.write(1, b"${cell}\\n")`))).toBe(`${cell}\n`);
  });

  it("has whole characters, wherever its pieces end", async () => {
    await using kernel = await lease();
    const text = "a日é😀".repeat(5_000);
    const source = `import subprocess, sys\n_ = subprocess.run([sys.executable, "-c", "print('a日é😀' * 5000)"])`;
    expect(shown(await run(kernel, source))).toBe(`${text}\n`);
    const halves = `import os, time\nfor byte in "日😀\\n".encode():\n    os.write(1, bytes([byte]))\n    time.sleep(0.01)`;
    expect(shown(await run(kernel, halves))).toBe("日😀\n");
  });

  it("is what a process writes that was given the stream", async () => {
    await using kernel = await lease();
    const source = `import subprocess, sys
_ = subprocess.run("echo out; echo err >&2", shell=True, stdout=sys.stdout, stderr=sys.stderr)`;
    const { outputs } = await run(kernel, source);
    expect(outputs).toEqual([
      { output_type: "stream", name: "stdout", text: "out\n" },
      { output_type: "stream", name: "stderr", text: "err\n" },
    ]);
  });
});

describe("a cell that leaves its streams in a state that nobody can write to", () => {
  it.each([
    ["None", "import sys\nsys.stdout = sys.stderr = None"],
    ["a file that is closed", `import sys\nwith open("log", "w") as sys.stdout:\n    print("x")`],
    ["something without flush", "import sys\nsys.stdout = object()"],
    [
      "something whose flush fails",
      "import sys\nclass S:\n    def flush(self): raise RuntimeError\nsys.stdout = S()",
    ],
    ["closed", "import sys\nsys.stdout.close()\nsys.stderr.close()"],
    ["deleted", "import sys\ndel sys.stdout"],
  ])("%s: is answered, and the next one shows what it prints", async (_, source) => {
    await using kernel = await lease();
    await kernel.execute("x = 1", within(20_000));
    expect((await kernel.execute(source, within(20_000))).status).not.toBe("died");
    expect(shown(await kernel.execute("print(x)", within(20_000)))).toBe("1\n");
  });

  it("a stream that takes what is printed stays in its place", async () => {
    await using kernel = await lease();
    await run(kernel, "import io, sys\nsys.stdout = io.StringIO()");
    expect(shown(await run(kernel, "print('kept')"))).toBe("");
    const { outputs } = await run(kernel, "sys.stdout.getvalue()");
    expect(outputs).toMatchObject([{ data: { "text/plain": String.raw`'kept\n'` } }]);
  });
});

describe("a cell that awaits beyond its limit", () => {
  it.each([
    ["something that never comes", "await asyncio.Event().wait()"],
    ["a long sleep", "await asyncio.sleep(600)"],
    ["code that blocks behind an await", "await asyncio.sleep(0)\ntime.sleep(600)"],
    [
      "tasks that block, one after the other",
      "async def one():\n    time.sleep(600)\nawait asyncio.gather(*[one() for _ in range(20)])",
    ],
    [
      "tasks that block and wait for each other",
      "lock = asyncio.Lock()\nasync def one():\n    async with lock:\n        time.sleep(600)\nawait asyncio.gather(*[one() for _ in range(20)])",
    ],
  ])("%s: is interrupted, and its kernel goes on", async (_, source) => {
    await using kernel = await lease();
    await run(kernel, "import asyncio, time\nx = 41");
    const { status } = await kernel.execute(source, within(1_000));
    expect(status).toBe("interrupted");
    const { outputs } = await run(kernel, "await asyncio.sleep(0)\nx + 1");
    expect(outputs).toMatchObject([{ data: { "text/plain": "42" } }]);
  });

  it("leaves alone the task of an earlier cell, whose words are shown by the cell that runs then", async () => {
    await using kernel = await lease();
    await run(
      kernel,
      `import asyncio
go = asyncio.Event()
async def speak():
    await go.wait()
    print("late")
    display("shown late")
task = asyncio.create_task(speak())`,
    );
    expect((await kernel.execute("await asyncio.sleep(600)", within(500))).status).toBe("interrupted");
    const later = await run(kernel, "go.set()\nawait task\nprint('now')");
    expect(shown(later)).toBe("late\nnow\n");
    expect(later.outputs).toContainEqual({
      output_type: "display_data",
      data: { "text/plain": "'shown late'" },
      metadata: {},
    });
  });
});
