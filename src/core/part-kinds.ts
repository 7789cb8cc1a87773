// Owns: what every part of a kind has, and what is wrong with a value that is to be one: it may be a user's own.
import type { LanguageModel, Renderer, Strategy, Task, Tool } from "../contracts/index.ts";

/** A kind of part by what every part of its kind has. */
export interface PartKind<T extends object> {
  /** As errors call it. */
  readonly name: string;
  readonly fields: { readonly [K in keyof T]?: FieldKind };
}

type FieldKind = "text" | "flag" | "object" | "function";

export const STRATEGY: PartKind<Strategy> = {
  name: "strategy",
  fields: { name: "text", settings: "object", start: "function", ask: "function", tell: "function" },
};
export const RENDERER: PartKind<Renderer> = {
  name: "renderer",
  fields: { name: "text", open: "function", append: "function", prompt: "function" },
};
export const TOOL: PartKind<Tool> = {
  name: "tool",
  fields: { name: "text", description: "text", parameters: "object", run: "function" },
};
export const MODEL: PartKind<LanguageModel> = {
  name: "language model",
  fields: { name: "text", seesImages: "flag", reply: "function" },
};
export const TASK: PartKind<Task> = {
  name: "task",
  fields: {
    ...{ name: "text", statement: "text", submission: "text" },
    ...{ founder: "object", verifier: "object", limits: "object" },
  },
};

const DEMANDS: Readonly<Record<FieldKind, string>> = {
  text: "must be a text that is not empty",
  flag: "must be true or false",
  object: "must be an object, {} for an empty one",
  function: "must be a function",
};

/** What is wrong with the value, in words that complete "it is no tool: ..."; null when it is one. */
export function findPartFault<T extends object>({ fields }: PartKind<T>, value: unknown): string | null {
  if (typeof value !== "object" || value === null) return "it must be an object";
  const known: Readonly<Record<string, FieldKind | undefined>> = fields;
  const faults = Object.entries(known).flatMap(([name, kind]) =>
    kind === undefined || fitsField(Reflect.get(value, name), kind) ? [] : [`\`${name}\` ${DEMANDS[kind]}`],
  );
  return faults.length === 0 ? null : faults.join("; ");
}

/** Whether the value is a part of the kind. */
export function isPart<T extends object>(kind: PartKind<T>, value: unknown): value is T {
  return findPartFault(kind, value) === null;
}

function fitsField(field: unknown, kind: FieldKind): boolean {
  if (kind === "text") return typeof field === "string" && field !== "";
  if (kind === "flag") return typeof field === "boolean";
  return kind === "object"
    ? typeof field === "object" && field !== null && !Array.isArray(field)
    : typeof field === "function";
}
