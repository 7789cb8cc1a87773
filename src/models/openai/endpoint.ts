// Owns: where requests go and with which key: from options, then from environment variables. Never shows a key.
import { readFileSync } from "node:fs";
import { parseEnv } from "node:util";
import { messageOf, RunError } from "../../core/errors.ts";
import { decodeText } from "../../core/decode-text.ts";
import { nameOption } from "../../core/shell-words.ts";

const OPENAI_URL = "https://api.openai.com/v1";

/** Environment variables: `process.env`, or those of a file. */
export type Variables = Readonly<Record<string, string | undefined>>;

export interface Endpoint {
  readonly baseURL: string;
  readonly apiKey: string;
  /** Where the key came from: the variable, or `apiKey` for the option; empty where there is none. */
  readonly keyName: string;
  /** On this machine or in a private network: no key is needed. */
  readonly isLocal: boolean;
  /** On this machine. */
  readonly isLoopback: boolean;
  /** The account at OpenAI; null for any other provider. */
  readonly organization: string | null;
  readonly project: string | null;
  /** Sent with every request. */
  readonly headers: Readonly<Record<string, string>>;
  /** Those of the environment; null where it names none, and for a server on this machine. */
  readonly proxies: Proxies | null;
}

/** As in the variables of the same names; empty where there is none. */
export interface Proxies {
  readonly httpProxy: string;
  readonly httpsProxy: string;
  readonly noProxy: string;
}

export interface EndpointOptions {
  /** Default: OPENAI_BASE_URL, else OpenAI's own. */
  readonly baseURL?: string | undefined;
  /** Default: the provider's own variable (ANTHROPIC_API_KEY, ...), else OPENAI_API_KEY. A local endpoint needs none. */
  readonly apiKey?: string | undefined;
  /** Sent with every request, for gateways that require their own. Default: OPENAI_CUSTOM_HEADERS. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** A provider's own variable takes precedence over OPENAI_API_KEY. */
const OWN_KEYS: Readonly<Record<string, string>> = {
  "api.anthropic.com": "ANTHROPIC_API_KEY",
  "generativelanguage.googleapis.com": "GEMINI_API_KEY",
  "api.deepseek.com": "DEEPSEEK_API_KEY",
  "openrouter.ai": "OPENROUTER_API_KEY",
};

/** @throws RunError `bad-option` for an invalid base URL; `model-refused` when a key is needed and missing. */
export function endpointOf(options: EndpointOptions, env: Variables): Endpoint {
  const baseURL = (options.baseURL ?? env["OPENAI_BASE_URL"]?.trim()) || OPENAI_URL;
  const url = parseUrl(baseURL);
  const isLocal = isLocalHost(url.hostname);
  const own = OWN_KEYS[url.hostname];
  const variables = [...(own === undefined ? [] : [own]), "OPENAI_API_KEY"];
  const variable = variables.find((name) => (env[name] ?? "").trim() !== "") ?? "";
  const apiKey = (options.apiKey ?? env[variable] ?? "").trim();
  if (apiKey === "" && !isLocal) {
    throw new RunError(
      "model-refused",
      `no API key for ${url.host}: set ${variables.join(" or ")}, or name a file that sets it with ${nameOption("--env-file", "apiKey")}. ` +
        `For a server of your own give its base URL; ${nameOption("--model offline", "offline()")} needs no key at all`,
    );
  }
  // The account is sent to OpenAI alone.
  const account = baseURL === OPENAI_URL ? env : {};
  return {
    baseURL,
    apiKey: apiKey === "" ? "none" : apiKey,
    keyName: apiKey === "" ? "" : options.apiKey === undefined ? variable : "apiKey",
    isLocal,
    isLoopback: isLoopbackHost(url.hostname),
    proxies: isLoopbackHost(url.hostname) ? null : proxiesIn(env),
    organization: account["OPENAI_ORG_ID"] ?? null,
    project: account["OPENAI_PROJECT_ID"] ?? null,
    headers: { ...parseHeaders(env["OPENAI_CUSTOM_HEADERS"] ?? ""), ...options.headers },
  };
}

/** Small letters come first, as in curl. @throws RunError `bad-option`, which does not show the address: it may hold a password. */
function proxiesIn(env: Variables): Proxies | null {
  const valueOf = (name: string): string => (env[name] ?? env[name.toUpperCase()] ?? "").trim();
  const addressOf = (name: string): string => {
    const address = valueOf(name);
    if (address === "" || isWebAddress(address)) return address;
    // Without its scheme, as curl takes it.
    if (!address.includes("://") && isWebAddress(`http://${address}`)) return `http://${address}`;
    throw new RunError(
      "bad-option",
      `${name}: requests to models go through a proxy with an http or https address, and this is none; mend it, or take it out of the environment`,
    );
  };
  const [httpProxy, httpsProxy] = [addressOf("http_proxy"), addressOf("https_proxy")];
  return httpProxy + httpsProxy === "" ? null : { httpProxy, httpsProxy, noProxy: valueOf("no_proxy") };
}

function isWebAddress(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}

/** Which proxy a request to the endpoint goes through, without the user and password in its address. */
export function describeProxy({ baseURL, proxies }: Pick<Endpoint, "baseURL" | "proxies">): string {
  if (proxies === null) return "";
  const { httpProxy, httpsProxy, noProxy } = proxies;
  const address = baseURL.startsWith("https:") ? httpsProxy || httpProxy : httpProxy;
  if (address === "") return "";
  const kept = noProxy === "" ? "" : `, but for hosts in NO_PROXY (${noProxy})`;
  return `the proxy ${new URL(address).host} that the environment names${kept}`;
}

/** One `Name: value` on each line. */
function parseHeaders(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    text.split("\n").flatMap((line) => {
      const at = line.indexOf(":");
      return at < 1 ? [] : [[line.slice(0, at).trim(), line.slice(at + 1).trim()] as const];
    }),
  );
}

function parseUrl(baseURL: string): URL {
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

/** What no message may contain. */
export function secretsOf({ apiKey, headers, organization, project, proxies }: Endpoint): readonly string[] {
  const passwords = [proxies?.httpProxy ?? "", proxies?.httpsProxy ?? ""].flatMap((address) => {
    const password = address === "" ? "" : new URL(address).password;
    return [password, decodeURIComponent(password)];
  });
  const words = Object.values(headers).flatMap((value) =>
    value.split(/\s+/).filter((word) => word.length >= 8),
  );
  return [apiKey, ...Object.values(headers), ...words, organization ?? "", project ?? "", ...passwords];
}

/** A function that removes the secrets from a text. */
export function createRedactor(secrets: readonly string[]): (text: string) => string {
  // The longest first: one may contain another.
  const real = secrets.filter((secret) => secret.length >= 6).sort((a, b) => b.length - a.length);
  return (text) => real.reduce((left, secret) => left.replaceAll(secret, "[secret]"), text);
}

/** The file's variables before the given ones; they never enter `process.env`, so that no child process inherits them. */
export function withEnvFile(file: string | undefined, variables: Variables): Variables {
  return file === undefined ? variables : { ...variables, ...readEnvFile(file) };
}

/** @throws RunError `bad-option`, which shows no line of the file. */
function readEnvFile(file: string): Variables {
  let text: string;
  try {
    text = decodeText(readFileSync(file));
  } catch (cause) {
    throw new RunError("bad-option", `--env-file ${file} cannot be read: ${messageOf(cause)}`, { cause });
  }
  const variables = parseEnv(text);
  if (Object.keys(variables).length === 0)
    throw new RunError("bad-option", `--env-file ${file} sets no variable: write NAME=value lines`);
  return Object.fromEntries(Object.entries(variables));
}
