import { imageSize } from "../../src/core/output/pictures.ts";
import { viewOutputs } from "../../src/core/output/view-outputs.ts";
import { expect, it } from "vitest";
import { mimeText } from "../../src/core/untrusted.ts";
import { run, useRealKernels, value, within } from "./real-kernels.ts";

const { lease } = useRealKernels({ outputLimits: { textChars: 100_000, imageChars: 50_000, displays: 20 } });

const stream = (text: string, name = "stdout") => ({ output_type: "stream", name, text });
const plain = (text: string) => ({ output_type: "display_data", data: { "text/plain": text }, metadata: {} });

it("stores what a cell shows as nbformat does, in its order", async () => {
  await using kernel = await lease();
  const { outputs } = await run(
    kernel,
    `import sys
print("a")
print("b", file=sys.stderr)
print("c")
display("shown")
print("d")
21 * 2`,
  );
  expect(outputs).toEqual([
    stream("a\nc\n"),
    stream("b\n", "stderr"),
    plain("'shown'"),
    stream("d\n"),
    { output_type: "execute_result", execution_count: 1, data: { "text/plain": "42" }, metadata: {} },
  ]);
});

it("puts the last update of a display in its place, and honours clear_output", async () => {
  await using kernel = await lease();
  const updated = await run(
    kernel,
    `shown = display(0, display_id=True)
print("between")
for i in range(1, 500): shown.update(i)`,
  );
  expect(updated.outputs).toEqual([plain("499"), stream("between\n")]);
  const later = await run(kernel, `print("later")\nshown.update("again")\nshown.update("now")`);
  expect(later.outputs).toEqual([stream("later\n"), plain("'now'")]);
  const cleared = await run(
    kernel,
    `from IPython.display import clear_output
print("gone")
clear_output(wait=True)
print("stays")
clear_output(wait=True)`,
  );
  expect(cleared.outputs).toEqual([stream("stays\n")]);
});

it("keeps every one of many prints, flushed or not", async () => {
  await using kernel = await lease();
  const expected = Array.from({ length: 2_000 }, (_, index) => `${index}\n`).join("");
  expect((await run(kernel, "for i in range(2000): print(i)")).outputs).toEqual([stream(expected)]);
  expect((await run(kernel, "for i in range(2000): print(i, flush=True)")).outputs).toEqual([
    stream(expected),
  ]);
});

it("shows text that is printed while the cell goes on, before the cell dies", async () => {
  await using kernel = await lease();
  const { outputs } = await run(
    kernel,
    'import os, time\nprint("one", flush=True)\nprint("two", flush=True)\ntime.sleep(0.5)\nos._exit(0)',
  );
  expect(outputs[0]).toEqual(stream("one\ntwo\n"));
});

it("bounds 100 MB of prints: head, count, tail", async () => {
  await using kernel = await lease();
  const before = process.memoryUsage().rss;
  const { status, outputs } = await run(kernel, 'for i in range(1000): print(i, "x" * 99_990)');
  expect(status).toBe("ok");
  expect(outputs).toHaveLength(1);
  const text = mimeText(outputs[0]?.["text"]);
  expect(text.length).toBeLessThan(100_200);
  expect(text.startsWith("0 xxx")).toBe(true);
  expect(text.endsWith("xxx\n")).toBe(true);
  const [, lost = "", lines = ""] =
    /\n\[\.\.\. ([\d,]+) characters, ([\d,]+) lines left out here \.\.\.\]\n/.exec(text) ?? [];
  const printed = Array.from({ length: 1000 }, (_, index) => `${index} `.length + 99_990 + 1).reduce(
    (a, b) => a + b,
  );
  const marker = text.length - 100_000;
  expect(Number(lost.replaceAll(",", ""))).toBe(printed - (text.length - marker));
  expect(Number(lines.replaceAll(",", ""))).toBeGreaterThan(900);
  expect(process.memoryUsage().rss - before).toBeLessThan(200e6);
  expect(await value(kernel, "i")).toBe(999);
});

it("bounds displays by number and by size, and one message by what the connection can carry", async () => {
  await using kernel = await lease();
  const many = await run(kernel, "for i in range(5000): display(i)");
  expect(many.outputs.slice(0, 20)).toEqual(Array.from({ length: 20 }, (_, index) => plain(`${index}`)));
  expect(many.outputs[20]).toEqual(stream("[... 4,980 displays left out ...]\n", "stderr"));
  const images = await run(
    kernel,
    'from IPython.display import display as show\nfor size in (40_000, 20_000, 9_000): show({"image/png": "A" * size}, raw=True)',
  );
  expect(images.outputs.map((output) => Object.keys(output["data"] ?? {}))).toEqual([
    ["image/png"],
    ["text/plain"],
    ["image/png"],
  ]);
  const huge = await run(kernel, 'show({"text/html": "x" * 80_000_000}, raw=True)');
  expect(huge.status).toBe("ok");
  expect(huge.outputs).toEqual([plain("[text/html of 80,000,000 characters left out]")]);
  const error = await run(kernel, 'raise ValueError("x" * 80_000_000)');
  expect(error.status).toBe("error");
  expect(mimeText(error.outputs[0]?.["evalue"]).length).toBeLessThan(1_100_000);
});

it("interrupts an endless flood at its limit and goes on", async () => {
  await using kernel = await lease();
  const flood = await kernel.execute(
    "n = 0\nwhile True:\n    n += 1\n    print(n, flush=True)",
    within(1_500),
  );
  expect(flood.status).toBe("interrupted");
  expect(await value(kernel, "n > 1000")).toBe(true);
});

it("refuses a cell that is too long for the way, without losing the kernel", async () => {
  await using kernel = await lease();
  const { status, outputs } = await run(kernel, `x = "${"a".repeat(20_000_001)}"`);
  expect(status).toBe("error");
  expect(outputs[0]).toMatchObject({ ename: "CellTooLong" });
  expect((await run(kernel, "x = 1")).status).toBe("ok");
});

it("lets nothing wait for input, and runs top-level await", async () => {
  await using kernel = await lease();
  expect(await run(kernel, "input('?')")).toMatchObject({ status: "error" });
  const awaited = await run(kernel, "import asyncio\nawait asyncio.sleep(0.01)\nprint('done')");
  expect(awaited.outputs).toEqual([stream("done\n")]);
});

it("takes a message that is none, and one that nobody understands, for no output", async () => {
  await using kernel = await lease();
  const { status, outputs } = await run(
    kernel,
    `k = get_ipython().kernel
parent = k.get_parent()
for kind, content in [("stream", {}), ("stream", {"name": 3, "text": 4}), ("display_data", {"data": 5}),
                      ("execute_result", {"data": {"text/plain": ["a"]}}), ("error", {}), ("nonsense", {"a": 1}),
                      ("update_display_data", {"transient": 1}), ("clear_output", {})]:
    k.session.send(k.iopub_socket, kind, content, parent=parent)
print("after")`,
  );
  expect(status).toBe("ok");
  expect(outputs.at(-1)).toEqual(stream("after\n"));
  expect((await run(kernel, "print(1)")).outputs).toEqual([stream("1\n")]);
});

it("shows a figure as an image", async () => {
  await using kernel = await lease();
  const { outputs } = await run(
    kernel,
    "import matplotlib.pyplot as plt\nfig, ax = plt.subplots(figsize=(1, 1))\nplt.show()",
  );
  expect(outputs.map((output) => Object.keys(output["data"] ?? {}))).toEqual([["text/plain", "image/png"]]);
});

it("gives a figure twice the pixels that it is shown with", async () => {
  await using kernel = await lease();
  const plot =
    "import matplotlib.pyplot as plt\nfig, ax = plt.subplots(figsize=(2, 1), dpi=72)\nplt.plot([1, 2])\nplt.show()";
  const { images } = viewOutputs((await kernel.execute(plot, within(60_000))).outputs);
  const { base64 = "", shownWidth = 0 } = images[0] ?? {};
  expect(shownWidth).toBeGreaterThan(100);
  expect(Math.abs((imageSize(base64)?.width ?? 0) - 2 * shownWidth)).toBeLessThanOrEqual(1);
});

it("does not take one cell's interrupt for the next one's", async () => {
  await using kernel = await lease();
  await run(kernel, "import time");
  for (const limitMs of [1, 20, ...Array.from({ length: 20 }, (_, index) => 50 + index / 4)]) {
    await kernel.execute("time.sleep(0.05)", within(limitMs));
    expect((await run(kernel, "time.sleep(0.02)\nprint('whole')")).outputs).toEqual([stream("whole\n")]);
  }
});

it("hides the controller's secrets and gives a kernel its own folder", async () => {
  process.env["NBEVOLVE_TEST_SECRET"] = "do not tell";
  await using kernel = await lease([], "own-folder");
  const environment = await value(kernel, '{**__import__("os").environ}');
  expect(environment).not.toHaveProperty("NBEVOLVE_TEST_SECRET");
  expect(environment).toMatchObject({ PYTHONHASHSEED: "0", OMP_NUM_THREADS: "1" });
  expect(
    await value(
      kernel,
      "[name for name in __import__('os').listdir(__import__('os').environ['JUPYTER_RUNTIME_DIR']) if 'server' in name]",
    ),
  ).toEqual([]);
  expect(await value(kernel, '__import__("os").getcwd()')).toMatch(/own-folder$/);
});
