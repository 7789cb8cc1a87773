// Owns: the flags that name a Jupyter server of somebody else's. Its token is read here and goes to that server alone.
import { env } from "node:process";
import type { Command } from "commander";
import type { RemoteOptions } from "../../kernels/remote/remote-address.ts";

export interface ServerFlags {
  readonly server?: string | undefined;
  readonly token?: string | undefined;
  readonly kernel?: string | undefined;
}

/** `about`: what naming a server does, as a sentence; `kernel`: which kernel spec is the default. */
export function addServerFlags(command: Command, about: string, kernel: string): void {
  command
    .option("--server <url>", about)
    .option(
      "--token <token>",
      "Token of that server. Better in NBEVOLVE_SERVER_TOKEN, which a list of processes does not show.",
    )
    .option("--kernel <name>", `Kernel spec to use on that server. Default: ${kernel}.`);
}

/** Undefined where no server is named: the run starts its own. */
export function serverFrom({ server, token, kernel }: ServerFlags): RemoteOptions | undefined {
  if (server === undefined) return undefined;
  return { url: server, token: token ?? env["NBEVOLVE_SERVER_TOKEN"] ?? env["JUPYTER_TOKEN"], kernel };
}
