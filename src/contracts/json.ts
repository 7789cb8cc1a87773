// Owns: values that JSON can carry. Types only.

/** A value that JSON can carry. Numbers are finite; `undefined` never appears. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject;
/** A JSON object. */
export interface JsonObject {
  readonly [key: string]: Json;
}
