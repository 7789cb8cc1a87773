// Owns: what a renderer or a tool of a user's own may answer, as schemas, and what is wrong with an answer in words.
import { z } from "zod";

const text = z.string();
const part = z.discriminatedUnion("type", [
  z.object({ type: z.literal("text"), text }),
  z.object({ type: z.literal("image"), mime: text, base64: text }),
]);
const content = z.array(part);
const cellId = text.regex(/^[\w-]{1,64}$/, "must have 1 to 64 letters, digits, _ or -");
const metadata = z.looseObject({
  nbevolve: z
    .looseObject({
      role: z.enum(["task", "plan", "summary", "note", "code"]),
      round: z.int().min(0),
    })
    .optional(),
});
const outputs = z.array(
  z.looseObject({ output_type: z.enum(["stream", "display_data", "execute_result", "error"]) }),
);
const cell = z.discriminatedUnion("cell_type", [
  z.looseObject({
    cell_type: z.literal("code"),
    ...{ id: cellId, source: text, metadata, outputs, execution_count: z.int().nullable() },
  }),
  z.looseObject({ cell_type: z.enum(["markdown", "raw"]), id: cellId, source: text, metadata }),
]);
const edit = z.discriminatedUnion("type", [
  z.object({ type: z.literal("cell-added"), cell, after: text.optional() }),
  z.object({ type: z.literal("cell-rewritten"), id: text, source: text }),
  z.object({
    type: z.literal("cell-ran"),
    ...{ id: text, outputs, status: z.enum(["ok", "error", "interrupted", "died"]), durationMs: z.number() },
  }),
  z.object({ type: z.literal("cell-dropped"), id: text }),
  z.object({ type: z.literal("cell-marked"), id: text, mark: z.looseObject({}) }),
]);
const metrics = z.record(text, z.number());
const score = z.discriminatedUnion("valid", [
  z.object({ valid: z.literal(true), fitness: z.number(), metrics, message: text }),
  z.object({ valid: z.literal(false), fitness: z.null(), metrics, message: text }),
]);

/** What a tool's `run` resolves to. */
export const TOOL_RESULT = z.object({
  content,
  isError: z.boolean(),
  edits: z.array(edit),
  score: score.optional(),
  remark: text.optional(),
  finished: z.boolean().optional(),
});

const call = z.looseObject({ id: text, tool: text });
const message = z.discriminatedUnion("role", [
  z.object({ role: z.enum(["system", "user"]), content }),
  z.object({ role: z.literal("assistant"), text, calls: z.array(call) }),
  z.object({ role: z.literal("tool"), callId: text, content, isError: z.boolean() }),
]);

/** What a renderer's `prompt` gives. */
export const PROMPT = z
  .object({ messages: z.array(message).min(1), breakpoints: z.array(z.int().min(0)).max(4) })
  .refine(
    ({ messages, breakpoints }) =>
      breakpoints.every((at, i) => at < messages.length && at > (breakpoints[i - 1] ?? -1)),
    { path: ["breakpoints"], error: "must be ascending indices of messages" },
  );

const MOST_FAULTS = 3;

/** What is wrong with the answer, by place; null when it fits. */
export function findAnswerFault(schema: z.ZodType, answer: unknown): string | null {
  const { success, error } = schema.safeParse(answer);
  if (success) return null;
  const { issues } = error;
  const faults = issues.slice(0, MOST_FAULTS).map(({ path, message: words }) => {
    const place = path.map((key) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`)).join("");
    return `${place === "" ? "it" : `\`${place.replace(/^\./, "")}\``}: ${words.replace(/^Invalid input: /, "")}`;
  });
  const more = issues.length - faults.length;
  return [...faults, ...(more > 0 ? [`and ${more} more faults`] : [])].join("; ");
}

/** Why the value cannot be written down as JSON and read again; null when it can. */
export function findJsonFault(value: unknown): string | null {
  try {
    return JSON.stringify(value) === undefined ? "it is no JSON value" : null;
  } catch (error) {
    return `it is no JSON value: ${error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error)}`;
  }
}
