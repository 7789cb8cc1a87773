// Owns: a `fetch` whose error replies all have OpenAI's shape, so that the client keeps what the server said.
// Servers answer `{ detail }`, `{ message }`, `[{ error }]`, HTML, or nothing, and the client would drop the words.
import type { Json } from "../../contracts/index.ts";
import { clip, isObject, listIn, parseJson, textIn } from "./wire/untrusted-json.ts";

/** Like the given `fetch`; a reply that is not 2xx gets the body `{ error: { message, ... } }`. */
export function withPlainErrors(fetch: typeof globalThis.fetch): typeof globalThis.fetch {
  return async (input, init) => {
    const response = await fetch(input, init);
    if (response.ok) return response;
    const text = await response.text().catch(() => "(the error's own text cannot be read)");
    const headers = new Headers(response.headers);
    for (const name of ["content-encoding", "content-length", "transfer-encoding"]) headers.delete(name);
    const body = JSON.stringify({ error: plainError(text) });
    return new Response(body, { status: response.status < 200 ? 500 : response.status, headers });
  };
}

/** The error object in a body of any shape; it always has a `message`. */
export function plainError(text: string): Json {
  const body = parseJson(text);
  if (body === undefined) return { message: describeText(text) };
  const outer = Array.isArray(body) ? listIn(body)[0] : body;
  const error = isObject(outer) && outer["error"] !== undefined ? outer["error"] : (outer ?? null);
  if (!isObject(error)) return { message: typeof error === "string" ? error : JSON.stringify(error) };
  const message = textIn(error["message"]) || textIn(error["detail"]) || JSON.stringify(error);
  const inner = providerWords(error);
  return { ...error, message: inner === "" ? message : `${message}: ${inner}` };
}

/** Routers put the words of the provider behind them into `metadata.raw`. */
function providerWords(error: { readonly [key: string]: Json }): string {
  const metadata = error["metadata"];
  return isObject(metadata) ? clip(textIn(metadata["raw"]), 300) : "";
}

/** One line about a text that is not JSON. */
export function describeText(text: string): string {
  if (text.trim() === "") return "no message";
  if (!/^\s*</.test(text)) return clip(text, 300);
  const title = /<(title|h1)[^>]*>([^<]*)</i.exec(text)?.[2] ?? "";
  return `an HTML page instead of JSON${title === "" ? "" : ` (${clip(title, 80)})`}`;
}
