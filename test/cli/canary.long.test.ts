// Keys planted wherever a run could find one: none of them is in anything that is written, said or seen by a cell.
// Long: two runs and six commands, each in a process of its own.
import { readdirSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { blobsOf } from "../../src/core/run/blobs-of.ts";
import { openRunStore } from "../../src/store/index.ts";
import { modelServer, type Behaviour, type SeenRequest } from "../../src/testing/model-server.ts";
import { runCli, type CliResult } from "../support/cli.ts";
import { numbersNotebook } from "../support/numbers-notebook.ts";
import { testSandbox } from "../support/sandbox.ts";

/** Every canary has this in it. */
const MARK = "canary9f3e";
const canary = (where: string): string => `sk-${MARK}-${where}-77aa1122`;
const ENV = {
  OPENAI_API_KEY: canary("ambient"),
  ANTHROPIC_API_KEY: canary("other-provider"),
  GITHUB_TOKEN: canary("unrelated"),
  OPENAI_CUSTOM_HEADERS: `x-gate: Bearer ${canary("header")}`,
  NBEVOLVE_DEBUG: "1",
};

/** What a cell can reach: its environment, its children's, and in a box every process that it sees. */
const SNOOP = `import glob, os, subprocess
print(dict(os.environ))
print(subprocess.run(["env"], capture_output=True, text=True).stdout)
if ${testSandbox === "off" ? "False" : "True"}:
    for path in glob.glob("/proc/[0-9]*/environ") + glob.glob(os.path.expanduser("~/*")) + glob.glob("/tmp/*"):
        try:
            print(path, open(path, "rb").read().decode("utf8", "replace"))
        except OSError as error:
            print(path, error)
submission = [0.5, 0.5]
raise ValueError(str(dict(os.environ)))`;

/** An endpoint that says the key back in every way it fails. */
function echoing({ headers, body, number }: SeenRequest): Behaviour {
  const secrets = `${headers["authorization"]} ${headers["x-gate"]}`;
  const error = { message: `you sent ${secrets}`, param: secrets, code: secrets };
  const retryAfter = { "retry-after-ms": "1" };
  const failures: readonly Behaviour[] = [
    { type: "error", status: 500, body: { error } },
    { type: "error", status: 429, body: { error }, headers: retryAfter },
    {
      type: "error",
      status: 400,
      body: { error: { ...error, message: `seed is not supported (${secrets})` } },
    },
    { type: "raw", status: 502, body: `<html><title>${secrets}</title></html>` },
    { type: "raw", body: JSON.stringify({ error }) },
    { type: "error", status: 413, body: { error } },
    { type: "raw", headers: { "content-type": "text/event-stream" }, body: `data: ${secrets}\n\n` },
  ];
  const failure = failures[number];
  if (failure !== undefined) return failure;
  if (number === 11) return { type: "error", status: 401, body: { error } };
  // One episode fails for good, with the server's words.
  if (number === 14) return { type: "error", status: 400, body: { error: { message: `no: ${secrets}` } } };
  if (body["tool_choice"] === "none") return { type: "reply", reply: { text: "Look around." } };
  const messages = JSON.stringify(body["messages"]);
  const call = messages.includes("PYTHONHASHSEED")
    ? { tool: "finish_round", arguments: { summary: "looked" } }
    : { tool: "run_code", arguments: { source: SNOOP } };
  return { type: "reply", reply: { calls: [call] } };
}

let root = "";
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "nbevolve-keys-"));
  await mkdir(join(root, "tmp"));
  await writeFile(join(root, "numbers.ipynb"), numbersNotebook());
  await writeFile(join(root, "keys.env"), `OPENAI_API_KEY=${canary("file")}\n`);
});
afterAll(() => rm(root, { recursive: true, force: true }));

test("no key is in the run directory, the journal, a notebook, a report, a log or a cell's sight", async () => {
  await using server = await modelServer({ behaviour: echoing });
  const dir = join(root, "run");
  const model = ["--model", "served", "--base-url", server.baseURL, "--env-file", join(root, "keys.env")];
  const env = { ...ENV, TMPDIR: join(root, "tmp") };
  const nbevolve = (...args: string[]): Promise<CliResult> => runCli(args, env);
  const limits = ["--proposals", "3", "--parallel", "1", "--seed", "1"];
  const refused = await nbevolve("run", join(root, "numbers.ipynb"), ...model, "--dir", dir, ...limits);
  expect(refused.code, refused.stderr).toBe(3);
  expect(refused.stderr).toMatch(/refuses the key in OPENAI_API_KEY: 401: you sent/);
  const outputs = [
    refused,
    await nbevolve("resume", dir, "--json"),
    await nbevolve("show", dir),
    await nbevolve("show", dir, "b1", "--json"),
    await nbevolve("replay", dir, "--json"),
    await nbevolve("models", "check", ...model, "--json"),
  ];
  // The planting worked: the server was sent the keys, and cells printed what they could see.
  expect(server.requests[0]?.headers).toMatchObject({
    authorization: `Bearer ${canary("file")}`,
    "x-gate": `Bearer ${canary("header")}`,
  });
  const written = new Map(outputs.map(({ stdout, stderr }, at) => [`command ${at}`, `${stdout}${stderr}`]));
  await using store = await openRunStore(dir, { mode: "read" });
  for await (const event of store.read(0)) {
    written.set(`event ${written.size}`, JSON.stringify(event));
    for (const hash of blobsOf(event)) {
      written.set(`${event.type} ${hash}`, Buffer.from(await store.readBlob(hash)).toString("utf8"));
    }
  }
  for (const file of filesUnder(root)) {
    if (!file.endsWith("keys.env")) written.set(file, readFileSync(file, "latin1"));
  }
  expect([...written.values()].filter((text) => text.includes("PYTHONHASHSEED")).length).toBeGreaterThan(3);
  expect([...written.values()].filter((text) => text.includes("[secret]")).length).toBeGreaterThan(2);
  expect([...written.keys()].some((name) => name.endsWith("best.ipynb"))).toBe(true);
  expect([...written].filter(([, text]) => text.includes(MARK)).map(([name]) => name)).toEqual([]);
});

function filesUnder(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
