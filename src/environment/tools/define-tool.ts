// Owns: making a tool from a schema and a function; arguments that do not fit become results that the model reads.
import * as z from "zod";
import type { ToolContext, Edit, JsonObject, Part, Tool, ToolResult } from "../../contracts/index.ts";

/** A tool whose arguments are checked before `run` sees them. Keep descriptions short: they are sent with every call. */
export function defineTool<S extends z.ZodObject>(tool: {
  readonly name: string;
  readonly description: string;
  readonly parameters: S;
  readonly closesRound?: boolean | undefined;
  readonly codeParameter?: (string & keyof z.infer<S>) | undefined;
  readonly instructions?: string | undefined;
  run(args: z.infer<S>, context: ToolContext): ToolResult | Promise<ToolResult>;
}): Tool {
  return {
    name: tool.name,
    description: tool.description,
    parameters: schemaOf(tool.parameters),
    closesRound: tool.closesRound,
    codeParameter: tool.codeParameter,
    instructions: tool.instructions,
    async run(args, context) {
      const parsed = tool.parameters.safeParse(args ?? {});
      if (!parsed.success) return toolFailure(`${tool.name}: ${z.prettifyError(parsed.error)}`);
      return tool.run(parsed.data, context);
    },
  };
}

/** A result in words, with the edits that go with it. */
export function toolSuccess(
  text: string,
  edits: readonly Edit[] = [],
  images: readonly Part[] = [],
): ToolResult {
  return { content: [{ type: "text", text }, ...images], isError: false, edits };
}

/** A result that tells the model what was wrong. Nothing changes. */
export function toolFailure(text: string): ToolResult {
  return { content: [{ type: "text", text }], isError: true, edits: [] };
}

/** Sent with every call, and worth nothing there: what does not fit is refused with a reason when it is called. */
const LEFT_OUT = new Set(["additionalProperties", "minLength", "minItems", "minimum", "maximum"]);

function schemaOf(parameters: z.ZodObject): JsonObject {
  const { $schema: _, ...schema } = z.toJSONSchema(parameters, { io: "input" });
  return JSON.parse(JSON.stringify(schema, (key, value: unknown) => (LEFT_OUT.has(key) ? undefined : value)));
}
