// Owns: the errors that stop a run because of its model's server: what is wrong, and the one thing to do about it.
// The words of servers are strangers', clipped to one line before they come here.
import { RunError, type WrongWord } from "../../../core/errors.ts";
import { clipLine } from "../../../core/untrusted.ts";
import type { ModelFailure, TroubleCause } from "../../signals/failure.ts";
import { describeProxy, type Endpoint } from "../endpoint.ts";
import { meantAddress, meantName, servedNames } from "./served-names.ts";
import { nameOption } from "../../../core/shell-words.ts";

/** What a refusal is about, and what to do. */
interface Refusal {
  /** Follows the base URL. */
  readonly what: string;
  readonly remedy: string;
  readonly wrongWord?: WrongWord;
}

/** Names that fit a line. */
const SHOWN = 8;

/** For a server that refuses every request. Asks it for its models where the name or the address is wrong. */
export async function refusedError(
  model: string,
  endpoint: Endpoint,
  failure: ModelFailure,
  signal: AbortSignal,
): Promise<RunError> {
  const refuse = REFUSALS[failure.trouble] ?? notAllowed;
  const { what, remedy, wrongWord } = await refuse({ model, endpoint, key: keyWords(endpoint), signal });
  const message = `${endpoint.baseURL} ${what}: ${failure.message}${remedy === "" ? "" : ` (${remedy})`}`;
  return new RunError("model-refused", message, wrongWord === undefined ? {} : { wrongWord });
}

/** What a refusal may depend on. `key`: the key in words. */
interface Asked {
  readonly model: string;
  readonly endpoint: Endpoint;
  readonly key: string;
  readonly signal: AbortSignal;
}

const REFUSALS: Partial<Record<TroubleCause, (asked: Asked) => Refusal | Promise<Refusal>>> = {
  key: ({ endpoint: { keyName }, key }) =>
    keyName === ""
      ? {
          what: "asks for a key, and none is set",
          remedy: `set OPENAI_API_KEY, or name a file that sets it with ${nameOption("--env-file", "apiKey")}`,
        }
      : {
          what: `refuses ${key}`,
          remedy: `give it a key of this server${keyName === "apiKey" ? "" : `: in that variable, or in a file named with ${nameOption("--env-file", "apiKey")}`}`,
        },
  credit: ({ key }) => ({
    what: `has no credit left for ${key}`,
    remedy: "top up the account, or use another key",
  }),
  "model-name": async ({ model, endpoint, signal }) =>
    nameRefusal(model, (await servedNames(endpoint, signal)) ?? []),
  address: async ({ endpoint, signal }) => addressRefusal(endpoint, await meantAddress(endpoint, signal)),
  redirect: () => ({ what: "is not where the model answers", remedy: "" }),
  "bad-port": ({ endpoint: { baseURL } }) => ({
    what: `cannot be reached at port ${new URL(baseURL).port}`,
    remedy: "have the server listen on another port",
  }),
  proxy: ({ endpoint }) => ({
    what: "is not reached",
    remedy: `the proxy asks for a user and a password: check ${proxyOf(endpoint)}`,
  }),
};

function notAllowed({ model, key }: Asked): Refusal {
  return {
    what: `does not let ${key} use the model ${clipLine(model, 120)}`,
    remedy: "give the account access to the model, or name another model or key",
  };
}

function keyWords({ keyName }: Endpoint): string {
  if (keyName === "") return "this account";
  return keyName === "apiKey" ? "the key given as apiKey" : `the key in ${keyName}`;
}

function addressRefusal({ baseURL }: Endpoint, right: string | null): Refusal {
  const hint = /\/v1\/?$/.test(baseURL) ? "" : ": that of most servers ends in /v1";
  return {
    what: "is not the address of a model's API",
    remedy:
      right === null
        ? `check the base URL${hint}`
        : `did you mean ${nameOption(`--base-url ${right}`, "baseURL")}?`,
    wrongWord: { option: "base-url", word: baseURL, right },
  };
}

function nameRefusal(model: string, names: readonly string[]): Refusal {
  const right = meantName(model, names);
  const more = names.length > SHOWN ? `, and ${names.length - SHOWN} more` : "";
  const list = names.length === 0 ? "" : `it has ${names.slice(0, SHOWN).join(", ")}${more}`;
  const meant = right === null ? "" : `did you mean ${nameOption(`--model ${right}`, "model")}?`;
  return {
    what: `has no model ${clipLine(model, 120)}`,
    remedy: right === null ? (list === "" ? "check the name; the server lists none" : list) : meant,
    wrongWord: { option: "model", word: model, right },
  };
}

function proxyOf(endpoint: Endpoint): string {
  return describeProxy(endpoint) || "the proxy that the environment names";
}

/** For a server from which no answer comes. */
export function unreachableError(endpoint: Endpoint, { message, trouble }: ModelFailure): RunError {
  const isProxied = describeProxy(endpoint) !== "" && trouble !== "loading";
  const remedy = isProxied
    ? `check the base URL, and ${proxyOf(endpoint)}`
    : trouble === "closed-port" && endpoint.isLoopback
      ? "nothing listens there: start the model's server, or give the base URL where it listens"
      : trouble === "certificate"
        ? certificateRemedy(message)
        : UNREACHED[trouble];
  return new RunError(
    "model-unreachable",
    `no answer from ${endpoint.baseURL}: ${message} (${remedy ?? NO_NETWORK})`,
  );
}

function certificateRemedy(message: string): string {
  if (/expired|not yet valid/i.test(message))
    return "the server needs a new certificate, unless the clock of this machine is wrong";
  if (/altname|does not match/i.test(message))
    return "its certificate is another host's: check the host in the base URL";
  return "its certificate is not trusted here: name the file of its authority in NODE_EXTRA_CA_CERTS";
}

const NO_NETWORK =
  "check the network and the base URL; a proxy is used where https_proxy or http_proxy names one";

const UNREACHED: Partial<Record<TroubleCause, string>> = {
  "unknown-host": "no such host is known: check the base URL for a slip, and the network",
  "closed-port": "nothing listens there: check the port of the base URL, and that the server runs",
  "no-https": "it speaks no HTTPS: give a base URL that begins with http:",
  "no-connection": "the host does not answer: check the base URL, and any firewall or VPN on the way",
  loading: "go on when the server has loaded its model",
};
