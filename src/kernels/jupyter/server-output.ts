// Owns: what our server reports on its stdout, one JSON object a line: its port, and how kernels ended by themselves.
// Never writes to it.
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import type { ExitStatus, JupyterServer } from "./contracts.ts";
import { parseJson, recordOf } from "../../core/untrusted.ts";

export interface ServerOutput extends Pick<JupyterServer, "onExit"> {
  /** The port on which it listens. Never rejects; never settles when the server does not get that far. */
  readonly port: Promise<number>;
}

export function readServerOutput(stdout: Readable | null): ServerOutput {
  const watchers = new Map<string, (status: ExitStatus, pid: number | null) => void>();
  const port = new Promise<number>((resolve) => {
    if (stdout === null) return;
    createInterface({ input: stdout }).on("line", (line) => {
      const said = recordOf(parseJson(line)); // Python itself may print something else while it starts
      if (typeof said["port"] === "number") resolve(said["port"]);
      if (typeof said["died"] !== "string") return;
      watchers.get(said["died"])?.(readStatus(said["status"]), pidOf(said["pid"]));
    });
  });
  return {
    port,
    onExit(kernelId, tell) {
      watchers.set(kernelId, tell);
      return () => watchers.delete(kernelId);
    },
  };
}

function readStatus(said: unknown): ExitStatus {
  return typeof said === "number" || said === "hung" ? said : null;
}

const pidOf = (said: unknown): number | null => (typeof said === "number" ? said : null);
