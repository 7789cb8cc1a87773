// Owns: values of a mime bundle as text. nbformat allows lists of lines, and JSON where a type is JSON.

/** nbformat's multi-line strings joined, and JSON values as JSON. */
export function joined(value: unknown): string {
  if (typeof value === "string") return value;
  if (Array.isArray(value) && value.every((line) => typeof line === "string")) return value.join("");
  return JSON.stringify(value) ?? "";
}
