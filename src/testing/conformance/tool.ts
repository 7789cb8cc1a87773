// Owns: the contract of a tool as tests, for the notebook's own and for users' own.
import { describe, expect, test } from "vitest";
import { applyEdits } from "../../core/notebook/notebook.ts";
import type { Notebook, Tool, ToolContext, ToolResult } from "../../contracts/index.ts";
import { fakeKernels } from "../fake-kernels.ts";
import { sampleNotebook } from "./renderer.ts";

/** Calls to try a tool with. */
export interface ToolSamples {
  /** Arguments of a call that the tool can carry out on `notebook`. */
  readonly arguments: unknown;
  /** What the tool works at. Default: a notebook of two cells that ran, `c2` and `c3`. */
  readonly notebook?: Notebook | undefined;
}

/** What a model may send where a schema asks for something else. */
const RUBBISH: readonly unknown[] = [
  null,
  undefined,
  "",
  "text",
  7,
  true,
  [],
  [{}],
  { "": null },
  { a: { b: [] } },
];

/** The contract: a name and a schema that providers take, results in place of exceptions, edits in place of changes. */
export function describeTool(make: () => Tool, samples: ToolSamples): void {
  describe(`the tool ${make().name}`, () => {
    const {
      notebook = sampleNotebook([
        { source: "x = 1", output: "" },
        { source: "x", output: "1\n" },
      ]),
    } = samples;
    const run = (args: unknown): Promise<ToolResult> => useTool(make(), args, notebook);

    test("has a name, a description and a JSON Schema of an object", () => {
      const { name, description, parameters } = make();
      expect(name).toMatch(/^[\w-]{1,64}$/);
      expect(description).not.toBe("");
      expect(parameters["type"]).toBe("object");
      expect(JSON.parse(JSON.stringify(parameters))).toEqual(parameters);
    });

    test("carries out the call of the sample, and leaves the notebook itself as it was", async () => {
      const before = JSON.stringify(notebook);
      const result = await run(samples.arguments);
      checkResult(result, notebook);
      expect(result.isError, wordsOf(result)).toBe(false);
      expect(JSON.stringify(notebook)).toBe(before);
    });

    if (requiresArguments(make()))
      test("says that a call without its required arguments was wrong", async () =>
        expect(await run({})).toMatchObject({ isError: true }));

    test.each(RUBBISH.map((args) => [JSON.stringify(args) ?? "nothing", args]))(
      "answers %s in place of arguments with a result",
      async (_, args) => checkResult(await run(args), notebook),
    );
  });
}

const requiresArguments = ({ parameters: { required } }: Tool): boolean =>
  Array.isArray(required) && required.length > 0;

async function useTool(tool: Tool, args: unknown, notebook: Notebook): Promise<ToolResult> {
  const { signal } = new AbortController();
  await using kernels = fakeKernels();
  await using kernel = await kernels.lease(
    { recipe: [] },
    { signal, workspace: "tool", timeoutMs: LIMITS.cellTimeoutMs },
  );
  const context: ToolContext = {
    notebook,
    kernel,
    round: 1,
    limits: LIMITS,
    seesImages: false,
    signal,
    score: async () => ({ valid: true, fitness: 1, metrics: { score: 1 }, message: "" }),
  };
  return await tool.run(args, context);
}

const LIMITS: ToolContext["limits"] = {
  turnsPerRound: 6,
  callsPerRound: 8,
  cellTimeoutMs: 1000,
  roundTimeoutMs: 60_000,
  tokensPerEpisode: 1_000_000,
  verifierTimeoutMs: 1000,
  verifierMemoryMb: 256,
  contextTokens: 4000,
};

/** Something to read, edits that the notebook takes, and nothing that JSON loses: results are journalled. */
function checkResult(result: ToolResult, notebook: Notebook): void {
  expect(result.content.length).toBeGreaterThan(0);
  if (result.isError) expect(wordsOf(result)).not.toBe("");
  applyEdits(notebook, result.edits);
  expect(JSON.parse(JSON.stringify(result))).toEqual(result);
}

function wordsOf({ content }: ToolResult): string {
  return content.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("\n");
}
