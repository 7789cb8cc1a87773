// Owns: reading the address of a Jupyter server as people paste it, with the token that may be in it. Never connects.
import { RunError } from "../../core/errors.ts";
import { OPTION, type OptionKinds } from "../../core/options.ts";
import { nameOption } from "../../core/shell-words.ts";

/** A Jupyter server that runs already. */
export interface RemoteOptions {
  /** The address of a Jupyter Server, a JupyterHub user's server (`https://hub/user/NAME/`) or an Enterprise Gateway. */
  readonly url: string;
  /** Never journalled and never shown. */
  readonly token?: string | undefined;
  /** Name of a kernel spec there. Default: the server's own default, if that is a Python kernel. */
  readonly kernel?: string | undefined;
}

export const REMOTE_OPTIONS: OptionKinds<RemoteOptions> = {
  url: OPTION.text,
  token: OPTION.any, // a secret: it is not shown
  kernel: OPTION.text,
};

/** `base` ends with a slash, and has no token, page or fragment. @throws RunError `bad-option`. */
export function remoteAddress({ url, token }: RemoteOptions): {
  readonly base: string;
  readonly token: string;
} {
  const found = URL.canParse(url) ? new URL(url) : null;
  if (found === null || !/^https?:$/.test(found.protocol)) {
    // The address may hold a token, so it is not repeated.
    throw new RunError(
      "bad-option",
      `${nameOption("--server", "server: { url }")} takes the address of a Jupyter server, such as http://host:8888/ or https://hub.example/user/NAME/`,
    );
  }
  const path = found.pathname
    .replace(/\/(?:lab|tree|notebooks|doc|api)(?:\/[^]*)?$/, "/")
    .replace(/(?<!\/)\/*$/, "/");
  return { base: `${found.origin}${path}`, token: token ?? found.searchParams.get("token") ?? "" };
}
