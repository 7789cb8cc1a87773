// Owns: where requests go and with which key: options, then the environment. Never shows a key to anyone.
import { RunError } from "../core/errors.ts";

export const OPENAI_URL = "https://api.openai.com/v1";

export interface Endpoint {
  readonly baseURL: string;
  readonly apiKey: string;
  /** On this machine or in its own network: no key is needed there. */
  readonly isLocal: boolean;
}

/** @throws RunError `bad-option` for a base URL that is none; `model-refused` when a key is needed and missing. */
export function endpointOf(
  options: { readonly baseURL?: string; readonly apiKey?: string },
  env: Readonly<Record<string, string | undefined>>,
): Endpoint {
  const baseURL = (options.baseURL ?? env["OPENAI_BASE_URL"]?.trim()) || OPENAI_URL;
  const url = parsedUrl(baseURL);
  const isLocal = isLocalHost(url.hostname);
  const apiKey = (options.apiKey ?? env["OPENAI_API_KEY"] ?? "").trim();
  if (apiKey === "" && !isLocal) {
    throw new RunError(
      "model-refused",
      `no API key for ${url.host}: set OPENAI_API_KEY (or pass apiKey); ` +
        "for a model of your own give its base URL, and --model offline needs no key at all",
    );
  }
  return { baseURL, apiKey: apiKey === "" ? "none" : apiKey, isLocal };
}

function parsedUrl(baseURL: string): URL {
  const url = URL.canParse(baseURL) ? new URL(baseURL) : null;
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== "" || url.password !== "") {
    // The text itself is not repeated: it may hold a password.
    throw new RunError(
      "bad-option",
      `the model's base URL must be a plain http(s) address without a user or password, like ${OPENAI_URL}`,
    );
  }
  return url;
}

function isLocalHost(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, "");
  return (
    host === "localhost" ||
    /^(127\.|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|169\.254\.|0\.0\.0\.0$)/.test(host) ||
    /^(::1$|f[cd][0-9a-f]{2}:|fe80:)/.test(host) ||
    /\.(local|localhost|internal|lan)$/.test(host) ||
    !/[.:]/.test(host)
  );
}

/** A function that takes the secrets out of a text. */
export function redactor(secrets: readonly string[]): (text: string) => string {
  const real = secrets.filter((secret) => secret.length >= 6);
  return (text) => real.reduce((left, secret) => left.replaceAll(secret, "[secret]"), text);
}
