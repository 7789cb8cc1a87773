// Owns: the parsers of foreign text in `src/core`, each with how such a text reaches it.
import { z } from "zod";
import { approximateTokens } from "../../src/core/approximate-tokens.ts";
import { messageOf } from "../../src/core/errors.ts";
import { checkForeignAnswer, readForeignAnswer } from "../../src/core/foreign-answer.ts";
import { didYouMean, editDistance, nearest } from "../../src/core/nearest-word.ts";
import { digestOf, errorLine, moreNames } from "../../src/core/notebook/cell-digest.ts";
import { checkDrops, tidyNotebook } from "../../src/core/notebook/clean-up.ts";
import { compareOutputs } from "../../src/core/notebook/compare-outputs.ts";
import { neededCells, staleAfter } from "../../src/core/notebook/dependencies.ts";
import { graftCells } from "../../src/core/notebook/graft.ts";
import { adoptNotebook } from "../../src/core/notebook/injected-notebook.ts";
import { kernelNames, ownNamesOf } from "../../src/core/notebook/kernel-names.ts";
import { presentNotebook, resultPicture } from "../../src/core/notebook/present-notebook.ts";
import { loadNotebook, parseNotebook } from "../../src/core/notebook/load-notebook.ts";
import { loadOutputs } from "../../src/core/notebook/load-output.ts";
import { fingerprintOf, traitsOf } from "../../src/core/notebook/notebook-traits.ts";
import { applyEdits, emptyNotebook, idsOf } from "../../src/core/notebook/notebook.ts";
import { describeRepeat } from "../../src/core/notebook/repeated-failures.ts";
import { stringifyNotebook } from "../../src/core/notebook/save-notebook.ts";
import { adviseError } from "../../src/core/output/advise-error.ts";
import { textHash, withoutBlobs } from "../../src/core/output/blobs.ts";
import { capText, clipLines, linesOf, shortenLine } from "../../src/core/output/clip.ts";
import { describePlotly, describeVega, displayText } from "../../src/core/output/display.ts";
import { explainError, explainInterrupt } from "../../src/core/output/explain-error.ts";
import { fenceText, openingFence } from "../../src/core/output/fence.ts";
import { imageMime, imagePlaceholder, imageSize } from "../../src/core/output/pictures.ts";
import { foldSimilar } from "../../src/core/output/similar-lines.ts";
import { dataFrameText, htmlText, jsonTable, unescapeHtml } from "../../src/core/output/tables.ts";
import { toScreenText, withoutControls } from "../../src/core/output/terminal.ts";
import { codePlace, shortenTraceback } from "../../src/core/output/traceback.ts";
import { fullOutputText, sameOutputAs, viewOutputs } from "../../src/core/output/view-outputs.ts";
import { viewSource } from "../../src/core/output/view-source.ts";
import { readCodeText } from "../../src/core/python/code-text.ts";
import { ownNamesIn } from "../../src/core/python/defined-names.ts";
import { findOpenEnd } from "../../src/core/python/syntax-words.ts";
import { verifierFault } from "../../src/core/python/verifier-fault.ts";
import { tinyTask } from "../support/tiny-task.ts";
import { collectPackages, readPackage } from "../../src/core/python/package-names.ts";
import { nearestNames } from "../../src/core/python/nearest-names.ts";
import { firstSyntaxError, parsePython, withoutMagics } from "../../src/core/python/parse-python.ts";
import { parsePythonJson } from "../../src/core/python/python-json.ts";
import { namesIn } from "../../src/core/python/python-names.ts";
import { decodeString } from "../../src/core/python/python-strings.ts";
import { renameNames, unsafeNames } from "../../src/core/python/rename-names.ts";
import * as untrusted from "../../src/core/untrusted.ts";
import { cellOf, cellsBook, notesBook, outputBook, outputsOf, sourceBook } from "./notebooks.ts";
import type { Parser } from "./parser.ts";

const FORM = z.object({ ok: z.boolean(), names: z.array(z.string()) });
const KNOWN = ["run_code", "read", "finish_round", "score"];
const BOOK = { ...emptyNotebook(), cells: [cellOf("best = [1, 2]")] };
const HTML = [
  '<table class="dataframe"><tr>',
  '<table class="dataframe"><tr><td>',
  "<p>1 rows x 2 columns</p>",
];

export const CORE_PARSERS: readonly Parser[] = [
  { name: "core/approximate-tokens.ts approximateTokens", read: approximateTokens },
  {
    name: "core/errors.ts messageOf",
    read: (text) => [messageOf(text), messageOf({ message: text }), messageOf({ text })],
  },
  {
    name: "core/foreign-answer.ts readForeignAnswer",
    read: (text) => readForeignAnswer(text, FORM, { chars: 16 << 20 }),
  },
  {
    name: "core/foreign-answer.ts checkForeignAnswer",
    read: (text) => checkForeignAnswer({ ok: true, names: text.split("a") }, FORM, {}),
  },
  { name: "core/nearest-word.ts didYouMean", read: (text) => didYouMean(text, KNOWN) },
  { name: "core/nearest-word.ts nearest", read: (text) => nearest(text, KNOWN) },
  { name: "core/nearest-word.ts editDistance", read: (text) => editDistance(text, "run_code", 2) },
  { name: "core/untrusted.ts parseJson", read: untrusted.parseJson },
  {
    name: "core/untrusted.ts mimeText",
    read: (text) => [untrusted.mimeText(text.split("a")), untrusted.mimeText([text, 1])],
  },
  { name: "core/untrusted.ts clipLine", read: (text) => untrusted.clipLine(text, 100) },
  { name: "core/untrusted.ts clipText", read: (text) => untrusted.clipText(text, 100) },
  { name: "core/untrusted.ts errorName", read: untrusted.errorName },
  { name: "core/untrusted.ts cleanSource", read: untrusted.cleanSource },
  { name: "core/untrusted.ts cleanText", read: untrusted.cleanText },
  { name: "core/untrusted.ts multilineOf", read: (text) => untrusted.multilineOf(text.split("a")) },
  { name: "core/untrusted.ts cleanJson", read: (text) => untrusted.cleanJson(untrusted.parseJson(text)) },

  {
    name: "core/notebook/load-notebook.ts parseNotebook",
    read: (text) => parseNotebook(text, "a.ipynb"),
    openings: [
      '{"cells":[',
      '{"cells":[{"cell_type":"code","source":[',
      '{"nbformat":3,"worksheets":[{"cells":[',
    ],
  },
  {
    name: "core/notebook/load-notebook.ts loadNotebook",
    read: (text) =>
      loadNotebook(
        {
          cells: [
            { source: text.split("a"), cell_type: "heading" },
            ...text.split("b", 9_000).map((id) => ({ id })),
          ],
        },
        "a.ipynb",
      ),
  },
  {
    name: "core/notebook/load-output.ts loadOutputs",
    read: (text) =>
      loadOutputs([...outputsOf(text), { output_type: "pyout", json: text, html: text.split("a") }]),
  },
  {
    name: "core/notebook/save-notebook.ts stringifyNotebook",
    read: (text) => {
      const half = text.slice(0, text.length / 2);
      return [stringifyNotebook(sourceBook(half)), stringifyNotebook(outputBook(half))];
    },
  },
  {
    name: "core/notebook/cell-digest.ts digestOf",
    trees: 1,
    read: (text) => [sourceBook, outputBook, notesBook].map((make) => make(text).cells.map(digestOf)),
  },
  { name: "core/notebook/cell-digest.ts moreNames", trees: 1, read: (text) => moreNames(cellOf(text)) },
  { name: "core/notebook/cell-digest.ts errorLine", read: (text) => errorLine(text, text) },
  {
    name: "core/notebook/present-notebook.ts presentNotebook",
    read: (text) => {
      const head = { title: text, facts: [["fact", text] as const], rounds: new Map() };
      return [sourceBook, cellsBook, outputBook, notesBook].map((make) => presentNotebook(make(text), head));
    },
  },
  {
    name: "core/notebook/present-notebook.ts resultPicture",
    read: (text) => [outputBook, cellsBook].map((make) => resultPicture(make(text).cells, "image/svg+xml")),
  },
  {
    name: "core/notebook/clean-up.ts checkDrops",
    trees: 2,
    read: (text) =>
      [sourceBook, cellsBook].map((make) => {
        const book = make(text);
        return [checkDrops(book, [...idsOf(book.cells)], "a"), checkDrops(book, ["c1"], "a1")];
      }),
  },
  {
    name: "core/notebook/clean-up.ts tidyNotebook",
    trees: 2,
    read: (text) =>
      [sourceBook, outputBook, cellsBook].map((make) => {
        const book = make(text);
        return [1, 2].map((round) => applyEdits(book, tidyNotebook(book, round, "x")));
      }),
  },
  {
    name: "core/notebook/compare-outputs.ts compareOutputs",
    read: (text) => [compareOutputs(outputsOf(text), []), compareOutputs(outputsOf(text), outputsOf(text))],
  },
  {
    name: "core/notebook/dependencies.ts staleAfter",
    trees: 2,
    read: (text) => [sourceBook, cellsBook].map((make) => staleAfter(make(text), "c1")),
  },
  {
    name: "core/notebook/dependencies.ts neededCells",
    trees: 2,
    read: (text) => [sourceBook, cellsBook].map((make) => neededCells(make(text), "a1")),
  },
  {
    name: "core/notebook/graft.ts graftCells",
    trees: 8,
    read: (text) => [
      graftCells(BOOK, sourceBook(text), { from: "b0002", round: 2, submission: "a0" }),
      graftCells(sourceBook(text), BOOK, { from: "b0002", round: 2, submission: "best" }),
      graftCells(BOOK, cellsBook(text), { from: "b0002", round: 2, submission: "a99" }),
      graftCells(cellsBook(text), cellsBook(text), { from: "b0002", round: 2, submission: "a99" }),
    ],
  },
  {
    name: "core/notebook/injected-notebook.ts adoptNotebook",
    read: (text) =>
      [sourceBook, outputBook, notesBook, cellsBook].map((make) => adoptNotebook(BOOK, make(text))),
  },
  { name: "core/notebook/kernel-names.ts ownNamesOf", trees: 1, read: (text) => ownNamesOf(cellOf(text)) },
  {
    name: "core/notebook/kernel-names.ts kernelNames",
    trees: 2,
    read: (text) => [sourceBook, cellsBook].map((make) => kernelNames(make(text))),
  },
  {
    name: "core/notebook/notebook-traits.ts traitsOf",
    trees: 2,
    read: (text) => [sourceBook, cellsBook].map((make) => traitsOf(make(text))),
  },
  {
    name: "core/notebook/notebook-traits.ts fingerprintOf",
    trees: 2,
    read: (text) => [sourceBook, cellsBook].map((make) => fingerprintOf(make(text))),
  },
  {
    name: "core/notebook/repeated-failures.ts describeRepeat",
    read: (text) =>
      describeRepeat(outputBook(text), { id: "c9", round: 1, source: text, outputs: outputsOf(text) }),
  },

  {
    name: "core/output/advise-error.ts adviseError",
    read: (text) =>
      ["NameError", "TypeError", "AttributeError"].map((name) => adviseError(name, text, [text])),
    openings: ["name '", "unsupported operand type(s) for "],
  },
  { name: "core/output/blobs.ts withoutBlobs", read: withoutBlobs },
  { name: "core/output/blobs.ts textHash", read: textHash },
  { name: "core/output/clip.ts linesOf", read: linesOf, most: 1_000_100 },
  { name: "core/output/clip.ts clipLines", read: (text) => clipLines(text, 50, 200) },
  { name: "core/output/clip.ts shortenLine", read: (text) => shortenLine(text, 200) },
  { name: "core/output/clip.ts capText", read: (text) => capText(text) },
  {
    name: "core/output/display.ts displayText",
    read: (text) =>
      outputsOf(text).map((output) =>
        output.output_type === "display_data" ? displayText(output.data) : null,
      ),
    openings: HTML,
  },
  {
    name: "core/output/display.ts describePlotly",
    read: (text) =>
      describePlotly({
        data: [{ type: text, x: text.slice(0, 100_000).split("") }],
        layout: { title: text },
      }),
  },
  {
    name: "core/output/display.ts describeVega",
    read: (text) => describeVega({ mark: text, encoding: { x: { field: text } }, title: text }),
  },
  {
    name: "core/output/explain-error.ts explainError",
    read: (text) =>
      ["NameError", "ModuleNotFoundError", "SyntaxError", "TypeError"].map((name) =>
        explainError({ name, value: text, traceback: text, source: text, known: ["xs", "best"] }),
      ),
    openings: ["name '", "No module named '"],
  },
  { name: "core/output/explain-error.ts explainInterrupt", read: explainInterrupt },
  { name: "core/output/fence.ts fenceText", read: (text) => fenceText(text) },
  { name: "core/output/fence.ts openingFence", read: (text) => openingFence(text.split("\n"), 1e9) },
  { name: "core/output/pictures.ts imageMime", read: imageMime },
  { name: "core/output/pictures.ts imageSize", read: imageSize, openings: ["/9j/", "iVBORw0KGgo"] },
  {
    name: "core/output/pictures.ts imagePlaceholder",
    read: (base64) => imagePlaceholder({ mime: "image/png", base64 }),
    openings: ["/9j/"],
  },
  {
    name: "core/output/similar-lines.ts foldSimilar",
    read: (text) => foldSimilar(linesOf(text)),
    most: 1_000_100,
  },
  { name: "core/output/tables.ts dataFrameText", read: dataFrameText, most: 1_000_100, openings: HTML },
  {
    name: "core/output/tables.ts jsonTable",
    read: (text) => [jsonTable(text), jsonTable([{ a: text, b: text }])],
  },
  { name: "core/output/tables.ts htmlText", read: htmlText, most: 1_000_100, openings: HTML },
  { name: "core/output/tables.ts unescapeHtml", read: unescapeHtml, most: 1_000_100 },
  { name: "core/output/terminal.ts toScreenText", read: toScreenText, most: 1_000_100, openings: ["\r-"] },
  { name: "core/output/terminal.ts withoutControls", read: withoutControls },
  {
    name: "core/output/traceback.ts shortenTraceback",
    read: (text) => shortenTraceback(text, text, text),
    openings: ["Cell In[1], line 1\n"],
  },
  { name: "core/output/traceback.ts codePlace", read: codePlace, openings: ["Cell In[1], line 1\n----> 1 "] },
  {
    name: "core/output/view-outputs.ts viewOutputs",
    read: (text) => viewOutputs(outputsOf(text)),
    openings: HTML,
  },
  {
    name: "core/output/view-outputs.ts fullOutputText",
    read: (text) => fullOutputText(outputsOf(text)),
    openings: HTML,
  },
  {
    name: "core/output/view-outputs.ts sameOutputAs",
    read: (text) => sameOutputAs(outputBook(text), "c9", outputsOf(text)),
  },
  { name: "core/output/view-source.ts viewSource", read: (text) => viewSource(text, "read(c1") },

  { name: "core/python/parse-python.ts parsePython", trees: 1, read: parsePython },
  { name: "core/python/parse-python.ts firstSyntaxError", trees: 1, read: firstSyntaxError },
  { name: "core/python/parse-python.ts withoutMagics", read: withoutMagics },
  {
    name: "core/python/code-text.ts readCodeText",
    read: (text) => [readCodeText(text), readCodeText(text.split("\n"))],
    openings: ["```python\n"],
  },
  { name: "core/python/python-names.ts namesIn", trees: 1, read: namesIn },
  { name: "core/python/defined-names.ts ownNamesIn", trees: 1, read: ownNamesIn },
  {
    name: "core/python/rename-names.ts renameNames",
    trees: 1,
    read: (text) => renameNames(text, new Map([["a", "b"]])),
  },
  { name: "core/python/rename-names.ts unsafeNames", trees: 1, read: (text) => unsafeNames([text]) },
  {
    name: "core/python/python-json.ts parsePythonJson",
    read: parsePythonJson,
    openings: ['{"a":[', '{"a":"'],
  },
  {
    name: "core/python/python-strings.ts decodeString",
    read: (text) => decodeString(`'${text}'`),
    most: 500_000,
  },
  { name: "core/python/syntax-words.ts findOpenEnd", read: findOpenEnd },
  {
    name: "core/python/verifier-fault.ts verifierFault",
    read: (text) => [
      verifierFault(tinyTask, text),
      verifierFault(tinyTask, `NameError: ${text} (line 1 of the verifier)`),
      verifierFault(tinyTask, `KeyError: ${text}`),
      verifierFault(
        { ...tinyTask, verifier: { source: text, cell: "2" } },
        "NameError: name 'x' is not defined (line 1 of the verifier)",
      ),
    ],
  },
  {
    name: "core/python/package-names.ts readPackage",
    read: (text) => [readPackage(text), readPackage(`p[${text}`), readPackage(`p>${text}`)],
  },
  {
    name: "core/python/package-names.ts collectPackages",
    read(text) {
      try {
        return collectPackages(text.split("a"));
      } catch (refused) {
        return refused;
      }
    },
  },
  {
    name: "core/python/nearest-names.ts nearestNames",
    read: (text) => nearestNames(text, ["xs", "best", "result"]),
  },
];
