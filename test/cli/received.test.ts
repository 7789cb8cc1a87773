// A run directory of somebody else is data: what only its journal names is neither loaded nor sent anything to, until the
// user says so.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { JsonObject } from "../../src/contracts/index.ts";
import { openRunStore } from "../../src/store/index.ts";
import { runStarted } from "../../src/testing/conformance/journal-samples.ts";
import { runCli } from "../support/cli.ts";

const SECRETS = { OPENAI_API_KEY: "sk-secret-of-this-user", JUPYTER_TOKEN: "secret-token-of-this-user" };

let root = "";
let trap: Server;
let address = "";
const asked: string[] = [];
let runs = 0;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "nbevolve-received-"));
  trap = createServer((request, response) => {
    asked.push(`${request.method} ${request.url} ${JSON.stringify(request.headers)}`);
    response.writeHead(500).end();
  });
  await new Promise<void>((resolve) => void trap.listen(0, "127.0.0.1", resolve));
  address = `http://127.0.0.1:${(trap.address() as AddressInfo).port}`;
});
afterAll(() => {
  trap.close();
  rmSync(root, { recursive: true, force: true });
});

/** Its module leaves a mark when it is loaded. */
function codeFile(file: string): { readonly file: string; readonly mark: string } {
  const mark = `${file}.ran`;
  writeFileSync(
    file,
    `import { writeFileSync } from "node:fs"; writeFileSync(${JSON.stringify(mark)}, "x"); export default {};`,
  );
  return { file, mark };
}

/** A journal of one event with these settings. `by`: whose installation made it. */
async function runOf(
  settings: JsonObject,
  by: "us" | "them",
  dir = join(root, `run-${runs++}`),
): Promise<string> {
  if (by === "them") vi.stubEnv("NBEVOLVE_STATE", join(root, "theirs"));
  try {
    await using store = await openRunStore(dir, { mode: "write" });
    const { events, blobs } = runStarted();
    const named = {
      origin: { model: "offline" },
      strategy: { name: "tournament" },
      renderer: "plain",
      ...settings,
    };
    await store.append(
      events.map((event) => (event.type === "run-started" ? { ...event, settings: named } : event)),
      blobs,
    );
    return dir;
  } finally {
    vi.unstubAllEnvs();
  }
}

describe("resume refuses, and names it,", () => {
  const evil = (): string => codeFile(join(root, `evil-${runs}.mjs`)).file;
  const claims: readonly [string, (file: string) => JsonObject, string][] = [
    ["a strategy file", (file) => ({ origin: { model: "offline", strategy: file } }), "load the strategy"],
    ["a strategy whose name is a path", (file) => ({ strategy: { name: file } }), "load the strategy"],
    ["a renderer file", (file) => ({ origin: { model: "offline", renderer: file } }), "load the renderer"],
    ["a renderer whose name is a path", (file) => ({ renderer: file }), "load the renderer"],
    ["a tool", (file) => ({ origin: { model: "offline", tools: [file] } }), "load the tool"],
    [
      "an address of a model",
      () => ({ origin: { model: "m", baseUrl: `${address}/v1` } }),
      "send prompts and your API key to",
    ],
    [
      "an address of several models",
      () => ({ origin: { model: "bandit:a,b", baseUrl: `${address}/v1` } }),
      "send prompts and your API key to",
    ],
    ["a file with keys", (file) => ({ origin: { model: "m", envFile: file } }), "read keys from"],
    ["a Jupyter server", () => ({ origin: { model: "offline", server: address } }), "with your token, on"],
    ["packages", () => ({ packages: ["evil==1.0"] }), "install the packages evil==1.0"],
    ["another run's replies", () => ({ origin: { model: `recorded:${root}` } }), "read replies from"],
    [
      "a profile that is a path",
      () => ({ origin: { model: "m", profile: "/etc/passwd" } }),
      "read the profile",
    ],
  ];
  test.each(claims)("%s", async (_, settings, act) => {
    const file = evil();
    const dir = await runOf(settings(file), "them");
    asked.length = 0;
    const { code, stderr } = await runCli(["resume", dir], SECRETS);
    expect(code, stderr).toBe(2);
    expect(stderr).toContain(`${dir} was not made by this installation`);
    expect(stderr).toContain(act);
    expect(stderr).toContain("--trust");
    expect(existsSync(`${file}.ran`)).toBe(false);
    expect(asked).toEqual([]);
    expect(stderr).not.toContain("secret");
  });

  test("cells and a verifier without a sandbox, for every command that would run them", async () => {
    const dir = await runOf({}, "them");
    for (const words of [
      ["resume", dir],
      ["resume", dir, "--server", address],
    ]) {
      asked.length = 0;
      const { code, stderr } = await runCli([...words, "--sandbox", "off"], SECRETS);
      expect([code, stderr]).toEqual([2, expect.stringContaining("was not made by this installation")]);
      expect(asked).toEqual([]);
    }
  });
});

describe("replay", () => {
  test.each(["strategy", "tools"])("refuses %s of a received run", async (part) => {
    const { file, mark } = codeFile(join(root, `evil-${runs}.mjs`));
    const dir = await runOf({ origin: { [part]: part === "tools" ? [file] : file } }, "them");
    const { code, stderr } = await runCli(["replay", dir, "--execute"]);
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining(`load the ${part.replace("tools", "tool")} ${file}`),
    ]);
    expect(existsSync(mark)).toBe(false);
  });

  test("uses them with --trust, and where the run was made here", async () => {
    for (const [by, ...flags] of [["them", "--trust"], ["us"]] as const) {
      const { file, mark } = codeFile(join(root, `mine-${runs}.mjs`));
      const dir = await runOf({ origin: { strategy: file } }, by);
      const { stderr } = await runCli(["replay", dir, ...flags]);
      expect(stderr).toContain("exports no strategy");
      expect(existsSync(mark)).toBe(true);
    }
  });

  test.each(["as the journal names it", "through a link"])(
    "refuses code that lies in the run directory itself, whoever made the run, %s",
    async (how) => {
      const dir = join(root, `run-${runs++}`);
      const link = `${dir}-link`;
      mkdirSync(dir);
      symlinkSync(dir, link);
      const { file, mark } = codeFile(join(dir, "strategy.mjs"));
      const named = how === "through a link" ? join(link, "strategy.mjs") : file;
      await runOf({ origin: { strategy: named } }, "us", dir);
      const { code, stderr } = await runCli(["replay", dir]);
      expect([code, stderr]).toEqual([
        2,
        expect.stringContaining("names code that lies in the run directory itself"),
      ]);
      expect(existsSync(mark)).toBe(false);
    },
  );

  test("tells of a journal that was changed, and fails; show tells too", async () => {
    const dir = await runOf({}, "us");
    const whole = await runCli(["replay", dir]);
    expect([whole.code, whole.stdout]).toEqual([0, expect.stringContaining("each of its 1 events follows")]);
    const { sqliteEngine } = await import("../../src/store/sqlite.ts");
    const db = (await sqliteEngine())(join(dir, "run.db"));
    db.exec("update event set json = json_set(json, '$.seed', 8)");
    db.close();
    const changed = await runCli(["replay", dir]);
    expect([changed.code, changed.stdout]).toEqual([
      1,
      expect.stringContaining("CHANGED AFTER IT WAS WRITTEN: event 0"),
    ]);
    expect(JSON.parse((await runCli(["replay", dir, "--json"])).stdout).chain).toMatchObject({ brokenAt: 0 });
  });
});

test("what a flag names is the user's own word, and needs no trust", async () => {
  const theirs = "http://127.0.0.1:9/v1";
  const dir = await runOf({ origin: { model: "m", baseUrl: theirs, envFile: "/nowhere" } }, "them");
  const keys = join(root, "keys.env");
  writeFileSync(keys, "OPENAI_API_KEY=sk-of-a-file\n");
  const { stderr } = await runCli(
    ["resume", dir, "--base-url", `${address}/v1`, "--env-file", keys],
    SECRETS,
  );
  expect(stderr).not.toContain("was not made by this installation");
  expect(readFileSync(keys, "utf8")).toContain("sk-of-a-file");
});
