// A renderer and a tool from files of the user's own: run, resumed, and refused with the reason.
import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { rendererNamed, toolsFrom } from "../../src/run/parts/named-parts.ts";
import { notebookTools } from "../../src/environment/tools/index.ts";
import { modelServer, type ModelServer, type ServedReply } from "../../src/testing/model-server.ts";
import { shortRenderer } from "../support/short-renderer.ts";
import { runCli } from "../support/cli.ts";
import { readExample } from "../support/guide-examples.ts";
import { numbersNotebook } from "../support/numbers-notebook.ts";

const TOOL = await readExample("tools", "remind.mjs");

const RENDERER = shortRenderer("SHORT");

interface Body {
  readonly messages: readonly { readonly role: string; readonly content?: unknown }[];
  readonly tools: readonly { readonly function: { readonly name: string } }[];
  readonly tool_choice: unknown;
}

/** Looks for a note once a round, then ends it. */
function replyTo({ messages, tool_choice }: Body): ServedReply {
  const header = messages.findLastIndex(({ content }) => JSON.stringify(content ?? "").includes("SHORT"));
  if (tool_choice === "none") return { text: "I look for notes." };
  return messages.slice(header).some(({ role }) => role === "tool")
    ? { calls: [{ tool: "finish_round", arguments: { summary: "looked" } }] }
    : {
        calls: [
          { tool: "run_code", arguments: { source: "looked = True" } },
          { tool: "remind", arguments: { word: "jagged" } },
        ],
      };
}

let root = "";
let server: ModelServer;
const bodies: Body[] = [];
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "nbevolve-own-parts-"));
  await writeFile(join(root, "numbers.ipynb"), numbersNotebook());
  await writeFile(join(root, "remind.mjs"), TOOL);
  await writeFile(join(root, "short.mjs"), RENDERER);
  server = await modelServer({
    behaviour: ({ body }) => {
      // What our own client sent.
      const seen = body as unknown as Body;
      bodies.push(seen);
      return { type: "reply", reply: replyTo(seen) };
    },
  });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await rm(root, { recursive: true, force: true });
});

/** Every request offered the tool and came from the renderer, and the model read what the tool said. */
function checkRequests(): void {
  expect(bodies.length).toBeGreaterThan(1);
  for (const { tools, messages } of bodies.splice(0)) {
    expect(tools.map((tool) => tool.function.name)).toContain("remind");
    expect(JSON.stringify(messages)).toContain("SHORT Goal: ");
    if (messages.at(-1)?.role === "tool")
      expect(JSON.stringify(messages.at(-1))).toContain('No note contains \\"jagged\\".');
  }
}

test("a run with --renderer and --tool from files is resumed with both, from anywhere, while they are there", async () => {
  const dir = join(root, "run");
  const model = ["--model", "openai:served", "--base-url", server.baseURL];
  const args = ["run", "numbers.ipynb", ...model, "--dir", dir, "--proposals", "1"];
  const parts = ["--renderer", "./short.mjs", "--tool", "./remind.mjs", "--approve", "allow:remind"];
  const first = await runCli([...args, ...parts], {}, root);
  expect(first.code, first.stderr).toBe(0);
  checkRequests();
  const resumed = await runCli(["resume", dir, "--proposals", "2"]);
  expect(resumed.code, resumed.stderr).toBe(0);
  expect(resumed.stdout).toMatch(/^2 episodes, 0 failed/m);
  checkRequests();

  const shown = await runCli(["render", "numbers.ipynb", "--renderer", "./short.mjs"], {}, root);
  expect(shown.stdout).toContain("SHORT Round 1 of 1 on this branch.");
  const hint =
    'import tool from "./remind.mjs"; export default { ...tool, instructions: "remind finds notes" };';
  await writeFile(join(root, "hint.mjs"), hint);
  const withTool = await runCli(["render", "numbers.ipynb", "--tool", "./hint.mjs"], {}, root);
  expect(withTool.stdout).toContain("remind finds notes");
  const again = await runCli(["replay", dir, "--execute"]);
  expect(again.stdout).toMatch(/no difference\n$/);

  await rename(join(root, "remind.mjs"), join(root, "elsewhere.mjs"));
  for (const command of [
    ["resume", dir, "--proposals", "3"],
    ["replay", dir, "--execute"],
  ]) {
    const gone = await runCli(command);
    expect(gone.stderr).toMatch(/the tool .*remind\.mjs cannot be read: /);
    expect(gone.code).toBe(2);
  }
});

test("files that hold no such part are refused with what is wrong and what to do", async () => {
  const path = async (name: string, text: string): Promise<string> => {
    await writeFile(join(root, name), text);
    return join(root, name);
  };
  await expect(toolsFrom([await path("none.mjs", "export const helper = 1;")])).rejects.toThrow(
    /the tool .*none\.mjs exports no tool\. Export it as default, or as `tool`\./,
  );
  await expect(toolsFrom([await path("half.mjs", "export const tool = { name: 'h' };")])).rejects.toThrow(
    /half\.mjs exports an object that is no tool: `description` must be a text.*`run` must be a function/,
  );
  const named = (name: string): string =>
    `export default { name: "${name}", description: "d", parameters: {}, run: () => null };`;
  const spaced = await path("spaced.mjs", named("two words"));
  await expect(toolsFrom([spaced])).rejects.toThrow(
    /the tool .*spaced\.mjs cannot be offered to a model: its name is "two words"/,
  );
  const twins = await toolsFrom([await path("one.mjs", named("twin")), await path("two.mjs", named("twin"))]);
  expect(() => notebookTools({ submission: "x" }, twins)).toThrow(
    /two tools of the name twin \(.*one\.mjs and .*two\.mjs\): give each its own name/,
  );
  await expect(rendererNamed(await path("bad.mjs", "export default { name: 'b' };"))).rejects.toThrow(
    /the renderer .*bad\.mjs exports an object that is no renderer: `open` must be a function/,
  );
  await expect(rendererNamed("mine")).rejects.toThrow(
    /no renderer "mine"; there are log-structured, .*\.\/mine\.mjs/,
  );
});
