// Owns: the address of a Jupyter server as people paste it, and the token that may stand in it. Never opens a connection.
import { RunError } from "../../core/errors.ts";

export interface RemoteOptions {
  /** Of a Jupyter Server, a JupyterHub user's server (`https://hub/user/NAME/`) or an Enterprise Gateway. */
  readonly url: string;
  /** Never journalled nor shown. */
  readonly token?: string | undefined;
  /** Name of a kernel spec there. Default: the server's own default, if it is a Python. */
  readonly kernel?: string | undefined;
}

/** With the slash at the end, without token, page and fragment. @throws RunError `bad-option`. */
export function remoteAddress({ url, token }: RemoteOptions): {
  readonly base: string;
  readonly token: string;
} {
  const found = URL.canParse(url) ? new URL(url) : null;
  if (found === null || !/^https?:$/.test(found.protocol)) {
    // What was given may hold a token: it is not repeated.
    throw new RunError(
      "bad-option",
      "--server takes the address of a Jupyter server, such as http://host:8888/ or https://hub.example/user/NAME/",
    );
  }
  const path = found.pathname.replace(/\/(?:lab|tree|notebooks|doc|api)(?:\/.*)?$/, "/").replace(/\/*$/, "/");
  return { base: `${found.origin}${path}`, token: token ?? found.searchParams.get("token") ?? "" };
}
