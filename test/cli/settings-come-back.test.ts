// Whatever a run was started with is what it goes on with, by the line that is printed for it: over all options of `run`.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { defineResumeCommand } from "../../src/cli/commands/resume.ts";
import { defineRunCommand, runOptions, type RunFlags } from "../../src/cli/commands/run.ts";
import { resumeOptions, type ResumeFlags } from "../../src/cli/flags/resume-options.ts";
import { noticeBoard } from "../../src/cli/terminal/notice-board.ts";
import type { JsonObject } from "../../src/contracts/index.ts";
import { isEndpointModel } from "../../src/models/openai/openai.ts";
import { machineFor, machineSettings } from "../../src/run/machine-settings.ts";
import { chooseParts } from "../../src/run/parts/journalled-parts.ts";
import type { RunOptions } from "../../src/run/run-options.ts";
import { readRunStarted, readStoredTask, resolveRunSettings } from "../../src/run/run-settings.ts";
import { openRunStore } from "../../src/store/index.ts";
import { loadTask } from "../../src/tasks/load-task.ts";
import { runStarted, sampleBlob } from "../../src/testing/conformance/journal-samples.ts";
import { modelServer, type ModelServer } from "../../src/testing/model-server.ts";
import { numbersNotebook } from "../support/numbers-notebook.ts";

let root = "";
let servers: readonly ModelServer[] = [];
const path = (name: string): string => join(root, name);
const example = (name: string): string => new URL(`../../docs/examples/${name}`, import.meta.url).pathname;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "nbevolve-settings-"));
  const script = [{ type: "reply" as const, reply: { text: "fine" } }];
  servers = [await modelServer({ behaviour: script }), await modelServer({ behaviour: script })];
  await writeFile(path("task.ipynb"), numbersNotebook());
  await writeFile(path("keys.env"), "OPENAI_API_KEY=of-the-file\n");
  vi.stubEnv("OPENAI_BASE_URL", servers[0]?.baseURL ?? "");
  vi.stubEnv("OPENAI_API_KEY", "of-the-environment");
  // Of this session, whatever the run was started with.
  vi.stubEnv("NBEVOLVE_SANDBOX", "auto");
});
afterAll(async () => {
  vi.unstubAllEnvs();
  for (const server of servers) await server[Symbol.asyncDispose]();
  await rm(root, { recursive: true, force: true });
});

/** Another value than the default, for every option of `run` that is kept. */
const OPTIONS: Readonly<Record<string, () => readonly string[]>> = {
  strategy: () => ["best-of-n"],
  set: () => ["size=5"],
  renderer: () => [example("renderer.mjs")],
  tool: () => [example("tool.mjs")],
  harness: () => ["full"],
  proposals: () => ["7"],
  budget: () => ["usd=3"],
  parallel: () => ["5"],
  rounds: () => ["3"],
  seed: () => ["11"],
  order: () => ["as-proposed"],
  param: () => ["radius=2"],
  reproduce: () => ["all"],
  target: () => ["0.75"],
  approve: () => ["deny:read"],
  model: () => ["openai:another"],
  "base-url": () => [servers[1]?.baseURL ?? ""],
  "env-file": () => [path("keys.env")],
  profile: () => ['{"contextTokens":9000}'],
  price: () => ["in=1,out=2"],
  "max-output-tokens": () => ["777"],
  temperature: () => ["0.25"],
  "model-timeout": () => ["99"],
  "model-first-byte-timeout": () => ["98"],
  "model-idle-timeout": () => ["97"],
  sandbox: () => ["off"],
  "allow-network": () => ["data.example"],
  isolation: () => ["episode"],
  limits: () => ["memory=2GB"],
  env: () => ["OPENAI_BASE_URL"],
  read: () => [root],
  with: () => ["Scikit_Learn >= 1.5"],
  "no-fork": () => [],
  "kernel-memory": () => ["1GB"],
  server: () => ["http://127.0.0.1:9/user/me/"],
  kernel: () => ["python9"],
};
/** Where the run lies, words for one session, a secret, and the form of the output. */
const NOT_KEPT = ["dir", "trust", "token", "json", "ui", "report"];

function flagsOf<T extends object>(define: (command: Command) => void, argv: readonly string[]): [string, T] {
  const command = new Command().exitOverride();
  define(command);
  command.action(() => undefined).parse([...argv], { from: "user" });
  return [String(command.args[0]), command.opts<T>()];
}

/** All that a session with these options goes by; `dir`: of a run that is there. */
async function factsOf(dir: string, options: RunOptions, approve: readonly string[]) {
  await using store = await openRunStore(dir, { mode: "read" });
  const started = await readRunStarted(store);
  const task = await readStoredTask(store);
  if (started === null || task === null) throw new Error("nothing was started");
  const machine = machineFor(started.settings, options);
  const parts = await chooseParts(options, started, task);
  const { strategy, tools } = parts;
  const settings = await resolveRunSettings(store, null, { ...options, ...machine, tools }, parts);
  const { model } = options;
  const before = servers.map(({ requests }) => requests.length);
  const request = { messages: [], breakpoints: [], tools: [], toolChoice: "none" as const, seed: 1 };
  await model.reply(request, { signal: new AbortController().signal });
  const asked = servers.flatMap(({ requests }, at) => requests.slice(before[at]).map((one) => ({ at, one })));
  const { task: itsTask, seed, rounds, parallel, order, reproduce, harness, budget } = settings;
  return {
    ...{ task: itsTask, seed, rounds, parallel, order, reproduce, harness, budget, approve },
    machine: machineSettings(machine),
    strategy: { name: strategy.name, ...strategy.settings },
    renderer: parts.renderer.name,
    tools: tools.map(({ name }) => name),
    server: options.server,
    model: [model.name, isEndpointModel(model) ? model.learnt.profile : null],
    asked: asked.map(({ at, one }) => [at, one.headers["authorization"], one.body["model"]]),
  };
}

/** Begins the run of a command line, as far as its first event. */
async function start(argv: readonly string[]) {
  const dir = await mkdtemp(path("run-"));
  const [name, flags] = flagsOf<RunFlags>(defineRunCommand, [path("task.ipynb"), ...argv]);
  const options = await runOptions(name, flags, noticeBoard());
  const task = await loadTask(name, { parameters: options.parameters ?? {} });
  {
    await using store = await openRunStore(dir, { mode: "write" });
    const parts = await chooseParts(options, null, task);
    const { seed, settings } = await resolveRunSettings(store, task, options, parts);
    const { events, blobs } = runStarted();
    const taskBlob = sampleBlob(JSON.stringify(task));
    const begun = events.map((event) => ({ ...event, seed, settings, task: taskBlob.hash }));
    await store.append(begun, [...blobs, taskBlob]);
  }
  return { dir, facts: () => factsOf(dir, { ...options, task: undefined }, flags.approve) };
}

async function resume(dir: string, more: readonly string[] = []) {
  const [name, flags] = flagsOf<ResumeFlags>(defineResumeCommand, [dir, ...more]);
  const { options, approve } = await resumeOptions(name, flags, () => undefined);
  return factsOf(dir, options, approve);
}

const BASE = ["--model", "openai:served", "--seed", "5"];
const argvOf = (names: readonly string[]): readonly string[] => [
  ...BASE,
  ...names.flatMap((name) => [`--${name}`, ...(OPTIONS[name]?.() ?? [])]),
  // What means nothing alone.
  ...(names.includes("kernel") && !names.includes("server") ? ["--server", "http://127.0.0.1:9/"] : []),
  ...(names.includes("set") && !names.includes("strategy") ? ["--strategy", "tournament"] : []),
];

describe("every option of `run`", () => {
  test("is in the table here, or is said not to be kept", () => {
    const command = new Command();
    defineRunCommand(command);
    const names = command.options.map(({ long }) => (long ?? "").slice(2)).filter((name) => name !== "");
    expect(names.toSorted()).toEqual([...Object.keys(OPTIONS), ...NOT_KEPT].toSorted());
  });

  test.for(Object.keys(OPTIONS))("--%s changes what the run goes by, and comes back", async (name) => {
    const [plain, run] = [await start(BASE), await start(argvOf([name]))];
    const facts = await run.facts();
    expect(facts).not.toEqual(await plain.facts());
    expect(await resume(run.dir)).toEqual(facts);
  });

  test("comes back together with others", async () => {
    // Without a sandbox, or on another's server, nothing keeps hosts and limits: `run` refuses these together.
    const all = Object.keys(OPTIONS).filter(
      (name) => !["sandbox", "server", "kernel", "strategy", "set"].includes(name),
    );
    await fc.assert(
      fc.asyncProperty(fc.subarray(all), async (names) => {
        const run = await start(argvOf(names));
        expect(await resume(run.dir)).toEqual(await run.facts());
      }),
      { numRuns: 15 },
    );
  });
});

describe("what a resume is given holds instead", () => {
  const machineOf = (facts: { readonly machine: JsonObject }): JsonObject => facts.machine;

  test.for<readonly [readonly string[], readonly string[], JsonObject]>([
    [["--sandbox", "off"], ["--sandbox", "on"], { sandbox: "on" }],
    [["--allow-network", "a.example"], ["--allow-network", "none"], { sandbox: "on" }],
    [["--no-fork"], ["--fork"], { sandbox: "on" }],
    [
      ["--limits", "memory=2GB,processes=99"],
      ["--limits", "memory=3GB"],
      { sandbox: "on", limits: { memoryMb: 3072, tasks: 99 } },
    ],
    [["--limits", "memory=2GB", "--allow-network", "a.example"], ["--sandbox", "off"], { sandbox: "off" }],
    [
      ["--env", "OPENAI_API_KEY", "--read", "/usr/share"],
      ["--env", "none", "--read", "none"],
      { sandbox: "on" },
    ],
    [["--isolation", "episode"], ["--isolation", "lineage"], { sandbox: "on" }],
  ])("%j, then %j", async ([first, then, machine]) => {
    const run = await start([...BASE, "--sandbox", "on", ...first]);
    expect(machineOf(await resume(run.dir, then))).toEqual(machine);
    expect(machineOf(await resume(run.dir))).toEqual(machineOf(await run.facts()));
  });
});

test("a journal with settings that no run can have is refused", () => {
  const mode = fc.anything().filter((value) => !["on", "off", "auto", undefined].includes(value as string));
  fc.assert(
    fc.property(mode, (sandbox) => {
      expect(() => machineFor({ sandbox } as JsonObject, {})).toThrow("the settings of this run: sandbox");
    }),
  );
});
