// Every exported function that reads text or data of others is in the table of test/parsers, which tries it with hostile texts,
// or here with the reason why not: those of these folders, and those of each file from which one is in the table.
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { PARSERS } from "../parsers/table.ts";

const ROOMS = ["core/output", "core/python", "core/notebook", "models/openai/wire", "verifiers"];

/** The reason, and what it goes for. */
const EXCUSED: Readonly<Record<string, readonly string[]>> = {
  "looks at one value, or at one character": [
    "core/errors.ts isMissingFile",
    "core/errors.ts isShortOfFiles",
    "core/errors.ts errorCode",
    "core/untrusted.ts isRecord",
    "core/untrusted.ts isJsonObject",
    "core/untrusted.ts recordOf",
    "core/untrusted.ts listOf",
    "core/untrusted.ts textsOf",
    "core/untrusted.ts stringOf",
    "core/untrusted.ts countOf",
    "core/output/clip.ts characterBorder",
    "core/notebook/notebook-traits.ts isAlike",
  ],
  "counts, finds, adds or leaves out cells and names, and reads no text": [
    "core/notebook/clean-up.ts withoutCells",
    "core/notebook/present-notebook.ts withoutReaderCells",
    "core/notebook/kernel-names.ts listNames",
    "core/notebook/notebook.ts isCode",
    "core/notebook/notebook.ts markOf",
    "core/notebook/notebook.ts findCell",
    "core/notebook/notebook.ts nextCellId",
    "core/notebook/notebook.ts codeCell",
    "core/notebook/notebook.ts markdownCell",
    "core/notebook/notebook.ts hasRun",
    "core/notebook/notebook.ts idsOf",
    "core/notebook/notebook.ts applyEdits",
    "core/notebook/notebook.ts countExecutions",
    "core/notebook/notebook.ts withMetadata",
    "core/notebook/notebook.ts countCells",
    "core/notebook/notebook.ts countRounds",
  ],
  "is a part of one in the table, which is tried through it": [
    "core/untrusted.ts cleanObject",
    "core/untrusted.ts isDeeperThan",
    "core/untrusted.ts measureJson",
    "core/notebook/dependencies.ts namesOf",
    "store/sqlite/chain.ts chainCheck",
    "tasks/table-head.ts readTableHead",
    "core/notebook/load-metadata.ts loadNotebookMetadata",
    "core/notebook/load-metadata.ts loadCellMetadata",
    "core/notebook/load-output.ts loadMimeBundle",
    "core/output/pictures.ts pictureIn",
    "core/python/defined-names.ts signaturesIn",
    "core/python/name-walk.ts walkNames",
    "core/python/python-literal.ts literalValue",
  ],
  "writes, or starts a process, and reads nothing": [
    "models/openai/wire/chat-messages.ts writeChatMessages",
    "models/openai/wire/chat-messages.ts extraFor",
    "models/openai/wire/chat-request.ts writeChatBody",
    "models/openai/wire/responses-request.ts writeResponsesBody",
    "verifiers/judge-process.ts runJudge",
    "core/python/python-literal.ts toPython",
    "core/errors.ts openFilesError",
    "core/errors.ts temporaryFolderError",
    "cli/terminal/screen.ts print",
    "cli/terminal/screen.ts printError",
    "cli/terminal/screen.ts printJson",
  ],
};

const FUNCTION = /^export (?:async )?function\*? (\w+)(?:<[^(]*>)?\(([^]*?)\)(?:: [^;]*?)? \{$/gm;
const FOREIGN =
  /: (?:readonly )?\(?(?:string|unknown|Json|JsonObject|Uint8Array|Buffer|LooseRecord|Notebook|Cell|CodeCell|Output|MimeData)\b/;
const root = fileURLToPath(new URL("../../src/", import.meta.url));

/** Each `file function` that takes a text, data or a notebook. */
function readersIn(file: string, text: string): readonly string[] {
  return [...text.matchAll(FUNCTION)].flatMap(([, name = "", parameters = ""]) =>
    FOREIGN.test(parameters) ? [`${file} ${name}`] : [],
  );
}

function readers(): readonly string[] {
  const inRooms = ROOMS.flatMap((room) => readdirSync(root + room).map((name) => `${room}/${name}`));
  const others = PARSERS.map(({ name }) => name.split(" ")[0] ?? "");
  const files = [...new Set([...inRooms, ...others])].filter((file) => file.endsWith(".ts"));
  return files.flatMap((file) => readersIn(file, readFileSync(root + file, "utf8")));
}

const tried = PARSERS.map(({ name }) => name);
const excused = Object.values(EXCUSED).flat();

test("each is tried, or has its reason", () => {
  const known = new Set([...tried, ...excused]);
  expect(readers().filter((reader) => !known.has(reader))).toEqual([]);
});

test("what is listed exists, and is listed once", () => {
  const listed = [...tried, ...excused];
  expect(listed.filter((name, at) => listed.indexOf(name) !== at)).toEqual([]);
  const gone = listed.filter((listing) => {
    const [file = "", name = ""] = listing.split(" ");
    return !new RegExp(`export (?:async )?(?:function\\*? |class |const )${name}\\b`).test(
      readFileSync(root + file, "utf8"),
    );
  });
  expect(gone).toEqual([]);
});

test("a new reader is seen", () => {
  expect(
    readersIn("a.ts", "export function readThing(\n  text: string,\n  most = 1,\n): Thing {\n}"),
  ).toEqual(["a.ts readThing"]);
  expect(readersIn("a.ts", "export function addOne(count: number): number {\n}")).toEqual([]);
});
