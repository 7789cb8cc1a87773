import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { withoutBlobs } from "../../../src/core/output/blobs.ts";
import { capText, clipLines, clipToLimits, linesOf, shortenLine } from "../../../src/core/output/clip.ts";
import { describePlotly, describeVega, displayText } from "../../../src/core/output/display.ts";
import { withoutControls, toScreenText } from "../../../src/core/output/terminal.ts";
import { dataFrameText, htmlText, jsonTable } from "../../../src/core/output/tables.ts";
import { imagePlaceholder, imageSize } from "../../../src/core/output/pictures.ts";
import { foldSimilar } from "../../../src/core/output/similar-lines.ts";
import { shortenTraceback } from "../../../src/core/output/traceback.ts";
import { viewSource } from "../../../src/core/output/view-source.ts";

const PNG = "iVBORw0KGgoAAAANSUhEUgAAAyAAAAJYCAYAAACadoJwAAAAOXRFWHRTb2Z0d2FyZQBNYXRwbG90bGliIHZl";

describe("a terminal's screen", () => {
  test.each([
    ["a line is overwritten from its start", "  0%\r 50%\r100%\n", "100%\n"],
    ["what a shorter line leaves stays, as on a screen", "abcdef\rxy", "xycdef"],
    ["a backspace moves back", "ab\u0008c", "ac"],
    ["clear to the end of the line", "abcdef\rxy\u001B[K", "xy"],
    ["clear the whole line", "abcdef\u001B[2K\rz", "z"],
    ["two bars, drawn by moving up", "a 1\nb 1\u001B[A\ra 2\u001B[B\rb 2", "a 2\nb 2"],
    ["a line end of Windows is a line end", "a\r\nb\r\n", "a\nb\n"],
    ["colours take no columns", "\u001B[31mred\u001B[0m\rgreen", "green"],
    ["a link's address takes none either", "\u001B]8;;http://x\u0007link\u001B]8;;\u0007\rL", "Link"],
    ["a cleared screen is empty", "old\n\u001B[2Jnew", "new"],
  ])("%s", (_, text, shown) => {
    expect(toScreenText(text)).toBe(shown);
  });

  test("text without control characters is as it was", () => {
    fc.assert(
      fc.property(
        fc.string().map((text) => text.replaceAll(/[^\P{Cc}\n\t]/gu, "")),
        (text) => {
          expect(toScreenText(text)).toBe(text);
        },
      ),
    );
  });
});

test("colours, links and stray control characters go, tabs and newlines stay", () => {
  expect(withoutControls("\u001B[1;31ma\u001B[0m\tb\u0007\n\u001B]0;title\u0007c")).toBe("a\tb\nc");
});

describe("blobs", () => {
  test("a data URI says its type, size and hash, and the text around it stays", () => {
    expect(withoutBlobs(`<img src="data:image/png;base64,${PNG.repeat(20)}"/> end`)).toMatch(
      /^<img src="\[image\/png 1 kB #[\da-f]{8}\]"\/> end$/,
    );
  });
  test("base64 in lines, endless digits and rulers are shortened; words are not", () => {
    expect(withoutBlobs(`${`${PNG.slice(0, 76)}\n`.repeat(9)}end`)).toMatch(/^\[base64 513 B #\w{8}\]\nend$/);
    expect(withoutBlobs("7".repeat(1000))).toBe(`${"7".repeat(60)}...[920 digits]...${"7".repeat(20)}`);
    expect(withoutBlobs("-".repeat(500))).toBe(`${"-".repeat(40)}...[460 more]`);
    expect(withoutBlobs("word ".repeat(100))).toBe("word ".repeat(100));
  });
  test("no run of base64 letters over 200 is left in any text", () => {
    const piece = fc.oneof(fc.base64String({ maxLength: 900 }), fc.string(), fc.constant("\n"));
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        expect(withoutBlobs(pieces.join(""))).not.toMatch(/[A-Za-z0-9+/]{201}/);
      }),
    );
  });
});

test("a stream over the cap keeps both ends and counts the rest", () => {
  const text = Array.from({ length: 300 }, (_, i) => `line ${i}`).join("\n");
  const kept = capText(text, 1000);
  expect(kept).toMatch(/^line 0\n[\s\S]*\n\.\.\. \d+ characters were not kept \.\.\.\n[\s\S]*line 299$/);
  const missing = Number(/(\d+) characters/.exec(kept)?.[1]);
  expect(kept.replace(/\n\.\.\. \d+ characters were not kept \.\.\.\n/, "").length + missing).toBe(
    text.length,
  );
});

describe("what is shown of a display", () => {
  test.each([
    [
      "a figure's repr is nothing beside its picture",
      { "text/plain": "<Figure size 640x480>", "image/png": PNG },
      /^\[png 800x600 /,
    ],
    ["markdown before plain text", { "text/plain": "x", "text/markdown": "**x**" }, /^\*\*x\*\*$/],
    ["latex before plain text", { "text/plain": "x", "text/latex": "$x$" }, /^\$x\$$/],
    ["plain text before html", { "text/plain": "42", "text/html": "<b>42</b>" }, /^42$/],
    [
      "html where the repr says nothing",
      {
        "text/plain": "<IPython.core.display.HTML object>",
        "text/html": "<b>Hi</b> &amp; bye<script>x</script>",
      },
      /^Hi & bye$/,
    ],
    ["javascript is nothing", { "application/javascript": "alert(1)" }, /^$/],
    [
      "a box of widgets is nothing",
      { "text/plain": "HBox(children=())", "application/vnd.jupyter.widget-view+json": {} },
      /^$/,
    ],
    [
      "a widget's value",
      { "text/plain": "IntSlider(value=7)", "application/vnd.jupyter.widget-view+json": {} },
      /^IntSlider\(value=7\)$/,
    ],
    [
      "an unknown type by its size",
      { "application/x-other": "abcd" },
      /^\[application\/x-other, 4 characters\]$/,
    ],
  ])("%s", (_, data, shown) => {
    expect(displayText(data).text).toMatch(shown);
  });

  test("charts are summed up from their data", () => {
    const figure = {
      data: [
        { type: "bar", name: "a", x: [1, 2, 3] },
        { type: "bar", x: [1] },
      ],
      layout: { title: { text: "T" } },
    };
    expect(describePlotly(figure)).toBe('[plotly: 2 bar, title "T", traces a, 4 points]');
    expect(describePlotly("not json")).toBe("[plotly: no traces, 0 points]");
    const spec = { mark: "point", title: "Cars", encoding: { x: { field: "hp" } } };
    expect(describeVega(spec)).toBe('[vega: point, title "Cars", x hp]');
  });

  test("a picture's size is read from its header", () => {
    expect(imageSize(PNG)).toEqual({ width: 800, height: 600 });
    expect(imageSize("R0lGODlhCgAUAAAAACw=")).toEqual({ width: 10, height: 20 });
    expect(imageSize("not base64!")).toBeNull();
    expect(imagePlaceholder({ mime: "image/png", base64: PNG })).toMatch(
      /^\[png 800x600 63 B #[\da-f]{8}\]$/,
    );
  });

  test("html without its scripts, quoted brackets and all", () => {
    expect(
      htmlText(
        '<p title="a > b">one<br>two</p><style>p{}</style><table><tr><td>1</td><td>2</td></tr></table>',
      ),
    ).toBe("one\ntwo\n1 | 2");
  });
});

describe("data frames", () => {
  const row = (...cells: string[]): string => `<tr>${cells.map((cell) => `<td>${cell}</td>`).join("")}</tr>`;
  test("a plain grid becomes tab-separated, with its shape", () => {
    const html = `<table border="1" class="dataframe">${row("", "a", "b")}${row("0", "1.50", "x &amp; y")}</table><p>1 rows × 2 columns</p>`;
    expect(dataFrameText(html)).toBe("\ta\tb\n0\t1.50\tx & y\n[1 rows x 2 columns]");
  });
  test("merged headers are no plain grid", () => {
    expect(dataFrameText('<table class="dataframe"><tr><th colspan="2">a</th></tr></table>')).toBeNull();
  });
  test("records of another language's frame", () => {
    const rows = Array.from({ length: 14 }, (_, i) => ({ id: i, name: `n${i}` }));
    expect(jsonTable({ meta: 1, frame: rows })).toMatch(
      /^id\tname\n0\tn0\n[\s\S]*11\tn11\n\.\.\. 2 more of the rows sent \.\.\.$/,
    );
    expect(jsonTable({ frame: { nested: [] } })).toBeNull();
  });
});

describe("tracebacks", () => {
  const text = [
    "Traceback (most recent call last)",
    "Cell In[3], line 2",
    "      1 df = load()",
    "----> 2 df.merge(other)",
    "File ~/venv/lib/python3.11/site-packages/pandas/core/frame.py:10, in merge(self)",
    "---> 10     return inner(self)",
    "File ~/venv/lib/python3.11/site-packages/pandas/core/merge.py:99, in inner(x)",
    '---> 99     raise MergeError("no")',
    "MergeError: no",
  ].join("\n");
  test("the message, the own frames, the last one, and a count", () => {
    expect(shortenTraceback("MergeError", "no", text)).toEqual([
      "MergeError: no",
      "at Cell In[3], line 2",
      "  ----> 2 df.merge(other)",
      "at .../pandas/core/merge.py:99, in inner(x)",
      '  ---> 99     raise MergeError("no")',
      "(1 library frame hidden)",
    ]);
  });
  test("a traceback without frames keeps what it says", () => {
    expect(shortenTraceback("Error", "bad", "some line\nError: bad")).toEqual(["Error: bad", "some line"]);
  });
});

describe("lines", () => {
  test("a long one keeps its ends and counts the rest; no pair of surrogates is split", () => {
    expect(shortenLine("a".repeat(100), 10)).toBe("aaaaaaa ... 90 characters omitted ... aaa");
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 80 }), (line) => {
        expect(shortenLine(line, 20)).not.toMatch(/\p{Surrogate}/u);
      }),
    );
  });

  test("similar ones are three and a count, which says where they are", () => {
    const log = Array.from({ length: 9 }, (_, i) => `iter ${i} loss=${1 / (i + 1)} ok=${i % 2 === 0}`);
    const shown = foldSimilar(linesOf(["start", ...log, "end"].join("\n")));
    expect(shown.map(({ text }) => text)).toEqual([
      "start",
      log[0],
      log[1],
      "... 6 similar lines from line 4 ...",
      log[8],
      "end",
    ]);
    expect(shown[3]).toMatchObject({ from: 4, to: 9 });
  });

  test("a pattern of several lines is folded as a group; few lines and different ones stay", () => {
    const epochs = Array.from({ length: 6 }, (_, i) => `Epoch ${i}/6\n10/10 [====] - loss: 0.${i}`).join(
      "\n",
    );
    expect(foldSimilar(linesOf(epochs)).map(({ text }) => text)).toEqual([
      "Epoch 0/6",
      "10/10 [====] - loss: 0.0",
      "... 8 similar lines from line 3 ...",
      "Epoch 5/6",
      "10/10 [====] - loss: 0.5",
    ]);
    const few = linesOf("row 1\nrow 2\nrow 3\nother\nfoo\nbar");
    expect(foldSimilar(few)).toEqual(few);
  });

  test("every line is shown or counted, whatever the lines", () => {
    const line = fc.oneof(fc.constantFrom("a 1", "bbb 2", "ccc 3", "", "1 2"), fc.string({ maxLength: 12 }));
    fc.assert(
      fc.property(fc.array(line, { maxLength: 60 }), (lines) => {
        const text = lines.join("\n").replace(/[\r]/g, "");
        const shown = foldSimilar(linesOf(text));
        const covered = shown.flatMap(({ from, to }) =>
          Array.from({ length: to - from + 1 }, (_, i) => from + i),
        );
        expect(covered).toEqual(linesOf(text).map(({ from }) => from));
      }),
    );
  });

  test("clipping by lines keeps three fifths and two fifths", () => {
    const text = Array.from({ length: 20 }, (_, i) => `${i}`).join("\n");
    expect(clipLines(text, 5, 80)).toMatch(
      /^0\n1\n2\n\.\.\. 15 lines \(~\d+ tokens\) omitted \.\.\.\n18\n19$/,
    );
    expect(clipLines(text, 20, 80)).toBe(text);
  });

  test("clipping by tokens stays within them, and every line is shown or counted", () => {
    const countTokens = (text: string): number => Math.ceil(text.length / 4);
    const line = fc.string({ maxLength: 60 }).map((text) => `x${text.replace(/[\r\n]/g, "")}`);
    fc.assert(
      fc.property(
        fc.array(line, { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 60, max: 400 }),
        (lines, maxTokens) => {
          const remedy = (from: number): string => `read(c12, output, from=${from})`;
          const text = clipToLimits(linesOf(lines.join("\n")), {
            maxLines: 1000,
            maxTokens,
            countTokens,
            remedy,
          });
          expect(countTokens(text)).toBeLessThanOrEqual(maxTokens);
          const announced =
            /\.\.\. (\d+) lines? \(~\S+ tokens\) omitted; read\(c12, output, from=(\d+)\)/.exec(text);
          const hidden = announced === null ? 0 : Number(announced[1]);
          expect(text.split("\n").length - (announced === null ? 0 : 1) + hidden).toBe(lines.length);
          if (announced !== null) expect(text.split("\n")[Number(announced[2]) - 1]).toContain("omitted");
        },
      ),
    );
  });
});

describe("sources", () => {
  test("code is whole; giant literals are folded and counted, above 1,500 tokens", () => {
    const rows = Array.from({ length: 300 }, (_, i) => `    [${i}.5, 0.25, 1e-3, ${i}],`);
    const source = ["import numpy as np", "data = np.array([", ...rows, "])", "print(data.sum())"].join("\n");
    const shown = viewSource(source, "read(c4, source");
    expect(shown.split("\n").length).toBeLessThan(10);
    expect(shown).toContain("print(data.sum())");
    expect(shown).toMatch(
      /\.\.\. literal data: 300 lines, \d+ characters #[\da-f]{8}; read\(c4, source, from=3\) \.\.\./,
    );
    const code = Array.from({ length: 300 }, (_, i) => `def f${i}(x): return x + ${i}`).join("\n");
    expect(viewSource(code, "read(c4, source")).toBe(code);
  });
});
