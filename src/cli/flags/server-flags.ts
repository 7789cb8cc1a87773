// Owns: the flags that name a Jupyter server that is not ours. Its token is read here and goes no further than to it.
import { env } from "node:process";
import type { RemoteOptions } from "../../kernels/remote/remote-address.ts";

export interface ServerFlags {
  readonly server?: string;
  readonly token?: string;
  readonly kernel?: string;
}

/** Undefined where no server is named: kernels are the run's own. */
export function serverFrom({ server, token, kernel }: ServerFlags): RemoteOptions | undefined {
  if (server === undefined) return undefined;
  const found = token ?? env["NBEVOLVE_SERVER_TOKEN"] ?? env["JUPYTER_TOKEN"];
  return {
    url: server,
    ...(found !== undefined && { token: found }),
    ...(kernel !== undefined && { kernel }),
  };
}
