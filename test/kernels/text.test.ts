// Text that is no valid Unicode, or has other line ends, on its way into a kernel and out of it.
import fc from "fast-check";
import { expect, it } from "vitest";
import type { Output } from "../../src/contracts/notebook.ts";
import { run, useRealKernels } from "./real-kernels.ts";

const { lease } = useRealKernels();

const printed = (outputs: readonly Output[]): string =>
  outputs
    .map((output) =>
      output.output_type === "stream" && output["name"] === "stdout" ? String(output.text) : "",
    )
    .join("");
const literal = (text: string): string =>
  `"${text
    .split("")
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
    .join("")}"`;
const well = (text: string): string => text.replace(/\p{Surrogate}/gu, "\uFFFD");

it("a cell runs whatever halves of characters and line ends are in its source", async () => {
  await using kernel = await lease();
  const unit = fc.constantFrom("a", "\uD83D", "\uDE00", "é", "🎈", "\u0085", "\u2028", "\uFEFF");
  await fc.assert(
    fc.asyncProperty(
      fc.string({ unit, maxLength: 6 }),
      fc.constantFrom("\n", "\r\n", "\r"),
      async (text, end) => {
        const source = [`text = '${text}'`, "if True:", "    print([ord(one) for one in text])"].join(end);
        const { status, outputs } = await run(kernel, source);
        const codes = Array.from(well(text), (one) => one.codePointAt(0)).join(", ");
        expect({ status, text: printed(outputs) }).toEqual({ status: "ok", text: `[${codes}]\n` });
      },
    ),
    { numRuns: 40 },
  );
});

it("halves that a cell prints cost nothing of what is printed beside them", async () => {
  await using kernel = await lease();
  const unit = fc.constantFrom("a", "\uD83D", "\uDE00", "\uDCE9", "é", "\n");
  await fc.assert(
    fc.asyncProperty(fc.array(fc.string({ unit, maxLength: 6 }), { maxLength: 4 }), async (texts) => {
      const source = [
        'print("before")',
        ...texts.map((text) => `print(${literal(text)})`),
        'print("after")',
      ].join("\n");
      const { status, outputs } = await run(kernel, source);
      const wanted = well(["before", ...texts, "after"].join("\n"));
      expect({ status, text: printed(outputs) }).toEqual({ status: "ok", text: `${wanted}\n` });
    }),
    { numRuns: 40 },
  );
});

it.each([
  ["a display", 'from IPython.display import display, HTML\ndisplay(HTML("<b>\\ud83d</b>"))'],
  [
    "a key of a display",
    'from IPython.display import display\ndisplay({"text/plain": "x", "application/json": {"\\ud83d": 1}}, raw=True)',
  ],
  ["an error", 'raise ValueError("\\ud83d")'],
  ["a name of a file that is no UTF-8", 'open(b"\\xe9.txt", "w").close()\nimport os\nprint(os.listdir())'],
])("%s with a half in it is shown with U+FFFD", async (_, source) => {
  await using kernel = await lease();
  const { outputs, status } = await run(kernel, source);
  expect(status).toBe(source.startsWith("raise") ? "error" : "ok");
  const shown = JSON.stringify(outputs);
  expect(shown).toMatch(/\uFFFD|udce9/);
  expect(shown).not.toMatch(/[^\\]\\ud[89a-f]/i);
});

it("a shell's cell has the line ends of a shell, whatever its notebook has", async () => {
  await using kernel = await lease();
  const { outputs } = await run(kernel, "%%bash\r\nfor i in 1 2; do\r\n  echo $i\r\ndone\r\n");
  expect(printed(outputs)).toBe("1\n2\n");
});

it("a zero byte in a source is an error of the cell, and the kernel goes on", async () => {
  await using kernel = await lease();
  expect((await run(kernel, "x = 'a\0b'")).status).toBe("error");
  expect((await run(kernel, "print(1)")).status).toBe("ok");
});
