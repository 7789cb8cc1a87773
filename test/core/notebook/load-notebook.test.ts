import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RunError } from "../../../src/core/errors.ts";
import { loadNotebook, parseNotebook } from "../../../src/core/notebook/load-notebook.ts";
import { stringifyNotebook } from "../../../src/core/notebook/save-notebook.ts";
import type { Notebook } from "../../../src/contracts/index.ts";
import { anyJson } from "./loose-notebooks.ts";

const text = (value: unknown): string => JSON.stringify(value);
const v4 = (cells: readonly unknown[], rest: object = {}): string =>
  text({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells, ...rest });
const load = (source: string): Notebook => parseNotebook(source, "a.ipynb");

/** The notebook, or the words of its refusal; anything else thrown goes on. */
function tryLoad(source: string): Notebook | string {
  try {
    return load(source);
  } catch (thrown) {
    if (thrown instanceof RunError && thrown.code === "bad-notebook") return thrown.message;
    throw thrown;
  }
}

describe("what every notebook becomes", () => {
  it("joins multi-line strings, with a BOM, CRLF and missing fields", () => {
    const file = `\uFEFF${v4([
      { cell_type: "code", source: ["a = 1\n", "a"], outputs: null, metadata: null },
      { cell_type: "markdown", source: null },
      {},
    ]).replaceAll(",", ",\r\n")}`;
    expect(load(file)).toEqual({
      nbformat: 4,
      nbformat_minor: 5,
      metadata: {},
      cells: [
        { cell_type: "code", id: "c1", metadata: {}, source: "a = 1\na", outputs: [], execution_count: null },
        { cell_type: "markdown", id: "c2", metadata: {}, source: "" },
        { cell_type: "raw", id: "c3", metadata: {}, source: "" },
      ],
    });
  });

  it("keeps the first of equal ids, and gives free short ones to the others and to invalid ones", () => {
    const ids = ["c2", "a", "a", "", "ü", undefined, 7, "x".repeat(65), "A-b_9"];
    const cells = load(v4(ids.map((id) => ({ cell_type: "raw", source: "", id })))).cells;
    expect(cells.map((cell) => cell.id)).toEqual(["c2", "a", "c1", "c3", "c4", "c5", "c6", "c7", "A-b_9"]);
  });

  it("takes Python's NaN and infinities as null, but leaves those words in strings alone", () => {
    const file = v4([{ cell_type: "code", source: 'x = [NaN, "-Infinity"]', metadata: { a: 1, b: [2, 3] } }])
      .replace('"a":1', '"a":NaN')
      .replace("[2,3]", "[-Infinity, Infinity]");
    expect(load(file).cells[0]).toMatchObject({
      source: 'x = [NaN, "-Infinity"]',
      metadata: { a: null, b: [null, null] },
    });
  });

  it("replaces lone surrogates and keeps pairs", () => {
    const file = v4([{ cell_type: "raw", source: "PLACE" }]).replace(
      "PLACE",
      "a\\ud83d b\\udc00 \\ud83d\\ude00",
    );
    expect(load(file).cells[0]?.source).toBe("a\uFFFD b\uFFFD \u{1F600}");
  });

  it("makes numbers finite and counters whole", () => {
    const file = v4([{ cell_type: "code", source: "", execution_count: 1.5, metadata: { big: 1 } }]).replace(
      '"big":1',
      '"big":1e999',
    );
    expect(load(file).cells[0]).toMatchObject({ execution_count: null, metadata: { big: null } });
  });

  it("mends metadata of the wrong type and keeps what it does not know", () => {
    const metadata = {
      collapsed: "yes",
      scrolled: "auto",
      name: "",
      jupyter: "x",
      tags: ["a", "b,c", 3, "a", ""],
      execution: { "iopub.status.idle": 5, "shell.execute_reply": "2024" },
      trusted: true,
      mine: { deep: [1] },
      nbevolve: { role: "king", round: 0 },
    };
    expect(load(v4([{ cell_type: "code", source: "", metadata }])).cells[0]?.metadata).toEqual({
      scrolled: "auto",
      tags: ["a", "b", "c"],
      execution: { "shell.execute_reply": "2024" },
      mine: { deep: [1] },
    });
  });

  it("reads a single tag that was written as a string", () => {
    const cells = load(v4([{ cell_type: "code", source: "", metadata: { tags: "verifier" } }])).cells;
    expect(cells[0]?.metadata.tags).toEqual(["verifier"]);
  });

  it("keeps nbevolve's marks", () => {
    const nbevolve = { role: "code", round: 3, state: "clean", folded: true, durationMs: 12.5 };
    expect(load(v4([{ cell_type: "code", source: "", metadata: { nbevolve } }])).cells[0]?.metadata).toEqual({
      nbevolve,
    });
  });

  it("completes the kernel's names and drops the file's transient fields", () => {
    const metadata = {
      kernelspec: { name: "python3" },
      language_info: { name: "python", version: "3.11", mimetype: 4 },
      orig_nbformat: 3,
      signature: "x",
      title: 7,
      widgets: { a: 1 },
    };
    expect(load(v4([], { metadata })).metadata).toEqual({
      kernelspec: { name: "python3", display_name: "python3" },
      language_info: { name: "python", version: "3.11" },
      widgets: { a: 1 },
    });
    expect(load(v4([], { metadata: { kernelspec: "BAD", language_info: [] } })).metadata).toEqual({});
  });

  it("keeps attachments of text cells as text and none on code cells", () => {
    const attachments = { "a.png": { "image/png": ["AA", "BB"], "image/gif": null }, b: 3 };
    const [markdown, code] = load(
      v4([
        { cell_type: "markdown", source: "", attachments },
        { cell_type: "code", source: "", attachments },
      ]),
    ).cells;
    expect(markdown).toMatchObject({ attachments: { "a.png": { "image/png": "AABB" }, b: {} } });
    expect(code).not.toHaveProperty("attachments");
  });
});

describe("outputs", () => {
  const outputs = (found: readonly unknown[]): unknown => {
    const cell = load(v4([{ cell_type: "code", source: "", outputs: found }])).cells[0];
    return cell?.cell_type === "code" ? cell.outputs : null;
  };

  it("joins stream text and mime data, and leaves JSON data alone", () => {
    const plotly = { data: [{ x: [1, 2] }] };
    expect(
      outputs([
        { output_type: "stream", name: "stderr", text: ["a\r", "b\n"], extra: 1 },
        {
          output_type: "display_data",
          data: {
            "text/plain": ["x", "y"],
            "application/vnd.plotly.v1+json": plotly,
            "application/json": ["p", "q"],
            "application/vnd.other": { a: 1 },
            "text/html": null,
          },
        },
        { output_type: "execute_result", data: {}, metadata: null, execution_count: 2 },
      ]),
    ).toEqual([
      { output_type: "stream", name: "stderr", text: "a\rb\n" },
      {
        output_type: "display_data",
        data: {
          "text/plain": "xy",
          "application/vnd.plotly.v1+json": plotly,
          "application/json": ["p", "q"],
          "application/vnd.other": '{"a":1}',
        },
        metadata: {},
      },
      { output_type: "execute_result", data: {}, metadata: {}, execution_count: 2 },
    ]);
  });

  it("keeps outputs of unknown kind by their shape and drops those without one", () => {
    expect(
      outputs([
        { output_type: "bad stream", text: "hi", name: "stdout" },
        { output_type: "update_display_data", data: { "text/plain": "u" }, metadata: {} },
        { output_type: "boom", traceback: ["t"] },
        { output_type: "error", ename: "E", evalue: null, traceback: "one line" },
        { output_type: "nothing" },
        "text",
        null,
      ]),
    ).toEqual([
      { output_type: "stream", name: "stdout", text: "hi" },
      { output_type: "display_data", data: { "text/plain": "u" }, metadata: {} },
      { output_type: "error", ename: "", evalue: "", traceback: ["t"] },
      { output_type: "error", ename: "E", evalue: "", traceback: ["one line"] },
    ]);
  });
});

describe("nbformat 3 and older", () => {
  const v3 = (cells: readonly unknown[], major = 3): string =>
    text({
      nbformat: major,
      nbformat_minor: 0,
      metadata: { name: "old", signature: "s" },
      worksheets: [{ cells }],
    });

  it("upgrades cells as nbformat does", () => {
    const notebook = load(
      v3([
        { cell_type: "heading", level: 3, source: ["A title\n", "on two lines"] },
        { cell_type: "html", source: ["<b>x</b>"] },
        {
          cell_type: "code",
          language: "python",
          collapsed: true,
          input: ["a = 1", "a"],
          prompt_number: 4,
          outputs: [],
        },
        { cell_type: "markdown", source: ["a\n", "b"], metadata: { tags: ["t", "u"] } },
      ]),
    );
    expect(notebook).toMatchObject({ nbformat: 4, nbformat_minor: 5, metadata: {} });
    expect(notebook.metadata).toEqual({});
    expect(notebook.cells).toEqual([
      { cell_type: "markdown", id: "c1", metadata: {}, source: "### A title on two lines" },
      { cell_type: "markdown", id: "c2", metadata: {}, source: "<b>x</b>" },
      {
        cell_type: "code",
        id: "c3",
        metadata: { collapsed: true },
        source: "a = 1\na",
        execution_count: 4,
        outputs: [],
      },
      { cell_type: "markdown", id: "c4", metadata: { tags: ["t", "u"] }, source: "a\nb" },
    ]);
  });

  it("upgrades outputs as nbformat does", () => {
    const found = [
      {
        output_type: "pyout",
        prompt_number: 2,
        text: ["[1,", " 2]"],
        html: ["<i>\n", "</i>"],
        metadata: { png: { width: 1 } },
      },
      { output_type: "display_data", png: "AAAA", json: ['{"a": ', "1}"] },
      { output_type: "pyerr", ename: "E", evalue: "v", traceback: ["a", "b"] },
      { output_type: "stream", stream: "stderr", text: ["x\n", "y\n"] },
    ];
    const cell = load(v3([{ cell_type: "code", input: "", outputs: found }])).cells[0];
    expect(cell).toMatchObject({
      outputs: [
        {
          output_type: "execute_result",
          execution_count: 2,
          data: { "text/plain": "[1,\n 2]", "text/html": "<i>\n</i>" },
          metadata: { "image/png": { width: 1 } },
        },
        {
          output_type: "display_data",
          data: { "image/png": "AAAA", "application/json": { a: 1 } },
          metadata: {},
        },
        { output_type: "error", ename: "E", evalue: "v", traceback: ["a", "b"] },
        { output_type: "stream", name: "stderr", text: "x\ny\n" },
      ],
    });
  });

  it("flattens worksheets and reads nbformat 1 and 2", () => {
    expect(load(v3([{ cell_type: "markdown", source: ["one", "two"] }], 2)).cells[0]?.source).toBe(
      "one\ntwo",
    );
    const first = text({ nbformat: 1, cells: [{ cell_type: "code", code: "1 + 1", prompt_number: 1 }] });
    expect(load(first).cells[0]).toMatchObject({ cell_type: "code", source: "1 + 1", execution_count: 1 });
    const sheets = {
      nbformat: 3,
      worksheets: [{ cells: [{ cell_type: "raw" }] }, null, { cells: [{ cell_type: "raw" }] }],
    };
    expect(load(text(sheets)).cells).toHaveLength(2);
  });
});

describe("what cannot be read", () => {
  it.each([
    ["", /a\.ipynb .* empty/],
    [" \n", /empty/],
    ["<!DOCTYPE html>\n<html></html>", /web page .* raw \.ipynb/],
    ["version https://git-lfs.github.com/spec/v1\noid sha256:1\n", /git lfs pull/],
    ['{\n "cells": [\n  {"source": "abc', /line 3, column 18: .* ends inside a string.* truncated/],
    ['{"cells": [', /line 1, column 12: .* ends too early.* truncated/],
    ['{"cells": [],, }', /line 1, column 14: "," where a name should be/],
    ['{"cells": [1 2]}', /column 14: "2" where a comma or the end should be/],
    ["{cells: []}", /column 2: "c" is no JSON/],
    ['{"a": "x\ny"}', /line 1, column 9: a line break/],
    ['{"a": "\\q    "}', /column 8: an unknown escape/],
    ["nul", /truncated/],
    ["[1]", /holds a list, not a notebook/],
    ["null", /holds nothing/],
    ["{}", /no list of "cells"/],
    ['{"cells": null}', /no list of "cells"/],
    ['{"cells": [], "nbformat": 5}', /"nbformat" is 5/],
    ['{"cells": [{}, 3]}', /cell 2 is a number/],
    ['{"cells": [], "metadata": {"nbevolve": "minimize"}}', /"nbevolve" is a string/],
  ])("%j", (source, message) => {
    expect(tryLoad(source)).toMatch(message);
  });

  it("data nested without end", () => {
    const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
    expect(tryLoad(`{"cells": [], "metadata": {"a": ${deep}}}`)).toMatch(/100 levels deep/);
    expect(tryLoad(`{"cells": [], "metadata": {"a": ${deep}, "b": NaN}}`)).toMatch(/100 levels deep/);
  });

  it("more cells than any round can look at are refused", () => {
    const cells = Array.from({ length: 10_001 }, () => "{}").join();
    expect(tryLoad(`{"cells": [${cells}]}`)).toMatch(/10001 cells, and 10000 are the most/);
  });
});

describe("properties", () => {
  it("any JSON loads or is refused with a RunError; what loads is written and read back equal", () => {
    fc.assert(
      fc.property(anyJson(), (value) => {
        const loaded = tryLoad(JSON.stringify(value));
        fc.pre(typeof loaded !== "string");
        const written = stringifyNotebook(loaded);
        expect(load(written)).toEqual(loaded);
        expect(stringifyNotebook(load(written))).toBe(written);
        expect(loadNotebook(loaded, "again")).toEqual(loaded);
        const ids = loaded.cells.map((cell) => cell.id);
        expect(new Set(ids).size).toBe(ids.length);
      }),
      { numRuns: 150 },
    );
  });

  it("a text cut anywhere never throws anything but a RunError", () => {
    const file = v4([
      {
        cell_type: "code",
        source: ["a\n", 'b "q" \u00e9'],
        outputs: [{ output_type: "stream", text: "1e5" }],
      },
    ]);
    for (let end = 0; end < file.length; end += 1) expect(tryLoad(file.slice(0, end))).toBeTypeOf("string");
    fc.assert(
      fc.property(fc.nat(file.length), fc.string(), (at, noise) => {
        tryLoad(file.slice(0, at) + noise + file.slice(at));
      }),
    );
  });

  it("the words where a text breaks agree with JSON.parse", () => {
    fc.assert(
      fc.property(
        fc.jsonValue(),
        fc.nat(),
        fc.constantFrom("", ",", "]", "}", '"', ":", "0", "-", "\\"),
        (value, at, noise) => {
          const valid = JSON.stringify({ cells: [], value });
          const place = at % valid.length;
          const broken = valid.slice(0, place) + noise + valid.slice(place + 1);
          expect(typeof tryLoad(broken) === "string").toBe(!isJsonWithCells(broken));
        },
      ),
    );
  });
});

function isJsonWithCells(source: string): boolean {
  try {
    return Array.isArray(JSON.parse(source).cells);
  } catch {
    return false;
  }
}
