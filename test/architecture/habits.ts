// Owns: the habits of this code that a program can check, each a function from sources to violations. Never reads a file.
import { posix } from "node:path";
import { codeOnly, importsOf, withoutComments } from "./source-text.ts";

/** The text of each TypeScript file by its path from the top of the checkout, with forward slashes. */
export type Sources = ReadonlyMap<string, string>;

const MOST_FILES = 16;
const MOST_LINES = 300;

/** Folders in which each file is a name that users look for. */
const PUBLIC_NAMES = ["strategies", "renderers", "src/environment/tools", "src/cli/commands", "src/exports"];

/** Folders with more files than a reader takes in at a glance. Folders of public names may be longer. */
export function crowdedFolders(sources: Sources): string[] {
  return [...groupBy([...sources.keys()], (file) => posix.dirname(file))]
    .filter(([folder, files]) => files.length > MOST_FILES && !PUBLIC_NAMES.includes(folder))
    .map(([folder, files]) => `${folder} has ${files.length} files, more than ${MOST_FILES}`);
}

export function longFiles(sources: Sources): string[] {
  return [...sources]
    .map(([file, text]) => ({ file, lines: text.trimEnd().split("\n").length }))
    .filter(({ lines }) => lines > MOST_LINES)
    .map(({ file, lines }) => `${file} has ${lines} lines, more than ${MOST_LINES}`);
}

const TYPE =
  /^(?:export\s+)?(?:default\s+)?(?:declare\s+)?(?:abstract\s+)?(?:interface|type|class|enum)\s+([A-Z]\w*)/gm;

/** Names of types, exported or not, that more than one file declares. */
export function typesDeclaredTwice(sources: Sources): string[] {
  const declared = [...sources].flatMap(([file, text]) =>
    [...new Set([...codeOnly(text).matchAll(TYPE)].map(([, name = ""]) => name))].map((name) => ({
      name,
      file,
    })),
  );
  return [...groupBy(declared, ({ name }) => name)]
    .filter(([, places]) => places.length > 1)
    .map(([name, places]) => `${name} is declared in ${places.map(({ file }) => file).join(" and ")}`);
}

const FUNCTION =
  /^(?:export\s+)?(?:default\s+)?(?:async\s+)?function\*?\s+(\w+)|^(?:export\s+)?const\s+(\w+)(?::[^=\n]+)?\s*=\s*(?:async\s+)?(?:<[^>\n]+>\s*)?(?:\([^)]*\)|\w+)\s*(?::[^=]*)?=>/gm;

/** Verbs, nouns and adjectives that only look like participles. */
const NO_PARTICIPLES = new Set(
  "need feed seed embed speed proceed exceed succeed shed string bring ring spring swing thing king".split(
    " ",
  ),
);
const IRREGULAR = new Set(
  (
    "told kept shown said made held found known given taken written meant built sent left lost drawn grown " +
    "chosen broken spent bound brought caught done gone seen thrown understood hidden frozen begun driven " +
    "forgotten risen spoken struck torn worn wound heard laid led met paid proven felt stood slept sold"
  ).split(" "),
);

/** Functions at the top of a file whose whole name is a participle, such as `kept` or `adapting`. */
export function bareParticiples(sources: Sources): string[] {
  return [...sources].flatMap(([file, text]) =>
    [...codeOnly(text).matchAll(FUNCTION)]
      .map(([, declared, assigned]) => declared ?? assigned ?? "")
      .filter(isParticiple)
      .map((name) => `${file} has a function ${name}: name it by a verb and its object`),
  );
}

const isParticiple = (name: string): boolean =>
  !NO_PARTICIPLES.has(name) && (IRREGULAR.has(name) || /^[a-z]{2,}(?:ed|ing)$/.test(name));

/** Comments that need the name above them to be a sentence. */
export function docsBeginningWithOf(sources: Sources): string[] {
  return matches(sources, /\/\*\*[\s*]*Of\b[^\n]*/g, "begin with what it is");
}

const OPTIONS = /^(?:strategies|renderers|src\/cli)\//;

/** Options whose default is not a sentence of its own, such as `Default 5.`. */
export function terseDefaults(sources: Sources): string[] {
  const options = new Map([...sources].filter(([file]) => OPTIONS.test(file)));
  return matches(
    options,
    /[;(]\s*default:? [^\n]*|;\s*(?:[\d_.,]*\d|none|true|false|off|on)\.\s*\*\//gi,
    "write `Default 5.`",
  );
}

const SCREEN = "src/cli/terminal/screen.ts";

/** What the command line writes goes through one encoder: nothing else there knows where standard output is. */
export function writesPastTheScreen(sources: Sources): string[] {
  const others = new Map([...sources].filter(([file]) => file.startsWith("src/cli/") && file !== SCREEN));
  return matches(
    new Map([...others].map(([file, text]) => [file, withoutComments(text)])),
    /\bprocess\.std(?:out|err)\b|\bconsole\.|import \{[^}]*\bstd(?:out|err)\b[^}]*\} from "node:process"|\bwriteSync\(/g,
    `write with ${SCREEN}`,
  );
}

/** A line of a process may have no end: one reader bounds it. A person's own lines are theirs. */
export function linesPastTheReader(sources: Sources): string[] {
  const others = new Map([...sources].filter(([file]) => file !== "src/cli/terminal/ask-person.ts"));
  return matches(others, /from "node:readline(?:\/promises)?"/g, "read with src/machine/read-lines.ts");
}

/** A command in a message with a value in it, which no shell may read as the word that it is; or one that lacks its run directory. */
const COMMAND =
  /\bnbevolve (?:resume|steer|inject|pause|unpause|stop|show|reproduce|replay|export|open|compare)\b|\b(?:nbevolve (?:run|verify|render|models|bench|new|tasks)|pip install|chmod -?\w+) [^`"'\n]*\$\{[^`\n]*/g;

/** Commands that people paste are written by one function. */
export function commandsByHand(sources: Sources): string[] {
  const code = new Map([...sources].map(([file, text]) => [file, withoutComments(text)]));
  return matches(code, COMMAND, "write it with src/core/shell-words.ts");
}

/** Where a date is written down, or a date of others is read. Everything else is a duration, on a clock that nobody sets. */
const DATES = [
  "src/kernels/states/thaw/state-store.ts",
  "src/models/openai/ask-endpoint.ts",
  "src/run/run-directory.ts",
  "src/store/inbox.ts",
  "src/store/lock.ts",
  "src/store/sqlite/journal-writer.ts",
];

/** Durations by the clock on the wall, which is set back and forth; and limits that count a process that was stopped as late. */
export function durationsByTheWall(sources: Sources): string[] {
  const code = [...sources].map(([file, text]) => [file, codeOnly(text)] as const);
  const dateless = new Map(code.filter(([file]) => !DATES.includes(file)));
  return [
    ...matches(dateless, /\bDate\.now\b|\bnew Date\(\)/g, "measure with performance.now()"),
    ...matches(
      new Map(code.filter(([file]) => file.startsWith("src/") && !file.startsWith("src/testing/"))),
      /\bAbortSignal\.timeout\b/g,
      "limit with src/time-limit.ts",
    ),
  ];
}

const INDEX = /(?:^|\/)(?:index|main)\.ts$/;

/** Every file says first what it owns; an index or an entry may have a doc comment instead. */
export function filesWithoutOpening(sources: Sources): string[] {
  return [...sources]
    .filter(([file, text]) => {
      const opening = text.replace(/^#![^\n]*\n/, "");
      return !opening.startsWith("// Owns: ") && !(INDEX.test(file) && /^\/\/ |^\/\*\*/.test(opening));
    })
    .map(([file]) => `${file} does not begin with "// Owns:"`);
}

/** Rooms that have to do with folders in which cells write. */
const ROOMS_OF_CELLS = /^src\/(?:environment|kernels|loop|machine|run|verifiers)\//;

/** Their files that open paths all the same, each with what lies there: nothing that code in a box can write. */
const OWN_FOLDERS: Readonly<Record<string, string>> = {
  "src/kernels/jupyter/jupyter-server.ts":
    "the server's private folder: made before, removed after all of its processes",
  "src/kernels/kernel-pool.ts": "makes the root of the workspaces",
  "src/kernels/remote/remote-kernel.ts": "our own Python",
  "src/kernels/remote/remote-ledger.ts": "a ledger of kernels elsewhere",
  "src/kernels/states/thaw/state-store.ts": "the store, which boxes can only read",
  "src/machine/open-files.ts": "the system's limits",
  "src/machine/private-folder.ts": "private folders whose owner is dead",
  "src/machine/python/cache.ts": "our Python environments",
  "src/machine/python/find-python.ts": "our Python environments",
  "src/machine/python/make.ts": "our Python environments",
  "src/machine/python/process-lock.ts": "a lock between controllers",
  "src/machine/python/step.ts": "our Python environments",
  "src/machine/sandbox/box-arguments.ts": "the system's folders",
  "src/machine/sandbox/egress-proxy.ts": "the proxy's socket",
  "src/machine/sandbox/handed-in.ts": "asks whether a path of the user is there, and opens nothing",
  "src/machine/sandbox/probe.ts": "the system's folders",
  "src/machine/sandbox/python-layout.ts": "the Python in use",
  "src/machine/sandbox/self-test.ts": "a folder that its box does not have",
  "src/machine/temporary-folder.ts": "makes folders for temporary files, each before anything runs in it",
  "src/run/checks/verify.ts": "the file that the user named",
  "src/run/control.ts": "the run's directory",
  "src/run/parts/part-file.ts": "a file of the user; one in the run directory needs the word of the user",
  "src/run/run-directory.ts": "the run's directory",
  "src/run/received.ts": "resolves the path of a part, and opens nothing",
  "src/verifiers/judge-process.ts": "makes the judge's folder, and removes it when it is empty",
};

/** Files that open paths where cells may have put a link by then: that is the porter's to do. */
export function pathsAmongCells(sources: Sources): string[] {
  return compareWithList(sources, OWN_FOLDERS, {
    does: (text) => importsOf(text).some(({ from }) => /^(?:node:)?fs(?:\/promises)?$/.test(from)),
    rooms: ROOMS_OF_CELLS,
    fault:
      "imports node:fs: use src/machine/files/porter.ts; or say in OWN_FOLDERS why no cell can write there",
    gone: "opens no path any more: strike it from OWN_FOLDERS",
  });
}

/** Files that read text of our own, which is UTF-8 because we wrote it, or the system did. */
const OWN_TEXTS: Readonly<Record<string, string>> = {
  "src/exports/report/page-file.ts": "our own page",
  "src/kernels/remote/remote-kernel.ts": "our own Python",
  "src/kernels/remote/remote-ledger.ts": "a ledger of kernels elsewhere",
  "src/kernels/states/thaw/state-store.ts": "the store of states, checked by its hashes",
  "src/machine/private-folder.ts": "the system's words, and the owner of a private folder",
  "src/machine/python/cache.ts": "our Python environments",
  "src/machine/python/find-python.ts": "our own requirements",
  "src/models/offline/python-source.ts": "our own Python",
  "src/shipped.ts": "our manifest",
  "src/store/inbox.ts": "commands, which are JSON of our own form or left aside",
  "src/store/lock.ts": "the lock",
  "src/store/mirrors/branch-mirror.ts": "a mirror, which is compared with the truth",
};

/** Files that read a user's text as UTF-8 whatever it is: `decodeText` says what it is. */
export function textsReadAsUtf8(sources: Sources): string[] {
  return compareWithList(sources, OWN_TEXTS, {
    does: (text) => /\breadFile(?:Sync)?\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*"utf-?8"/.test(text),
    rooms: /^src\//,
    fault: "reads a file as UTF-8: use decodeText; or say in OWN_TEXTS why it can be nothing else",
    gone: "reads no text any more: strike it from OWN_TEXTS",
  });
}

/** Files of some rooms that do what only listed ones may, and listed ones that do it no more. */
function compareWithList(
  sources: Sources,
  listed: Readonly<Record<string, string>>,
  rule: {
    readonly does: (text: string) => boolean;
    readonly rooms: RegExp;
    readonly fault: string;
    readonly gone: string;
  },
): string[] {
  return [...sources].flatMap(([file, text]) => {
    const does = rule.does(text);
    if (does && rule.rooms.test(file) && !(file in listed)) return [`${file} ${rule.fault}`];
    return !does && file in listed ? [`${file} ${rule.gone}`] : [];
  });
}

/** Groups of files that import each other in a circle, imports of types included. Each names every file of its circle. */
export function importCircles(sources: Sources): string[] {
  const imports = new Map(
    [...sources].map(([file, text]) => [
      file,
      importsOf(text)
        .filter(({ from }) => from.startsWith("."))
        .map(({ from }) => posix.normalize(posix.join(posix.dirname(file), from)))
        .filter((target) => sources.has(target)),
    ]),
  );
  return circlesIn(imports).map((circle) => `${circle.toSorted().join(" <-> ")} import each other`);
}

/** Strongly connected groups of more than one node, by Tarjan's algorithm; a node that points to itself counts. */
export function circlesIn(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const stack: string[] = [];
  const circles: string[][] = [];
  const visit = (node: string): number => {
    const own = order.size;
    order.set(node, own);
    stack.push(node);
    let low = own;
    for (const next of graph.get(node) ?? []) {
      if (!order.has(next)) low = Math.min(low, visit(next));
      else if (stack.includes(next)) low = Math.min(low, lowest.get(next) ?? order.get(next) ?? low);
    }
    lowest.set(node, low);
    if (low === own) {
      const group = stack.splice(stack.indexOf(node));
      if (group.length > 1 || graph.get(node)?.includes(node)) circles.push(group);
    }
    return low;
  };
  for (const node of graph.keys()) if (!order.has(node)) visit(node);
  return circles;
}

function groupBy<T>(values: readonly T[], keyOf: (value: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const value of values) groups.set(keyOf(value), [...(groups.get(keyOf(value)) ?? []), value]);
  return groups;
}

/** Each match with its place and what to do about it. */
function matches(sources: Sources, pattern: RegExp, remedy: string): string[] {
  return [...sources].flatMap(([file, text]) =>
    [...text.matchAll(pattern)].map((match) => {
      const line = text.slice(0, match.index).split("\n").length;
      return `${file}:${line} has "${match[0].replaceAll(/\s+/g, " ").slice(0, 80)}": ${remedy}`;
    }),
  );
}
