// Owns: reading the errors that servers send, in any shape and wording, as a `ModelFailure`.
import { APIConnectionError, APIError } from "openai";
import { errorCode, messageOf } from "../../../core/errors.ts";
import type { Json, JsonObject } from "../../../contracts/index.ts";
import { NOT_SENT } from "../own-origin.ts";
import { ModelFailure, type FailureKind, type TroubleCause } from "../../signals/failure.ts";
import {
  clipLine,
  countOf,
  isJsonObject,
  listOf,
  recordOf,
  parseJson,
  stringOf,
} from "../../../core/untrusted.ts";

/** The failure that anything thrown by an attempt stands for. `now`: our date, for a retry-after that is a date, where the server does not say its own. */
export function classifyFailure(thrown: unknown, now: number): ModelFailure {
  if (thrown instanceof ModelFailure) return thrown;
  if (thrown instanceof APIConnectionError) {
    const message = rootMessage(thrown);
    // fetch never connects to certain ports, whatever listens there.
    if (message === "bad port")
      return new ModelFailure("refused", "fetch blocks this port", { trouble: "bad-port" });
    return new ModelFailure("unreachable", message, { trouble: connectionTrouble(thrown, message) });
  }
  if (thrown instanceof APIError && thrown.status !== undefined) {
    const error = recordOf(thrown.error as Json | undefined);
    return failureOf(thrown.status, error, readRetryAfterMs(thrown.headers as Headers | undefined, now));
  }
  const message = rootMessage(thrown);
  return new ModelFailure(BROKEN_ENCODING.test(message) ? "garbled" : "cut", message);
}

const BROKEN_ENCODING =
  /header check|zlib|gzip|brotli|decompress|invalid (block|code|distance|stored|window)/i;

/** The failure that an error inside a reply with status 200 stands for. */
export function readReplyError(error: Json): ModelFailure {
  const body = isJsonObject(error)
    ? error
    : { message: typeof error === "string" ? error : JSON.stringify(error) };
  const status = [countOf(body["code"]), countOf(body["status"])].find(
    (n) => n !== null && n >= 400 && n < 600,
  );
  return failureOf(status ?? null, body, null);
}

/** `status` null: only the error object says what happened. */
function failureOf(status: number | null, error: JsonObject, retryAfterMs: number | null): ModelFailure {
  const words = stringOf(error["message"]) || JSON.stringify(error);
  const code = [error["code"], error["type"], error["status"]].map(stringOf).join(" ");
  const message = `${status === null ? "the reply is an error" : status}: ${clipLine(words, 400)}`;
  const all = `${code} ${words}`.toLowerCase();
  const kind = kindOf(status, all, stringOf(error["param"]));
  const trouble = kind === "refused" ? refusalTrouble(status, all) : LOADING.test(all) ? "loading" : "other";
  const windowTokens = kind === "too-long" ? windowIn(error, words) : null;
  const parameter = stringOf(error["param"]);
  return new ModelFailure(kind, message, { retryAfterMs, parameter, windowTokens, trouble });
}

const BAD_KEY = /api[ _-]?key|unauthorized|authenticat|bearer|\btoken\b/;
const BAD_NAME = /\bmodels?\b|model[_ ]not[_ ]|no endpoints found/;

/** What a server refuses, by its status and its words, in small letters. */
function refusalTrouble(status: number | null, words: string): TroubleCause {
  if (words.includes(NOT_SENT)) return "redirect";
  if (status === 407) return "proxy";
  if (status === 402 || (status !== 401 && NO_CREDIT.test(words))) return "credit";
  if (status === 401 || (status !== 403 && status !== 404 && BAD_KEY.test(words))) return "key";
  if (status === 403) return "forbidden";
  if (BAD_NAME.test(words) && !words.includes(PAGE)) return "model-name";
  return status === 404 || status === 405 ? "address" : "forbidden";
}

const CERTIFICATE = /cert|self.signed|unable_to_verify|err_tls|altname/i;
const NO_HTTPS = /wrong version number|packet length too long|eproto|err_ssl|ssl routines/i;

/** Why no connection came about: by the codes of the system and of TLS, in the error and its causes, and by their words. */
function connectionTrouble(thrown: unknown, message: string): TroubleCause {
  const codes: string[] = [];
  for (let at = thrown; at instanceof Error && codes.length < 8; at = at.cause) {
    const inner: readonly unknown[] = at instanceof AggregateError ? at.errors : [];
    codes.push(...[at, ...inner.slice(0, 4)].map((one) => errorCode(one) ?? ""));
  }
  const words = `${codes.join(" ")} ${message}`;
  if (/ENOTFOUND|EAI_AGAIN|EAI_FAIL/.test(words)) return "unknown-host";
  if (/ECONNREFUSED/.test(words)) return "closed-port";
  if (/proxy/i.test(words)) return "proxy";
  if (CERTIFICATE.test(words)) return "certificate";
  if (NO_HTTPS.test(words)) return "no-https";
  return /UND_ERR_CONNECT_TIMEOUT|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH/.test(words) ? "no-connection" : "other";
}

/** "maximum context length is 8192 tokens", "9000 tokens > 8192 maximum", "the limit of 8192": the wording of servers. */
const WINDOW_PATTERNS = [
  /maximum (?:context|model|input|prompt)[^.\d]{0,40}?([\d,]{3,})/i,
  /(?<![\d,])([\d,]{3,})(?: tokens?)? (?:is the )?maximum/i,
  /(?:context (?:length|window|size)|max_model_len|limit|up to|at most)[^.\d]{0,40}?([\d,]{3,})/i,
  /maximum[^.\d]{0,40}?([\d,]{3,})/i,
];

/** The context window that the server states; llama.cpp's server states it in a field. */
function windowIn(error: JsonObject, words: string): number | null {
  const digits = WINDOW_PATTERNS.map((one) => one.exec(words)?.[1]).find((match) => match !== undefined);
  const stated = digits === undefined ? null : Number(digits.replaceAll(",", ""));
  return countOf(error["n_ctx"]) ?? stated;
}

const TOO_LONG =
  /context[_ ](length|window)|maximum context|too many tokens|prompt is too long|input (is )?too long|request too large|max.{0,20}input tokens|token count.{0,40}exceeds/;
/** The same in words that leave no doubt, whatever the status: a server may fail over it, and a stream may have begun. */
const OVER_WINDOW =
  /exceed(s|ed)? .{0,40}context|context[_ ](size|length|window) (has been|was|is) exceeded|exceed_context_size|max_(completion_)?tokens must be at least 1, got -|greater than the context length/;
const FILTERED =
  /content[_ ]filter|content[_ ]management|content_policy|responsible ?ai|\bsafety\b|moderation|flagged/;
const NO_CREDIT = /insufficient[_ ]quota|billing|credit|payment required|exceeded your current quota/;
/** What the server or the model cannot do, whatever the status. */
const CANNOT =
  /unsupported|(not|n't) (currently |yet )?(be )?(support|enabled|accept|take\b)|only support|requires? --|param requires|must alternate|not a (multi-?modal|vision)|missing data required for image|at most 0 image/;
/** How a template says that it takes one form of ids alone. */
export const ID_REFUSED = /call ids? should be|call id was .{0,200}but must be/i;
/** How a server says that a message needs words, if empty ones. */
export const NULL_REFUSED =
  /content.{0,40}(<nil>|got null|must be a string)|"content"\].{0,60}valid string|concatenate str \(not "nonetype"/i;
/** What a request may not hold: clear enough where the status says that the request is at fault. */
const UNSUPPORTED =
  /unknown (parameter|name|field|variant)|unrecogni[sz]ed|unexpected (keyword|field)|extra (inputs|fields)|not (permitted|allowed|available)|did not match any variant|only the default|alternat|must be (at the beginning|the first)|no endpoints found that support|(invalid|inputs? should be).{0,30}(role|tool_choice)|invalid reasoning/;
const REFUSED =
  /api key not valid|not a valid model|model.{0,60}(not found|does not exist)|invalid.{0,12}api[_ ]?key|incorrect api key|unauthorized|authentication|permission[_ ]denied|model[_ ]not[_ ](found|exist)|invalid model\b/;

/** llama.cpp's server, where a model breaks its own format of calls: the same seed would break it again. */
const UNREADABLE = /model produced output that does not match|failed to parse (input|output) at pos/;

/** llama.cpp, TGI: minutes, for a large model. Nobody is there to answer yet. */
const LOADING = /loading (the )?model|model .{0,100}is (currently |still )?(being )?load(ing|ed)/;

function kindOf(status: number | null, words: string, parameter: string): FailureKind {
  if (status === 413 || (status !== 429 && isTooLong(status, words))) return "too-long";
  if (status === 429)
    return NO_CREDIT.test(words) && !/rate|per minute|try again/.test(words) ? "refused" : "rate-limited";
  if (status === 408 || status === 409 || status === 425) return "busy";
  if (isClientError(status) && FILTERED.test(words)) return "filtered";
  if (status === 401 || status === 402 || (isClientError(status) && REFUSED.test(words))) return "refused";
  if (isUnsupported(status, words, parameter)) return "unsupported";
  if (status === 403 || status === 404 || status === 405 || status === 407) return "refused";
  if (status === null && /rate[_ ]limit|too many requests/.test(words)) return "rate-limited";
  if (status !== null && status < 500) return "bad-request";
  if (status === 503 && LOADING.test(words)) return "unreachable";
  return UNREADABLE.test(words) ? "empty" : "busy";
}

function isTooLong(status: number | null, words: string): boolean {
  return OVER_WINDOW.test(words) || (isClientError(status) && TOO_LONG.test(words));
}

/** Servers refuse what they cannot do with any status, 500 and a stream that has begun included. */
function isUnsupported(status: number | null, words: string, parameter: string): boolean {
  if (status === 403) return false;
  if ((status === 400 || status === 422) && parameter !== "") return true;
  const isRequestsFault = status !== null && (status < 500 || status === 501);
  return CANNOT.test(words) || refusesCalls(words) || (isRequestsFault && UNSUPPORTED.test(words));
}

function refusesCalls(words: string): boolean {
  return ID_REFUSED.test(words) || NULL_REFUSED.test(words);
}

function isClientError(status: number | null): boolean {
  return status === null || (status >= 400 && status < 500);
}

/** The date by the server's clock, as it says; ours may be set otherwise. */
function dateOf(headers: Headers | undefined, now: number): number {
  const date = Date.parse(headers?.get("date") ?? "");
  return Number.isFinite(date) ? date : now;
}

/** How long the server asked us to wait: `retry-after-ms`, or `retry-after` in seconds or as a date. */
function readRetryAfterMs(headers: Headers | undefined, now: number): number | null {
  const ms = Number(headers?.get("retry-after-ms") ?? Number.NaN);
  if (Number.isFinite(ms) && ms >= 0) return ms;
  const text = headers?.get("retry-after") ?? "";
  if (text === "") return null;
  const wait = Number.isFinite(Number(text)) ? Number(text) * 1000 : Date.parse(text) - dateOf(headers, now);
  return Number.isFinite(wait) ? Math.max(0, wait) : null;
}

/** The words of OpenSSL, among numbers and places in its sources. */
const TLS_WORDS = /^[0-9A-F]{1,20}:error:[0-9A-F]{1,20}:[^:]{1,40}:[^:]{1,60}:([^:]{1,80}):/;

/** The messages of the error and its causes; "fetch failed" alone explains nothing. */
function rootMessage(thrown: unknown): string {
  const words = new Set<string>();
  for (let at = thrown; at instanceof Error && words.size < 4; at = at.cause)
    words.add(at.message || at.name);
  const specific = [...words]
    .filter((word) => !/^(connection error\.|fetch failed)$/i.test(word))
    .map((word) => TLS_WORDS.exec(word)?.[1] ?? word);
  return clipLine((specific.length > 0 ? specific : [...words]).join(": ") || messageOf(thrown), 300);
}

/**
 * Like the given `fetch`, but the body of a reply that is not 2xx becomes `{ error: { message, ... } }`, because the
 * client drops what a server says in any other shape: `{ detail }`, `{ message }`, `[{ error }]`, HTML, or nothing.
 */
export function withPlainErrors(fetch: typeof globalThis.fetch): typeof globalThis.fetch {
  return async (input, init) => {
    const response = await fetch(input, init);
    if (response.ok) return response;
    const text = await readBeginning(response).catch(() => "(the body of the error cannot be read)");
    const headers = new Headers(response.headers);
    for (const name of ["content-encoding", "content-length", "transfer-encoding"]) headers.delete(name);
    const body = JSON.stringify({ error: toPlainError(text) });
    return new Response(body, { status: response.status < 200 ? 500 : response.status, headers });
  };
}

/** An error is a few words: of a longer body the beginning is read, and the rest is not waited for. */
const MOST_ERROR_BYTES = 1 << 20;

async function readBeginning({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > MOST_ERROR_BYTES) break;
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** The error object in a body of any shape; it always has a `message`. */
function toPlainError(text: string): Json {
  const body = parseJson(text);
  if (body === undefined) return { message: describeText(text) };
  const outer = Array.isArray(body) ? listOf(body)[0] : body;
  const error = isJsonObject(outer) && outer["error"] !== undefined ? outer["error"] : (outer ?? null);
  if (!isJsonObject(error)) return { message: typeof error === "string" ? error : JSON.stringify(error) };
  const message = stringOf(error["message"]) || stringOf(error["detail"]) || JSON.stringify(error);
  const inner = providerMessage(error);
  return { ...error, message: inner === "" ? message : `${message}: ${inner}` };
}

/** Routers put the message of the provider behind them into `metadata.raw`. */
function providerMessage(error: { readonly [key: string]: Json }): string {
  const metadata = error["metadata"];
  return isJsonObject(metadata) ? clipLine(stringOf(metadata["raw"]), 300) : "";
}

const PAGE = "an html page instead of json";

/** One line that describes a text that is not JSON. */
export function describeText(text: string): string {
  if (text.trim() === "") return "no message";
  if (!/^\s*</.test(text)) return clipLine(text, 300);
  const title = /<(title|h1)[^<>]*>([^<]*)</i.exec(text)?.[2] ?? "";
  return `an HTML page instead of JSON${title === "" ? "" : ` (${clipLine(title, 80)})`}`;
}
