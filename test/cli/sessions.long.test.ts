// What a run is started with is what its later sessions go by: real runs, interrupted by Ctrl-C, resumed by the line that was
// printed, as a shell reads it, and seen from outside - by the model's server, by a cell, and in the journal.
// Long: five runs, of two sessions or three each.
import { spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Command } from "commander";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { defineRunCommand } from "../../src/cli/commands/run.ts";
import { EXIT } from "../../src/cli/exit-codes.ts";
import type { JsonObject, RunEvent } from "../../src/contracts/index.ts";
import { ownCommand } from "../../src/core/shell-words.ts";
import { recordOf } from "../../src/core/untrusted.ts";
import { openRunStore } from "../../src/store/index.ts";
import { modelServer, type Behaviour, type ModelServer } from "../../src/testing/model-server.ts";
import { shortRenderer } from "../support/short-renderer.ts";
import { CLI_ENV, MAIN, type CliResult } from "../support/cli.ts";
import { readExample } from "../support/guide-examples.ts";
import { plainJupyter, type PlainJupyter } from "../support/jupyter.ts";
import { numbersNotebook } from "../support/numbers-notebook.ts";
import { testPython } from "../support/python.ts";
import { testSandbox } from "../support/sandbox.ts";

/** What a cell tells of where it runs. */
const PROBE = `import os, resource, sys
seen = {
    "radius": radius,
    "env": os.environ.get("OF_MINE"),
    "read": os.path.exists("DATA/rows.csv"),
    "file": resource.getrlimit(resource.RLIMIT_FSIZE)[0],
    "boxed": os.getcwd().startswith("/nbevolve-work"),
    "proxied": "HTTP_PROXY" in os.environ,
    "added": sys.prefix != "PLAIN",
    "cwd": os.getcwd(),
    "spec": os.environ.get("NBEVOLVE_SPEC"),
}
submission = [submission[0] + 0.01, submission[1]]
print("PROBE " + " ".join(f"{name}={value}" for name, value in seen.items()))`;

const RENDERER = shortRenderer("OF MY RENDERER");

/** Goes on from these branches in turn. */
const STRATEGY = `export default ({ parents }) => ({
  name: "in-turn",
  settings: { parents },
  start: () => null,
  tell: () => null,
  ask: (_, { number }) => ({ operator: "improve", parents: [parents[number - 1]], island: 0 }),
});
`;

let root = "";
let jupyter: PlainJupyter | null = null;
let servers: readonly ModelServer[] = [];
const path = (name: string): string => join(root, name);

/** One session, as it is seen from outside. */
interface Seen extends CliResult {
  readonly requests: readonly { readonly at: number; readonly key: string; readonly body: JsonObject }[];
  /** What its cells told. */
  readonly probes: readonly Readonly<Record<string, string>>[];
  readonly events: readonly RunEvent[];
}

/** What the model's servers do in the session that goes on. */
let live: {
  readonly requests: { at: number; key: string; body: JsonObject }[];
  /** Its first requests, in place of replies. */
  readonly trouble: Behaviour[];
  /** Called when a cell has told where it runs; null: nothing happens then. */
  interrupt: (() => void) | null;
};

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "nbevolve-sessions-"));
  await mkdir(path("data"));
  await writeFile(path("data/rows.csv"), "1 2 3");
  await writeFile(path("task.ipynb"), numbersNotebook());
  await writeFile(path("keys.env"), "OPENAI_API_KEY=of-the-file\n");
  await writeFile(path("short.mjs"), RENDERER);
  await writeFile(path("in-turn.mjs"), STRATEGY);
  await writeFile(path("remind.mjs"), await readExample("tools", "remind.mjs"));
  jupyter = await plainJupyter();
  const spec = join(dirname(jupyter.root), "data", "kernels", "ours");
  await mkdir(spec, { recursive: true });
  const launch = [testPython, "-m", "ipykernel_launcher", "-f", "{connection_file}"];
  const ours = { argv: launch, display_name: "Ours", language: "python", env: { NBEVOLVE_SPEC: "ours" } };
  await writeFile(join(spec, "kernel.json"), JSON.stringify(ours));
  servers = await Promise.all(
    [0, 1].map((at) =>
      modelServer({
        behaviour({ body, headers }) {
          live.requests.push({ at, key: headers["authorization"] ?? "", body });
          const trouble = live.trouble.shift();
          if (trouble !== undefined) return trouble;
          const { interrupt } = live;
          if (interrupt === null || !JSON.stringify(body).includes("PROBE radius"))
            return { type: "reply", reply: replyTo(body) };
          live.interrupt = null;
          interrupt();
          return { type: "hang" };
        },
      }),
    ),
  );
});
afterAll(async () => {
  for (const server of [...servers, jupyter]) await server?.[Symbol.asyncDispose]();
  await rm(root, { recursive: true, force: true });
});

function replyTo(body: JsonObject) {
  const messages = Array.isArray(body["messages"]) ? body["messages"].map((one) => JSON.stringify(one)) : [];
  if (body["tool_choice"] === "none") return { text: "I look around." };
  const round = messages.slice(messages.findLastIndex((text) => text.includes("Goal: maximize")) + 1);
  if (round.some((text) => text.includes('"role":"tool"')))
    return { calls: [{ tool: "finish_round", arguments: { summary: "looked" } }] };
  const source = PROBE.replace("DATA", path("data")).replace("PLAIN", dirname(dirname(testPython)));
  const reading = JSON.stringify(body["tools"]).includes('"read"')
    ? [{ tool: "read", arguments: { id: "c1" } }]
    : [];
  return { calls: [...reading, { tool: "run_code", arguments: { source } }] };
}

/** A script of a shell, in which `npx nbevolve` is the built command line. */
interface SessionOptions {
  readonly interrupted?: boolean;
  readonly trouble?: readonly Behaviour[] | undefined;
  readonly env?: Readonly<Record<string, string>>;
  readonly code?: number | undefined;
}

async function session(
  script: string,
  dir: string,
  { interrupted = false, trouble = [], env = {}, code: wanted = EXIT.done }: SessionOptions,
): Promise<Seen> {
  const past = (await eventsOf(dir)).length;
  const own = `npx() { shift; exec "${process.execPath}" "${MAIN}" "$@"; }\n`;
  const child = spawn("sh", ["-c", own + script], {
    cwd: root,
    env: {
      ...CLI_ENV,
      OPENAI_BASE_URL: servers[0]?.baseURL,
      OPENAI_API_KEY: "of-the-environment",
      OF_MINE: "mine",
      ...env,
    },
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  live = {
    requests: [],
    trouble: [...trouble],
    interrupt: interrupted ? () => void child.kill("SIGINT") : null,
  };
  const { requests } = live;
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (data: Buffer) => (stdout += data.toString()));
  child.stderr.on("data", (data: Buffer) => (stderr += data.toString()));
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) => {
    child.on("close", (...how) => resolve(how));
  });
  expect([code, signal], stderr).toEqual([interrupted ? 130 : wanted, null]);
  const events = (await eventsOf(dir)).slice(past);
  const told = requests.flatMap(({ body }) =>
    [...JSON.stringify(body).matchAll(/PROBE (radius=[^"\\]* spec=\w+)/g)].map(([, words = ""]) => words),
  );
  // What a view of the notebook has shortened is told elsewhere.
  const probes = [...new Set(told)]
    .map((words) => Object.fromEntries(words.split(" ").map((pair) => pair.split("=") as [string, string])))
    .filter((probe) => "boxed" in probe && "cwd" in probe);
  return { code, signal, stdout, stderr, requests, probes, events };
}

async function eventsOf(dir: string): Promise<readonly RunEvent[]> {
  const events: RunEvent[] = [];
  try {
    await using store = await openRunStore(dir, { mode: "read" });
    for await (const event of store.read(0)) events.push(event);
  } catch {
    return []; // nothing has begun
  }
  return events;
}

const goOnIn = ({ stderr }: Seen): string => /Go on with: (.*)$/m.exec(stderr)?.[1] ?? "no line";

const bodiesHave = ({ requests }: Seen, field: string): readonly unknown[] => [
  ...new Set(requests.map(({ body }) => body[field])),
];
const probed = ({ probes }: Seen, name: string): readonly unknown[] => [
  ...new Set(probes.map((probe) => probe[name])),
];
const eventsIn = <T extends RunEvent["type"]>({ events }: Seen, type: T) =>
  events.filter((event): event is Extract<RunEvent, { type: T }> => event.type === type);
const tiers = (seen: Seen): readonly string[] =>
  eventsIn(seen, "kernel-restored").map(({ restored }) => restored.tier);

function toolsOf({ requests }: Seen): readonly string[] {
  const offered = requests.flatMap(({ body }) => (Array.isArray(body["tools"]) ? body["tools"] : []));
  return [...new Set(offered.map((tool) => String(recordOf(recordOf(tool)["function"])["name"])))];
}

/** How many episodes were open at a time. */
function mostOpen({ events }: Seen): number {
  const open = new Set<string>();
  let most = 0;
  for (const event of events) {
    if (event.type === "proposal-made") open.add(event.proposal.id);
    if (event.type === "kernel-restored") open.add(event.proposal);
    if (event.type === "proposal-told") open.delete(event.proposal);
    most = Math.max(most, open.size);
  }
  return most;
}

/** An option of `run`. */
interface Shown {
  readonly given: () => readonly string[];
  /** What shows it in a session that comes to its end. */
  readonly seen: (last: Seen) => unknown;
  readonly is: unknown;
}

interface Group {
  readonly options: Readonly<Record<string, Shown>>;
  /** The first requests of the session that is resumed. */
  readonly trouble?: readonly Behaviour[];
  readonly needsBoxes?: boolean;
  /** Default 4. */
  readonly proposals?: number;
  /** The exit code of the session that is resumed. Default: done. */
  readonly code?: number;
}

const words =
  (...given: readonly string[]) =>
  (): readonly string[] =>
    given;
const STALLED: Behaviour = {
  type: "reply",
  reply: { text: "and so on ".repeat(50) },
  breaks: { how: "stall", afterBytes: 900 },
};

const IN_TURN = ["b0", "b1", "b2", "b1"];

const GROUPS: Readonly<Record<string, Group>> = {
  "parts, limits and what cells see": {
    needsBoxes: true,
    options: {
      renderer: {
        given: () => [path("short.mjs")],
        seen: ({ requests }) => requests.every(({ body }) => JSON.stringify(body).includes("OF MY RENDERER")),
        is: true,
      },
      tool: {
        given: () => [path("remind.mjs")],
        seen: (last) => toolsOf(last).includes("remind"),
        is: true,
      },
      harness: { given: words("full"), seen: (last) => toolsOf(last).includes("read"), is: true },
      proposals: {
        given: words("4"),
        seen: ({ stdout }) => /all \d+ proposals/.exec(stdout)?.[0],
        is: "all 4 proposals",
      },
      parallel: { given: words("3"), seen: mostOpen, is: 3 },
      rounds: {
        given: words("2"),
        seen: (last) => eventsIn(last, "round-ended").filter(({ proposal }) => proposal === "p4").length,
        is: 2,
      },
      seed: { given: words("11"), seen: ({ stderr }) => /\(seed \d+\)/.exec(stderr)?.[0], is: "(seed 11)" },
      order: {
        given: words("as-proposed"),
        seen: (last) => eventsIn(last, "proposal-told").map(({ proposal }) => proposal),
        is: ["p1", "p2", "p3", "p4"],
      },
      param: { given: words("radius=2"), seen: (last) => probed(last, "radius"), is: ["2"] },
      reproduce: {
        given: words("all"),
        seen: (last) =>
          eventsIn(last, "branch-reproduced")
            .map(({ branch }) => branch)
            .toSorted(),
        is: ["b1", "b2", "b3", "b4"],
      },
      approve: {
        given: words("deny:read"),
        seen: (last) =>
          [
            ...new Set(
              eventsIn(last, "call-decided").map(({ tool, decision }) => `${decision.verdict} ${tool}`),
            ),
          ].toSorted(),
        is: ["allow finish_round", "allow run_code", "deny read"],
      },
      model: { given: words("openai:another"), seen: (last) => bodiesHave(last, "model"), is: ["another"] },
      "base-url": {
        given: () => [servers[1]?.baseURL ?? ""],
        seen: ({ requests }) => [...new Set(requests.map(({ at }) => at))],
        is: [1],
      },
      "env-file": {
        given: () => [path("keys.env")],
        seen: ({ requests }) => [...new Set(requests.map(({ key }) => key))],
        is: ["Bearer of-the-file"],
      },
      "max-output-tokens": { given: words("777"), seen: (last) => bodiesHave(last, "max_tokens"), is: [777] },
      temperature: { given: words("0.25"), seen: (last) => bodiesHave(last, "temperature"), is: [0.25] },
      "allow-network": {
        given: words("data.example"),
        seen: (last) => probed(last, "proxied"),
        is: ["True"],
      },
      limits: { given: words("file=1GB"), seen: (last) => probed(last, "file"), is: [String(2 ** 30)] },
      env: { given: words("OF_MINE"), seen: (last) => probed(last, "env"), is: ["mine"] },
      read: { given: () => [path("data")], seen: (last) => probed(last, "read"), is: ["True"] },
      // It is there already, so that nothing is fetched: what shows is the environment that was made for it.
      with: { given: words("scipy"), seen: (last) => probed(last, "added"), is: ["True"] },
      "no-fork": { given: words(), seen: (last) => tiers(last).includes("fork"), is: false },
    },
  },
  "a budget, a profile and isolation": {
    trouble: [STALLED],
    options: {
      budget: {
        given: words("rounds=2"),
        seen: ({ stdout }) => /a limit is reached: .*/.exec(stdout)?.[0],
        is: "a limit is reached: 2 of 2 rounds",
      },
      profile: {
        given: words('{"maxOutputTokens":555}'),
        seen: (last) => bodiesHave(last, "max_tokens"),
        is: [555],
      },
      price: {
        given: words("in=1,out=2"),
        seen: ({ stdout }) => stdout.includes("cost unknown"),
        is: false,
      },
      // What came by then counts as cut, long before the pause in it is too long.
      "model-timeout": { given: words("2"), seen: ({ requests }) => requests.length > 1, is: true },
      isolation: { given: words("episode"), seen: (last) => tiers(last).includes("fork"), is: false },
      target: { given: words("1e9"), seen: ({ code }) => code, is: EXIT.targetMissed },
    },
    code: EXIT.targetMissed,
  },
  "a strategy, no sandbox, no room for frozen kernels, and impatience": {
    trouble: [{ type: "hang" }, STALLED],
    options: {
      strategy: {
        given: () => [path("in-turn.mjs")],
        seen: (last) => eventsIn(last, "proposal-made").map(({ proposal }) => proposal.parents[0]),
        is: IN_TURN.slice(1),
      },
      set: {
        given: words(`parents=${JSON.stringify(IN_TURN)}`),
        seen: (last) => eventsIn(last, "proposal-made").length,
        is: IN_TURN.length - 1,
      },
      sandbox: { given: words("off"), seen: (last) => probed(last, "boxed"), is: ["False"] },
      // The frozen kernel of b1 made room for those of its children.
      "kernel-memory": {
        given: words("1MB"),
        seen: (last) => eventsIn(last, "kernel-restored").at(-1)?.restored.reason,
        is:
          process.platform === "linux"
            ? "not forked: its frozen process had to make room for others"
            : undefined,
      },
      "model-first-byte-timeout": {
        given: words("1"),
        seen: ({ requests: [first, second] }) => JSON.stringify(first) === JSON.stringify(second),
        is: true,
      },
      "model-idle-timeout": {
        given: words("1"),
        seen: ({ requests: [, second, third] }) => JSON.stringify(second) === JSON.stringify(third),
        is: true,
      },
    },
  },
  "another's server": {
    proposals: 2,
    options: {
      server: {
        given: () => [jupyter?.url ?? ""],
        seen: ({ probes }) => probes.every(({ cwd }) => cwd?.startsWith(jupyter?.root ?? "?")),
        is: true,
      },
      kernel: { given: words("ours"), seen: (last) => probed(last, "spec"), is: ["ours"] },
    },
  },
};
const RUN = "run task.ipynb --model openai:served --seed 1".split(" ");
/** Where the run lies, words for one session, a secret, and the form of the output. */
const NOT_KEPT = ["dir", "trust", "token", "json", "ui", "report"];

const argvOf = ({ options }: Group): readonly string[] =>
  Object.entries(options).flatMap(([name, { given }]) => [`--${name}`, ...given()]);

test("every option of `run` is seen here, or is said not to be kept", () => {
  const command = new Command();
  defineRunCommand(command);
  const names = command.options.map(({ long }) => (long ?? "").slice(2));
  const seen = Object.values(GROUPS).flatMap(({ options }) => Object.keys(options));
  expect(names.toSorted()).toEqual([...seen, ...NOT_KEPT].toSorted());
});

describe("a run goes on as it was started:", () => {
  test.for(Object.entries(GROUPS))("%s", async ([name, group], { skip }) => {
    if (group.needsBoxes === true) skip(testSandbox === "off", "no sandbox here");
    const env = { NBEVOLVE_SERVER_TOKEN: jupyter?.token ?? "" };
    const dir = join("it's $HOME", name);
    const more = `--parallel 1 --proposals ${group.proposals ?? 4} --reproduce none`.split(" ");
    const start = ownCommand(...RUN, "--dir", dir, ...more, ...argvOf(group));
    const first = await session(start, path(dir), { interrupted: true, env });
    const { trouble, code } = group;
    const last = await session(goOnIn(first), path(dir), { trouble, env, code });
    const facts = Object.entries(group.options).map(([option, { seen }]) => [option, seen(last)]);
    expect(facts, last.stderr).toEqual(Object.entries(group.options).map(([option, { is }]) => [option, is]));
  });
});

describe("what a later session is given holds for the sessions that its own line begins:", () => {
  const own = ["--temperature", "0.5"];
  test.for([
    ["resume", (dir: string) => ["resume", dir]],
    ["run", (dir: string) => [...RUN, ...own, "--dir", dir]],
  ] as const)("%s", async ([name, goOn]) => {
    const dir = `again ${name}`;
    const given = "--max-output-tokens 888 --proposals 2 --parallel 1 --reproduce none".split(" ");
    const start = ownCommand(...RUN, ...own, "--dir", dir, "--proposals", "9");
    await session(start, path(dir), { interrupted: true });
    const second = await session(ownCommand(...goOn(dir), ...given), path(dir), { interrupted: true });
    const last = await session(goOnIn(second), path(dir), {});
    expect([bodiesHave(last, "max_tokens"), bodiesHave(last, "temperature")]).toEqual([[888], [0.5]]);
    expect(last.stdout).toContain("; all 2 proposals were used\n");
  });
});
