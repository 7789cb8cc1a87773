// What the page makes of a notebook before it draws it: cells read as a stranger's, outputs shown or withheld with a note, and
// colours whose texts joined are what was written.
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { colouredRuns } from "../../src/dashboard/notebook/coloured-text.ts";
import { pythonRuns } from "../../src/dashboard/notebook/highlight.ts";
import { shownParts } from "../../src/dashboard/notebook/output-parts.ts";
import { readNotebook } from "../../src/dashboard/notebook/read-notebook.ts";
import type { Output } from "../../src/contracts/index.ts";

const read = (value: unknown) => readNotebook(new TextEncoder().encode(JSON.stringify(value)));
const data = (bundle: Record<string, unknown>, metadata = {}): Output =>
  ({ output_type: "display_data", data: bundle, metadata }) as Output;
const PNG =
  "iVBORw0KGgoAAAANSUhEUgAAAAIAAAADCAYAAAC56t6BAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

describe("a notebook's cells", () => {
  test("whatever the JSON is, each has an id of its own and the shape of a cell", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.jsonValue(),
            fc.record({
              id: fc.constantFrom("a", "b", ""),
              source: fc.jsonValue(),
              cell_type: fc.constantFrom("code", "markdown", "x"),
              outputs: fc.jsonValue(),
              attachments: fc.jsonValue(),
              metadata: fc.jsonValue(),
            }),
          ),
        ),
        (cells) => {
          const notebook = read({ cells });
          if (!notebook.ok) throw new Error(notebook.problem);
          expect(notebook.cells.length).toBe(cells.length);
          expect(new Set(notebook.cells.map(({ id }) => id)).size).toBe(cells.length);
          for (const cell of notebook.cells) expect(typeof cell.source).toBe("string");
        },
      ),
    );
  });

  test("a mark that nbevolve does not write is left out", () => {
    const notebook = read({
      cells: [
        { cell_type: "code", id: "c1", source: "1", metadata: { nbevolve: { role: "<b>", round: 1 } } },
        {
          cell_type: "code",
          id: "c2",
          source: "1",
          metadata: {
            nbevolve: { role: "code", round: 3, state: "odd", from: { branch: "b1", cell: "c9" } },
          },
        },
      ],
    });
    expect(notebook.ok && notebook.cells.map(({ metadata }) => metadata.nbevolve)).toEqual([
      undefined,
      { role: "code", round: 3, folded: false, pinned: false, from: { branch: "b1", cell: "c9" } },
    ]);
  });

  test.each([["[]"], ["{"], ["null"], [`{"cells":${"[".repeat(200)}${"]".repeat(200)}}`]])(
    "%.20s is refused in words",
    (text) => {
      expect(readNotebook(new TextEncoder().encode(text))).toMatchObject({
        ok: false,
        problem: expect.stringContaining("The notebook is not shown: "),
      });
    },
  );
});

describe("an output", () => {
  test.each<[string, Output, readonly string[]]>([
    ["JavaScript", data({ "application/javascript": "alert(1)", "text/plain": "x" }), ["text", "note"]],
    [
      "a widget",
      data({ "application/vnd.jupyter.widget-view+json": {}, "text/plain": "x" }),
      ["text", "note"],
    ],
    [
      "HTML with a script beside a picture",
      data({ "text/html": "<script>1</script>", "image/png": PNG }),
      ["picture"],
    ],
    ["HTML with a script alone", data({ "text/html": "<p>a</p><script>1</script>" }), ["html", "note"]],
    ["text called a picture", data({ "image/png": "aGVsbG8=" }), ["note"]],
    ["a picture that leaves its attribute", data({ "image/png": `${PNG}" onerror="alert(1)` }), ["note"]],
    ["an SVG", data({ "image/svg+xml": "<svg onload='alert(1)'/>" }), ["picture"]],
    ["too much HTML", data({ "text/html": "x".repeat(3 << 20) }), ["note"]],
    ["nothing", data({}), ["note"]],
  ])("%s", (_, output, kinds) => {
    expect(shownParts(output).map(({ kind }) => kind)).toEqual(kinds);
  });

  test("a picture has its size before it is loaded, and the width that the notebook gives it", () => {
    expect(shownParts(data({ "image/png": PNG }))).toMatchObject([{ width: 2, height: 3 }]);
    expect(shownParts(data({ "image/png": PNG }, { "image/png": { width: 4 } }))).toMatchObject([
      { width: 4, height: 6 },
    ]);
  });

  test("fifty megabytes of text are cut in the middle", () => {
    const [part] = shownParts({ output_type: "stream", name: "stdout", text: "x\r".repeat(25 << 20) });
    expect(part?.kind === "text" && part.text.length).toBeLessThan(3 << 20);
  });
});

test("Python's runs joined are the code, magics among it", () => {
  const line = fc.constantFrom(
    "%matplotlib inline",
    "!ls -l",
    "x = 'a",
    "def f(x):",
    "    return 1.5",
    "%%bash",
    "",
    "'''",
    "é😀",
    "%%time",
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(line).map((lines) => lines.join("\n")),
      ),
      (code) => {
        expect(
          pythonRuns(code)
            .map(({ text }) => text)
            .join(""),
        ).toBe(code);
      },
    ),
  );
  expect(pythonRuns("%matplotlib inline\nx = 1")[0]).toEqual({
    text: "%matplotlib inline",
    classes: "tok-magic",
  });
});

test("a terminal's colours are classes, its other controls are left out, and its text stays", () => {
  expect(
    colouredRuns("\u001B[1;31mValueError\u001B[0m: \u001B[38;5;10mx\u001B[2Ky\u001B[38;2;0;0;255mz"),
  ).toEqual([
    { text: "ValueError", classes: "ansi-bold ansi-red" },
    { text: ": ", classes: "" },
    { text: "xy", classes: "ansi-green" },
    { text: "z", classes: "ansi-blue" },
  ]);
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          fc.constantFrom("\u001B[", "31m", ";", "38;5;", "m", "\n", "\u001B"),
          fc.string({ maxLength: 4 }),
        ),
      ),
      (pieces) => {
        const text = pieces.join("");
        for (const { classes } of colouredRuns(text)) expect(classes).toMatch(/^(?:ansi-[a-z-]+ ?)*$/);
      },
    ),
  );
  expect(colouredRuns("\u001B[31ma\u001B[32mb".repeat(100_000)).length).toBeLessThan(10_000);
});
