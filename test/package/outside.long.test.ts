// Parts of one's own, each one short file outside of the package, from the installed tarball: docs/examples, and a shipped
// strategy copied out. They run from the library and from the command line.
// Long: the package is packed and installed, and two runs are made.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { modelServer, type ModelServer } from "../../src/testing/model-server.ts";
import { numbersNotebook } from "../support/numbers-notebook.ts";
import { testSandbox } from "../support/sandbox.ts";
import { packedProject, type PackedProject } from "./packed-project.ts";

const EXAMPLES = fileURLToPath(new URL("../../docs/examples/", import.meta.url));
const STRATEGY = "mu-plus-lambda.js";

/** A shipped strategy as somebody would copy it: the same file, with the package in place of our paths. */
const copyOf = (source: string): string =>
  `${source
    .replaceAll(/from "\.[^"]*"/g, 'from "nbevolve/strategies"')
    .replace(/^\/\/# sourceMappingURL=.*\n?/m, "")}export default muPlusLambda;\n`;

const LIBRARY = `import { openai, startRun } from "nbevolve";
import strategy from "./strategy.mjs";
import renderer from "./renderer.mjs";
import tool from "./tool.mjs";
const [, , baseURL, dir] = process.argv;
const parts = { strategy: strategy(), renderer: renderer(), tools: [tool] };
const model = openai({ model: "served", baseURL });
const run = startRun({ task: "numbers.ipynb", model, ...parts, dir, proposals: 2, parallel: 1, seed: 1, harness: "full", sandbox: "${testSandbox}" });
console.log(JSON.stringify(await run.done));
`;

/** Asks what the kernel holds, changes the numbers, and finishes. */
const server = (): Promise<ModelServer> =>
  modelServer({
    behaviour: ({ body }) => {
      const messages: readonly { readonly role?: string }[] = JSON.parse(JSON.stringify(body["messages"]));
      const header = messages.findLastIndex((message) => JSON.stringify(message).includes("Goal: maximize"));
      const done = messages.slice(header + 1).filter(({ role }) => role === "tool").length;
      const calls = [
        { tool: "variables", arguments: {} },
        { tool: "run_code", arguments: { source: "submission = [x + 0.01 for x in submission]" } },
        { tool: "finish_round", arguments: { summary: "grown" } },
      ][done];
      return {
        type: "reply",
        reply: calls && body["tool_choice"] !== "none" ? { calls: [calls] } : { text: "Grow." },
      };
    },
  });

describe("outside of the package", () => {
  let project: PackedProject;
  beforeAll(async () => {
    project = await packedProject();
    await project.write("numbers.ipynb", numbersNotebook());
    await project.write("library.mjs", LIBRARY);
    const shipped = join(project.dir, "node_modules/nbevolve/dist/strategies", STRATEGY);
    await project.write("strategy.mjs", copyOf(await readFile(shipped, "utf8")));
    for (const name of await readdir(EXAMPLES))
      await project.write(name, await readFile(join(EXAMPLES, name), "utf8"));
  });

  test("a strategy, a renderer, a tool and a reader are one file each of less than 40 lines", async () => {
    for (const name of ["strategy.mjs", "renderer.mjs", "tool.mjs", "reader.mjs"]) {
      const lines = (await readFile(join(project.dir, name), "utf8")).trimEnd().split("\n");
      expect(lines.length, name).toBeLessThan(40);
    }
  });

  test.each(["library", "command line"])("they run from the %s", async (way) => {
    await using model = await server();
    const dir = way.replace(" ", "-");
    const command =
      way === "library"
        ? [process.execPath, "library.mjs", model.baseURL, dir]
        : `npx --no-install nbevolve run numbers.ipynb --strategy ./strategy.mjs --renderer ./renderer.mjs --tool ./tool.mjs
           --model openai:served --base-url ${model.baseURL} --harness full --proposals 2 --parallel 1 --seed 1 --json --dir ${dir}`.split(
            /\s+/,
          );
    const { stdout } = await project.run(command[0] ?? "", command.slice(1), {
      ...process.env,
      OPENAI_API_KEY: "",
      NBEVOLVE_SANDBOX: testSandbox,
    });
    expect(JSON.parse(stdout)).toMatchObject({ episodes: 2, failures: 0 });
    const prompts = model.requests.map(({ body }) => JSON.stringify(body));
    // The tool is offered and answers; the renderer's folded lines are in the prompt.
    expect(prompts.at(-1)).toContain("Names and types of the kernel's variables.");
    expect(prompts.some((prompt) => prompt.includes("'submission': 'list'"))).toBe(true);
    expect(prompts.some((prompt) => /c\d+ \w+ \d+L[,:]/.test(prompt))).toBe(true);

    const read = await project.run(process.execPath, ["reader.mjs", dir]);
    expect(read.stdout).toMatch(
      /^founder: b0 0\.01\d*\np1: b1 0\.012\d*\np2: b\d 0\.01\d+\nbest: (?:b2 <- )?b1 <- b0\n$/,
    );
  });
});
