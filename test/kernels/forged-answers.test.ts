// A cell has replaced what answers for its kernel: each question still has an answer of its form, or a failure in words.
import { describe, expect, test } from "vitest";
import { run, useRealKernels, within } from "./real-kernels.ts";

/** Answers that are none, as Python expressions for their text. */
const FORGED: readonly (readonly [what: string, text: string])[] = [
  ["no JSON", "'garbage {'"],
  ["half of one", `'{"ok": true, "value": [1'`],
  ["control characters", String.raw`'\x1b]0;title\x07'`],
  ["another form", "'[1, 2]'"],
  ["a number", "'7'"],
  ["nothing of it", "'{}'"],
  [
    "wrong types",
    `'{"ok": "yes", "name": 7, "message": [], "names": 3, "fault": [], "description": "x", "reasons": 5}'`,
  ],
  ["endless depth", `'{"ok": true, "value": ' + '[' * 200000 + ']' * 200000 + '}'`],
  ["endless depth in a list", "'[' * 200000 + ']' * 200000"],
  ["very many values", `'[' + '1,' * 1000000 + '1]'`],
  [
    "a name of a megabyte",
    `'{"ok": false, "name": "' + 'x' * 1000000 + '", "message": "' + 'y' * 1000000 + '"}'`,
  ],
  ["halves of characters", String.raw`'{"ok": false, "name": "\\ud800", "message": "\\udfff"}'`],
];

const forge = (text: string): string => `
import sys
ks = sys.modules["nbevolve_kernel.kernel_side"]
class Forged:
    def _repr_mimebundle_(self, **_):
        return {"application/vnd.nbevolve": ${text}, "text/plain": ""}
for name in ("evaluate", "describe", "sketch", "checkpoint", "enter", "freeze"):
    setattr(ks, name, lambda _: Forged())
`;

describe("a kernel whose answers are forged", () => {
  const kernels = useRealKernels();

  test.each(FORGED)("answers with %s", async (_, text) => {
    await using lease = await kernels.lease();
    expect((await run(lease, forge(text))).status).toBe("ok");
    const evaluation = await lease.evaluate("1 + 1", within(30_000));
    expect(evaluation).toMatchObject({ ok: false });
    const { name, message } = evaluation.ok ? { name: "", message: "" } : evaluation;
    expect(name.length).toBeLessThan(300);
    expect(message.length).toBeLessThan(11_000);
    expect([null, {}]).toContainEqual(await lease.describe?.(within(30_000)));
    expect(await lease.sketch?.(within(30_000))).toBeNull();
    // What cannot be kept is run again: a cache is lost, and nothing else.
    await lease.checkpoint({ recipe: [{ cell: "c1", source: forge(text), status: "ok" }] }, within(30_000));
    expect((await run(lease, "print(1 + 1)")).status).toBe("ok");
  });

  /** Messages that no library sends, as Python expressions for their type and content. */
  test.each([
    [
      "a display of endless depth",
      `"display_data", {"data": {"application/json": deep}, "metadata": {}, "transient": {}}`,
    ],
    [
      "metadata of endless depth",
      `"display_data", {"data": {"text/plain": "x"}, "metadata": {"a": deep}, "transient": {}}`,
    ],
    [
      "a mime type of a megabyte",
      `"display_data", {"data": {"x" * 1000000: "x"}, "metadata": {}, "transient": {}}`,
    ],
    [
      "an error whose name is a megabyte",
      `"error", {"ename": "x" * 1000000, "evalue": "y", "traceback": []}`,
    ],
    [
      "an error with ten million lines",
      `"error", {"ename": "x", "evalue": "y", "traceback": [""] * 2000000}`,
    ],
    ["a hundred errors", `"error", {"ename": "x", "evalue": "y", "traceback": []}`],
    ["a stream that is no text", `"stream", {"name": "stdout", "text": {"a": deep}}`],
  ])("sends %s, which the outputs bound", async (what, message) => {
    await using lease = await kernels.lease();
    const { status, outputs } = await run(
      lease,
      `
import json
class Deep:
    pass
k = get_ipython().kernel
plain = k.session.pack
deep = "DEEP"
def pack(value):
    return plain(value).replace(b'"DEEP"', b"[" * 5000 + b"]" * 5000)
k.session.pack = pack
for _ in range(${what.startsWith("a hundred") ? 100 : 1}):
    k.session.send(k.iopub_socket, ${message}, parent=k.get_parent("shell"), ident=b"forged")
k.session.pack = plain
`,
    );
    expect(status).toBe("ok");
    expect(outputs.length).toBeLessThan(20);
    // It can be written down, and read again.
    expect(JSON.stringify(outputs).length).toBeLessThan(1_100_000);
  });
});
