// Owns: where requests go and with which key: options, then the environment. Never shows a key to anyone.
import { RunError } from "../../core/errors.ts";

export const OPENAI_URL = "https://api.openai.com/v1";

/** Variables, such as `process.env` or those of a file. */
export type Environment = Readonly<Record<string, string | undefined>>;

export interface Endpoint {
  readonly baseURL: string;
  readonly apiKey: string;
  /** On this machine or in its own network: no key is needed there. */
  readonly isLocal: boolean;
  /** On this machine. */
  readonly isLoopback: boolean;
  /** Whose account it is; null for anybody but OpenAI. */
  readonly organization: string | null;
  readonly project: string | null;
  /** Sent with every request. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface EndpointOptions {
  readonly baseURL?: string;
  readonly apiKey?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A provider's own variable goes before OPENAI_API_KEY. */
const OWN_KEYS: Readonly<Record<string, string>> = {
  "api.anthropic.com": "ANTHROPIC_API_KEY",
  "generativelanguage.googleapis.com": "GEMINI_API_KEY",
  "api.deepseek.com": "DEEPSEEK_API_KEY",
  "openrouter.ai": "OPENROUTER_API_KEY",
};

/** @throws RunError `bad-option` for a base URL that is none; `model-refused` when a key is needed and missing. */
export function endpointOf(options: EndpointOptions, env: Environment): Endpoint {
  const baseURL = (options.baseURL ?? env["OPENAI_BASE_URL"]?.trim()) || OPENAI_URL;
  const url = parsedUrl(baseURL);
  const isLocal = isLocalHost(url.hostname);
  const own = OWN_KEYS[url.hostname];
  const variables = [...(own === undefined ? [] : [own]), "OPENAI_API_KEY"];
  const fromEnv = variables.map((name) => (env[name] ?? "").trim()).find((key) => key !== "");
  const apiKey = (options.apiKey ?? fromEnv ?? "").trim();
  if (apiKey === "" && !isLocal) {
    throw new RunError(
      "model-refused",
      `no API key for ${url.host}: set ${variables.join(" or ")}, or name a file of them with --env-file ` +
        "(in code: apiKey); for a model of your own give its base URL, and --model offline needs no key at all",
    );
  }
  // Whose account it is, is OpenAI's business alone.
  const account = baseURL === OPENAI_URL ? env : {};
  return {
    baseURL,
    apiKey: apiKey === "" ? "none" : apiKey,
    isLocal,
    isLoopback: isLoopbackHost(url.hostname),
    organization: account["OPENAI_ORG_ID"] ?? null,
    project: account["OPENAI_PROJECT_ID"] ?? null,
    headers: { ...headersIn(env["OPENAI_CUSTOM_HEADERS"] ?? ""), ...options.headers },
  };
}

/** One `Name: value` a line. */
function headersIn(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    text.split("\n").flatMap((line) => {
      const at = line.indexOf(":");
      return at < 1 ? [] : [[line.slice(0, at).trim(), line.slice(at + 1).trim()] as const];
    }),
  );
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
    isLoopbackHost(hostname) ||
    /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|169\.254\.)/.test(host) ||
    /^(f[cd][0-9a-f]{2}:|fe80:)/.test(host) ||
    /\.(local|internal|lan)$/.test(host) ||
    !/[.:]/.test(host)
  );
}

function isLoopbackHost(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, "");
  return /(^|\.)localhost$|^127\.|^0\.0\.0\.0$|^::1$/.test(host);
}

/** What no message may hold. */
export function secretsOf({ apiKey, headers, organization, project }: Endpoint): readonly string[] {
  const words = Object.values(headers).flatMap((value) =>
    value.split(/\s+/).filter((word) => word.length >= 8),
  );
  return [apiKey, ...Object.values(headers), ...words, organization ?? "", project ?? ""];
}

/** A function that takes the secrets out of a text. */
export function redactor(secrets: readonly string[]): (text: string) => string {
  // The longest first: one may hold another.
  const real = secrets.filter((secret) => secret.length >= 6).sort((a, b) => b.length - a.length);
  return (text) => real.reduce((left, secret) => left.replaceAll(secret, "[secret]"), text);
}
