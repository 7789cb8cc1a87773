// A Jupyter server that is not ours, from the first word to its sudden end.
// Long: servers of another kind are started, broken and ended for it.
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { jupyterKernels } from "../../../src/kernels/kernel-pool.ts";
import type { RemoteOptions } from "../../../src/kernels/remote/remote-address.ts";
import { remoteAddress } from "../../../src/kernels/remote/remote-address.ts";
import { remoteLedger } from "../../../src/kernels/remote/remote-ledger.ts";
import { startRun } from "../../../src/run/start-run.ts";
import type { KernelPool } from "../../../src/contracts/kernel.ts";
import type { ModelServer } from "../../../src/testing/model-server.ts";
import { runCli, startCli } from "../../support/cli.ts";
import { plainJupyter, type PlainJupyter } from "../../support/jupyter.ts";
import { numbersModel } from "../../support/numbers-model.ts";
import { numbersNotebook } from "../../support/numbers-notebook.ts";
import { numbersServer } from "../../support/numbers-server.ts";
import { numbersTask } from "../../support/numbers-task.ts";
import { testPython } from "../../support/python.ts";
import { kept, run, value, within } from "../real-kernels.ts";

let root: string;
let server: PlainJupyter;
let model: ModelServer;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "nbe-test-"));
  [server, model] = await Promise.all([plainJupyter(), numbersServer()]);
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await model[Symbol.asyncDispose]();
  await rm(root, { recursive: true, force: true });
});

const connect = (more: Partial<RemoteOptions> = {}, workspaces = "workspaces"): Promise<KernelPool> =>
  jupyterKernels({
    python: { python: testPython },
    workspacesDir: join(root, workspaces),
    server: { url: server.url, token: server.token, ...more },
  });

async function closedPort(): Promise<number> {
  const listener = createServer();
  await new Promise<void>((resolve) => void listener.listen(0, "127.0.0.1", resolve));
  const address = listener.address();
  await new Promise((resolve) => listener.close(resolve));
  return typeof address === "object" ? (address?.port ?? 0) : 0;
}

test("an address is taken as people paste it; what is none is not repeated: it may hold a token", () => {
  expect(remoteAddress({ url: "http://h:8888/user/a/lab/tree/x.ipynb?token=abc#x" })).toEqual({
    base: "http://h:8888/user/a/",
    token: "abc",
  });
  expect(remoteAddress({ url: "https://h/user/a", token: "t" })).toEqual({
    base: "https://h/user/a/",
    token: "t",
  });
  expect(remoteAddress({ url: "http://user:secret@h" }).base).toBe("http://h/");
  expect(() => remoteAddress({ url: "h:8888/?token=abc" })).toThrow(
    /^(?!.*abc)--server \(in code: server: \{ url \}\) takes/,
  );
});

test.each([
  [
    "a server that is not there",
    async () => ({ url: `http://127.0.0.1:${await closedPort()}/` }),
    /cannot be reached \(.*ECONNREFUSED.*start it/,
  ],
  ["a wrong token", async () => ({ token: "not-this-one" }), /refuses the token.*NBEVOLVE_SERVER_TOKEN/],
  ["no token", async () => ({ token: "" }), /refuses the token/],
  [
    "a wrong path",
    async () => ({ url: new URL("/", server.url).href }),
    /no Jupyter interface under that path \(404.*whole base path/,
  ],
  [
    "a kernel that is not there",
    async () => ({ kernel: "julia" }),
    /no Python kernel named julia.*--kernel \(in code: server: \{ kernel \}\) with one of python3/,
  ],
] as const)("%s: said with what to do, before anything starts", async (_, wrong, words) => {
  const problem: unknown = await connect(await wrong()).catch((error: unknown) => error);
  expect(problem).toMatchObject({ code: "kernel-unavailable", message: expect.stringMatching(words) });
  expect(String(problem)).not.toMatch(/not-this-one|a-token-of-the-test/);
});

test("a workspace is a folder there; a child goes on in a copy", async () => {
  await using pool = await connect();
  const parent = await pool.lease({ recipe: [] }, { ...within(30_000), workspace: "a" });
  const recipe = await kept(parent, "open('f', 'w').write('parent')", "import random; random.seed(3)");
  await using child = await pool.lease({ recipe }, { ...within(30_000), workspace: "b" });
  expect(child.restored.tier).toBe("reuse");
  await run(child, "open('f', 'a').write(' and child')");
  expect(await value(child, "open('f').read()")).toBe("parent and child");
  const [mine = ""] = await readdir(join(server.root, "nbevolve-workspaces"));
  const there = join(server.root, "nbevolve-workspaces", mine);
  expect(await readFile(join(there, "a", "f"), "utf8")).toBe("parent");
  expect(await readFile(join(there, "b", "f"), "utf8")).toBe("parent and child");
  // Nothing of ours among the user's names.
  expect(await value(child, "[n for n in dir() if 'nbevolve' in n or n in ('modules', 'run')]")).toEqual([]);
  await using again = await pool.lease({ recipe: [] }, { ...within(30_000), workspace: "a" });
  expect(await value(again, "__import__('os').listdir()")).toEqual([]);
});

test("kernels are gone at the end; those of a pool that never ended, when the next one begins", async () => {
  const first = await connect();
  await first.lease({ recipe: [] }, { ...within(30_000), workspace: "a" });
  expect((await server.kernels()).length).toBeGreaterThan(0);
  const ledger = remoteLedger(join(root, "workspaces", ".remote-kernels.jsonl"));
  expect(ledger.left(server.url)).toEqual(expect.arrayContaining([...(await server.kernels())]));
  const stranger = await connect({}, "another-run");
  const lost = await server.kernels();
  const second = await connect();
  const now = await server.kernels();
  expect(now.filter((id) => ledger.left(server.url).includes(id))).toEqual([]);
  // Of another run nothing was touched.
  expect(now.filter((id) => lost.includes(id)).length).toBeLessThan(lost.length);
  for (const pool of [second, stranger, first]) await pool[Symbol.asyncDispose]();
  expect(await server.kernels()).toEqual([]);
  expect(await readFile(join(root, "workspaces", ".remote-kernels.jsonl"), "utf8")).toBe("");
});

test("a ledger that was torn in the middle of a line is read up to there", async () => {
  const file = join(root, "ledger");
  const before = remoteLedger(file);
  before.started("http://h/", "one");
  before.started("http://h/", "two");
  before.ended("http://h/", "one");
  await writeFile(file, `${await readFile(file, "utf8")}{"server":"http://h/","id":"thr`);
  const after = remoteLedger(file);
  expect([after.servers(), after.left("http://h/")]).toEqual([["http://h/"], ["two"]]);
});

test("a whole run by the command line: interrupted, killed, resumed; no kernel stays, no token is written", async () => {
  const task = join(root, "numbers.ipynb");
  await writeFile(task, numbersNotebook());
  const dir = join(root, "run");
  const env = { NBEVOLVE_SERVER_TOKEN: server.token };
  const args = ["--model", "openai:served", "--base-url", model.baseURL, "--server", server.url];
  const first = startCli(["run", task, ...args, "--proposals", "40", "--dir", dir], env);
  await expect.poll(() => first.stderr(), { timeout: 60_000 }).toMatch(/^b\d+ /m);
  first.process.kill("SIGKILL");
  await first.ended;
  expect(first.stderr()).toContain("NO SANDBOX OF NBEVOLVE'S");
  expect((await server.kernels()).length).toBeGreaterThan(0);
  const made = (await readFile(join(dir, "journal.jsonl"), "utf8")).match(/"proposal-made"/g)?.length ?? 0;
  const second = await runCli(["resume", dir, "--proposals", `${made}`, "--json"], env);
  expect(second.code, second.stderr).toBe(0);
  expect(await server.kernels()).toEqual([]);
  const third = startCli(["resume", dir, "--proposals", "60"], env);
  await expect.poll(async () => (await server.kernels()).length, { timeout: 30_000 }).toBeGreaterThan(0);
  third.process.kill("SIGINT");
  expect((await third.ended).code).toBe(130);
  expect(await server.kernels()).toEqual([]);
  for (const name of ["journal.jsonl", "run.db", "workspaces/.remote-kernels.jsonl"])
    expect((await readFile(join(dir, name))).includes(server.token)).toBe(false);
  expect(first.stderr() + second.stderr).not.toContain(server.token);
}, 180_000);

test("what a box would have to hold is refused", async () => {
  const run = startRun({
    ...{ task: numbersTask(), model: numbersModel(), dir: join(root, "refused") },
    ...{ server: { url: server.url, token: server.token }, allowNetwork: ["data.example"] },
  });
  await expect(run.done).rejects.toMatchObject({ code: "bad-option" });
});

// Last: nothing is there afterwards.
test("a server that goes away: the cell's kernel died, and the next one cannot be had", async () => {
  await using pool = await connect();
  await using lease = await pool.lease({ recipe: [] }, { ...within(30_000), workspace: "gone" });
  const cell = lease.execute("import time\ntime.sleep(60)", within(60_000));
  await server.kill();
  const { status, outputs } = await cell;
  expect([status, outputs.at(-1)]).toMatchObject(["died", { evalue: expect.stringContaining("connection") }]);
  await expect(pool.lease({ recipe: [] }, { ...within(30_000), workspace: "next" })).rejects.toMatchObject({
    code: "kernel-unavailable",
    message: expect.stringMatching(/Check the server at .*resume/),
  });
});
