// `nbevolve models`, `models check`, --env-file, and a run whose model server is not there.
import { existsSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { modelServer, type Behaviour, type ModelServer } from "../../src/testing/model-server.ts";
import { parseJson, stringOf } from "../../src/core/untrusted.ts";
import * as kinds from "../support/checked-models.ts";
import { runCli } from "../support/cli.ts";
import { numbersNotebook } from "../support/numbers-notebook.ts";

let root = "";
let server: ModelServer;
const says = (text: string): Behaviour => ({ type: "reply", reply: { text } });
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "nbevolve-models-"));
  await writeFile(join(root, "keys.env"), "OPENAI_API_KEY=sk-from-the-file\n");
  server = await modelServer({
    apiKey: "sk-from-the-file",
    windowTokens: 8_192,
    behaviour: (request) => {
      if (request.number === 0) return { type: "error", status: 503 };
      return (KINDS[stringOf(request.body["model"])] ?? kinds.mute)(request);
    },
  });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await rm(root, { recursive: true, force: true });
});

const KINDS: Readonly<Record<string, kinds.Kind>> = {
  able: kinds.able,
  fenced: kinds.fenced,
  "never-closes": kinds.neverCloses,
};

function printedProfile(stdout: string): unknown {
  return parseJson(/--profile '(.*)'/.exec(stdout)?.[1] ?? "");
}

const check = (model: string, ...more: string[]) =>
  runCli(["models", "check", "--model", model, "--base-url", server.baseURL, ...more]);

describe("nbevolve models", () => {
  test("check: what the model can do, in words, with a profile to paste; the key from a file", async () => {
    const { code, stdout, stderr } = await check("able", "--env-file", join(root, "keys.env"));
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/^tool calls: runs a cell +yes$/m);
    expect(stdout).toMatch(/^tool calls: closes on demand +yes \(tool_choice: named\)$/m);
    expect(stdout).toMatch(/^streams +yes$/m);
    expect(stdout).toMatch(/^window +8192 tokens$/m);
    expect(stdout).toContain("able can be used, by tool calls.");
    expect(printedProfile(stdout)).toEqual({
      ...{ harness: "lean", contextTokens: 8_192, seesImages: true },
      cache: { matching: "prefix", minimumTokens: 40, lifetimeMs: 300_000 },
    });
    expect(stderr).toMatch(/503.*attempt 2 in/);
    expect(`${stdout}${stderr}`).not.toContain("sk-from");
  });

  test("check: another protocol, which the printed profile holds beside what was given", async () => {
    const given = [
      "--env-file",
      join(root, "keys.env"),
      "--profile",
      '{"temperature":0,"dialect":{"seed":false}}',
    ];
    const { code, stdout } = await check("fenced", ...given);
    expect(code).toBe(0);
    expect(stdout).toContain("fenced can be used, by a block of code a turn.");
    expect(printedProfile(stdout)).toMatchObject({
      temperature: 0,
      dialect: { seed: false, tools: "fence" },
    });
  });

  test("check: 5 for a model that can be used with losses, which are named", async () => {
    const { code, stdout } = await check("never-closes", "--env-file", join(root, "keys.env"));
    expect(code).toBe(5);
    expect(stdout).toMatch(
      /can be used with losses, by tool calls: a round is not closed when that is demanded/,
    );
  });

  test("check --json: 1 for a model that cannot play a round", async () => {
    const { code, stdout } = await check("mute", "--env-file", join(root, "keys.env"), "--json");
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ usable: "no", text: true, name: "mute", protocol: null });
    const words = await check("mute", "--env-file", join(root, "keys.env"));
    expect(words.stdout).toContain("mute cannot be used: in no protocol did it write the cell");
    expect(words.stdout).not.toContain("--profile");
  });

  test("check: 2 without a model or for one without an endpoint, 3 for a wrong key", async () => {
    expect(await runCli(["models", "check"])).toMatchObject({ code: 2 });
    const offline = await runCli(["models", "check", "--model", "offline"]);
    expect(offline).toMatchObject({ code: 2, stderr: expect.stringContaining("not behind an endpoint") });
    expect(await check("able")).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(
        /refuses the key in OPENAI_API_KEY: 401|asks for a key, and none is set: 401/,
      ),
    });
  });

  test("the list has prices, their day and their source", async () => {
    const { code, stdout } = await runCli(["models"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^gpt-5-mini +api\.openai\.com +\d+ +yes/m);
    expect(stdout).toMatch(/Prices as of \d{4}-\d\d-\d\d: /);
  });
});

test("a missing --env-file is named by whoever takes the flag first: this command line, or node", async () => {
  const main = join(process.env["NBEVOLVE_TEST_BUILD"] ?? "dist", "src/cli/main.js");
  const file = join(root, "not there.env");
  const command = ["run", "circles-square-26", "--model", "gpt-5", "--env-file", file];
  for (const [separator, status] of [["--"], []].map((words) => [words, words.length > 0 ? 2 : 9] as const)) {
    const ended = spawnSync(process.execPath, [...separator, main, ...command], { encoding: "utf8" });
    expect([2, status], ended.stderr).toContain(ended.status);
    expect(ended.stderr).toContain(file);
  }
});

describe("a model server that is not there", () => {
  test("a run says at once what it tries, stops within seconds, and says how to go on", async () => {
    const gone = await modelServer({ behaviour: [says("never")] });
    await gone[Symbol.asyncDispose]();
    const task = join(root, "numbers.ipynb");
    await writeFile(task, numbersNotebook());
    const dir = join(root, "run");
    const model = ["--model", "lost", "--base-url", gone.baseURL];
    const { code, stderr } = await runCli(["run", task, ...model, "--dir", dir]);
    expect(code, stderr).toBe(3);
    expect(stderr).toMatch(/model lost: connect ECONNREFUSED .*attempt 2 in \d+ ms, given up in/);
    expect(stderr).toMatch(/no answer from http.*start the model's server/);
    // Nothing had begun: no kernels, no first notebook, and no directory.
    expect(existsSync(dir)).toBe(false);
    expect(stderr).not.toMatch(/founder|Jupyter|resume/);
  });

  test("a finished run is looked at without it; one with something left to do asks it first", async () => {
    const one = await modelServer({ behaviour: [says("fine")] });
    const task = join(root, "numbers.ipynb");
    await writeFile(task, numbersNotebook());
    const dir = join(root, "finished");
    const flags = ["--model", "served", "--base-url", one.baseURL, "--proposals", "1", "--dir", dir];
    const ran = await runCli(["run", task, ...flags]);
    expect(ran.stderr).toContain("served answers; the question took 120 tokens, which are not counted");
    expect(one.questions).toHaveLength(1);
    await one[Symbol.asyncDispose]();
    expect((await runCli(["resume", dir])).stderr).not.toContain("no answer");
    const more = await runCli(["resume", dir, "--proposals", "2"]);
    expect(more).toMatchObject({ code: 3, stderr: expect.stringMatching(/no answer from http/) });
    expect(more.stderr).toContain(`Nothing is lost; go on with: npx nbevolve resume ${dir} --proposals 2\n`);
  });
});

describe("a run whose model is named wrongly", () => {
  const named = (right: string) =>
    modelServer({
      models: [right, "other"],
      behaviour: [says("fine")],
      firstBehaviour: ({ body }) =>
        body["model"] === right
          ? says("yes")
          : { type: "error", status: 404, body: { error: { message: "The model does not exist" } } },
    });

  test("begins nothing; resumed, it prints the line with the right name and all that belongs to it", async () => {
    await using one = await named("my-model");
    const task = join(root, "numbers.ipynb");
    await writeFile(task, numbersNotebook());
    const dir = join(root, "named");
    const flags = ["--base-url", one.baseURL, "--price", "in=1,out=2", "--proposals", "1", "--dir", dir];
    const wrong = await runCli(["run", task, ...flags, "--model", "my-modle"]);
    expect(wrong).toMatchObject({
      code: 3,
      stderr: expect.stringContaining("did you mean --model my-model (in code: model)?"),
    });
    expect(wrong.stderr).toContain(
      `Nothing had begun; start it again with: npx nbevolve run ${task} --proposals 1 --dir ${dir} --model my-model --base-url ${one.baseURL} --price in=1,out=2\n`,
    );
    expect(existsSync(dir)).toBe(false);
    const right = await runCli(["run", task, ...flags, "--model", "my-model", "--budget", "usd=5"]);
    expect(right.stderr).not.toContain("cost unknown");
    expect(right.stdout).toMatch(/^tokens: .*\$0\.000/m);
    const again = [
      "resume",
      dir,
      "--proposals",
      "2",
      "--base-url",
      one.baseURL,
      "--price",
      "my-modle:in=1,out=2",
    ];
    const typo = await runCli([...again, "--model", "my-modle"]);
    expect(typo.stderr).toContain(
      `Nothing is lost; go on with: npx nbevolve resume ${dir} --proposals 2 --model my-model --base-url ${one.baseURL} --price my-model:in=1,out=2\n`,
    );
  });
});

test("a limit of dollars is refused before anything begins where no price is known, with both remedies", async () => {
  await using free = await modelServer({ behaviour: [says("fine")] });
  const task = join(root, "numbers.ipynb");
  await writeFile(task, numbersNotebook());
  const dir = join(root, "dollars");
  const flags = ["--model", "served", "--base-url", free.baseURL, "--budget", "usd=0.01", "--dir", dir];
  expect(await runCli(["run", task, ...flags])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining(
      "dollars are limited, and no price is known of served. Give it in US dollars per million tokens, such as --price in=0.25,out=2 (in code: openai({ price: { inputUsd: 0.25, outputUsd: 2 } })), or limit tokens: --budget tokens=N",
    ),
  });
  expect(existsSync(dir)).toBe(false);
  expect(free.requests).toEqual([]);
});

test("a run whose model only talks says so and names the remedy", async () => {
  await using talker = await modelServer({ behaviour: () => says("I placed them well.") });
  const task = join(root, "numbers.ipynb");
  await writeFile(task, numbersNotebook());
  const flags = ["--model", "talker", "--base-url", talker.baseURL, "--proposals", "1"];
  const { code, stdout, stderr } = await runCli(["run", task, "--dir", join(root, "talk"), ...flags]);
  expect(stderr).toMatch(/^b1 .*, no cell was run$/m);
  expect(stdout).toMatch(/^1 of 1 episode ran no cell: try npx nbevolve models check/m);
  expect(code, stderr).toBe(1);
});
