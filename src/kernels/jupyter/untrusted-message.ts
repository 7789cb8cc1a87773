// Owns: reading a kernel's message as it may really be, whatever its type promises: user code can send anything.
// Never throws and never changes a value.

/** A message's content, of which nothing is known. */
export type Content = Readonly<Record<string, unknown>>;

/** The value, if it is an object; else an empty one. */
export function recordOf(value: unknown): Content {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
}

/** The value, if it is a text; else its JSON. */
export function textOf(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}

/** The value, if it is a positive whole number; else 0. */
export function countOf(value: unknown): number {
  return typeof value === "number" && Number.isSafeInteger(value) && value > 0 ? value : 0;
}

export function displayIdOf(content: Content): string | null {
  const id = recordOf(content["transient"])["display_id"];
  return typeof id === "string" ? id : null;
}
