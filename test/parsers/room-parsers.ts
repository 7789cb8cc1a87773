// Owns: the parsers of what kernels, judges, run directories, tasks and files say, each with how such a text reaches it.
import { PassThrough } from "node:stream";
import { readPng } from "../../src/environment/pictures/png.ts";
import { describeWork, printedValue } from "../../src/cli/terminal/at-work-text.ts";
import { countColumns, encodeJson, encodeText, fitColumns } from "../../src/cli/terminal/screen.ts";
import { plainPython } from "../../src/exports/plain-python.ts";
import { packageLines, pinsOf } from "../../src/exports/script-packages.ts";
import { scriptOf } from "../../src/exports/script.ts";
import { OUTPUT_LIMITS } from "../../src/kernels/kernel-options.ts";
import type { IOPubMessage } from "../../src/kernels/jupyter/contracts.ts";
import { readHelperValue } from "../../src/kernels/jupyter/helper-values.ts";
import { OutputCollector, printedIn } from "../../src/kernels/jupyter/outputs.ts";
import { serverError } from "../../src/kernels/jupyter/server-error.ts";
import { readServerOutput } from "../../src/kernels/jupyter/server-output.ts";
import { effectsOf } from "../../src/kernels/states/thaw/effects.ts";
import { readState } from "../../src/kernels/states/thaw/saved-state.ts";
import { chainHash } from "../../src/store/sqlite/chain.ts";
import { chunksOf } from "../../src/store/sqlite/chunks.ts";
import { decodeEvent } from "../../src/store/sqlite/event-json.ts";
import {
  assignmentsIn,
  bindingOf,
  isExpression,
  methodsOf,
  syntaxFault,
} from "../../src/tasks/python-source.ts";
import { tableHead } from "../../src/tasks/table-head.ts";
import { taskFromNotebook } from "../../src/tasks/task-notebook.ts";
import { readImprovement } from "../../src/verifiers/improvement.ts";
import { scoreOf } from "../../src/verifiers/verdict.ts";
import { parseJson, recordOf } from "../../src/core/untrusted.ts";
import { notesBook, sourceBook } from "./notebooks.ts";
import type { Parser } from "./parser.ts";

function collect(type: string, ...contents: readonly object[]): unknown {
  const collector = new OutputCollector(OUTPUT_LIMITS);
  for (const content of contents) {
    // What a kernel sends is JSON, whatever the library says of its type.
    collector.add({ header: { msg_type: type }, content, metadata: {} } as unknown as IOPubMessage);
  }
  return collector.outputs();
}

async function readLines(text: string): Promise<void> {
  const stdout = new PassThrough();
  readServerOutput(stdout);
  stdout.end(text);
  for await (const _ of stdout);
}

const ended = { ended: "exit", status: 0, peakRssMb: 1, message: "" } as const;
const judged = (verdict: string, printed: string): unknown =>
  scoreOf({ ended, verdict, printed, complaint: "" }, "maximize", { timeoutMs: 1, memoryMb: 1 });

const improved = (verdict: string): unknown =>
  readImprovement({ ended, verdict, printed: "", complaint: "" }, { timeoutMs: 1, memoryMb: 1 });

const WORK = { at: "cell", title: "", printed: "", since: 0 } as const;

function printed(text: string): unknown {
  // What a kernel sends is JSON, whatever the library says of its type.
  return printedIn({ header: { msg_type: "stream" }, content: { text } } as unknown as IOPubMessage);
}

export const ROOM_PARSERS: readonly Parser[] = [
  { name: "kernels/jupyter/outputs.ts printedIn", read: printed },
  {
    name: "kernels/jupyter/outputs.ts OutputCollector",
    read: (text) => [
      collect("stream", { name: "stdout", text }),
      collect("display_data", { data: { "text/plain": text, "application/json": parseJson(text) } }),
      collect("error", { ename: text, evalue: text, traceback: text.split("\n") }),
      collect("stream", ...text.split("\n", 20_000).map((line) => ({ name: "stdout", text: line }))),
    ],
  },
  {
    name: "kernels/jupyter/helper-values.ts readHelperValue",
    read: (text) => {
      const names = ["evaluate", "checkpoint", "describe", "sketch", "freeze", "thaw"] as const;
      const part = text.slice(0, text.length / names.length);
      return names.map((name) => readHelperValue(name, part));
    },
    openings: ['{"ok":false,"name":"', '{"names":['],
  },
  {
    name: "kernels/jupyter/server-error.ts serverError",
    read: (text) => serverError(new Response(text, { status: 500 })),
    openings: ['{"message":"'],
  },
  { name: "kernels/jupyter/server-output.ts readServerOutput", read: readLines, openings: ['{"port":'] },
  {
    name: "kernels/states/thaw/saved-state.ts readState",
    read: readState,
    openings: ['{"version":2,"durationsMs":['],
  },
  {
    name: "kernels/states/thaw/effects.ts effectsOf",
    trees: 2,
    read: (text) => effectsOf([{ source: text }, { source: text }], new Set(["a"])),
  },
  {
    name: "verifiers/improvement.ts readImprovement",
    read: (text) =>
      improved(
        `ready\n${JSON.stringify({ values: text, start: 1, end: 2, tries: 1, valid: 1, pace: 1, reason: text, refused: 0, holds: [], ways: [], kept: "" })}\n`,
      ),
  },
  {
    name: "verifiers/verdict.ts scoreOf",
    read: (text) => [judged(`ready\n${text}\n`, text), judged(text, "")],
    openings: ['{"valid":true,"score":1,"message":"'],
  },
  {
    name: "store/sqlite/event-json.ts decodeEvent",
    read: (text) => decodeEvent(text, "row 1"),
    openings: ['{"type":"proposal-made","proposal":{"notes":['],
  },
  { name: "store/sqlite/chain.ts chainHash", read: (json) => chainHash(null, { seq: 1, at: "1", json }) },
  { name: "store/sqlite/chunks.ts chunksOf", read: (text) => chunksOf(Buffer.from(text)) },
  { name: "tasks/python-source.ts assignmentsIn", trees: 1, read: assignmentsIn },
  { name: "tasks/python-source.ts bindingOf", trees: 1, read: (text) => bindingOf("a", text) },
  { name: "tasks/python-source.ts methodsOf", trees: 1, read: (text) => methodsOf("A", text) },
  { name: "tasks/python-source.ts isExpression", trees: 2, read: isExpression },
  {
    name: "tasks/python-source.ts syntaxFault",
    trees: 4,
    read: (text) => [syntaxFault(text, "cell"), syntaxFault(text, "module")],
  },
  { name: "tasks/table-head.ts tableHead", read: tableHead, openings: ["a,b\n1,2\n", 'a;b\n1;"'] },
  {
    name: "tasks/task-notebook.ts taskFromNotebook",
    trees: 6,
    read: (text) => taskFromNotebook(sourceBook(text), { name: "a", parameters: {} }),
  },
  {
    name: "environment/pictures/png.ts readPng",
    read: (text) => readPng(Buffer.from(`\u0089PNG\r\n\u001A\n${text}`, "latin1")),
  },
  { name: "exports/plain-python.ts plainPython", trees: 3, read: (text) => plainPython(text) },
  {
    name: "exports/script.ts scriptOf",
    trees: 7,
    read: (text) =>
      [sourceBook, notesBook].map((make) =>
        scriptOf({ notebook: make(text), submission: text, environment: {}, pins: [], ending: "" }),
      ),
  },
  {
    name: "exports/script-packages.ts pinsOf",
    read: (text) => [pinsOf(text, {}), pinsOf("", { packages: [text, `p==${text}`] })],
  },
  {
    name: "exports/script-packages.ts packageLines",
    trees: 1,
    read: (text) => packageLines([text], ["numpy==2"]),
  },
  { name: "cli/terminal/screen.ts encodeText", read: encodeText },
  { name: "cli/terminal/screen.ts encodeJson", read: (text) => encodeJson(recordOf({ text })) },
  { name: "cli/terminal/screen.ts fitColumns", read: (text) => fitColumns(text, 80) },
  { name: "cli/terminal/screen.ts countColumns", read: countColumns },
  { name: "cli/terminal/at-work-text.ts printedValue", read: printedValue },
  {
    name: "cli/terminal/at-work-text.ts describeWork",
    read: (text) => describeWork({ ...WORK, source: text }),
  },
];
