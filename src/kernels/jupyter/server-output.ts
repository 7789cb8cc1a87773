// Owns: what our server reports on its stdout, one JSON object a line: its port, and how kernels ended by themselves.
// Never writes to it.
import type { Readable } from "node:stream";
import type { ExitStatus, JupyterServer } from "./contracts.ts";
import { parseJson, recordOf } from "../../core/untrusted.ts";
import { readLines } from "../../machine/read-lines.ts";
import { nameOption } from "../../core/shell-words.ts";

export interface ServerOutput extends Pick<JupyterServer, "onExit"> {
  /** The port on which it listens. Never rejects; never settles when the server does not get that far. */
  readonly port: Promise<number>;
  /** What of the isolation of forked kernels does not hold on this machine, in words; null when all does, or nobody said. */
  gap(): string | null;
}

/** It says nothing that is longer. */
const MOST_CHARS = 10_000;

export function readServerOutput(stdout: Readable | null): ServerOutput {
  const watchers = new Map<string, (status: ExitStatus, pid: number | null) => void>();
  let gap: string | null = null;
  const port = new Promise<number>((resolve) => {
    if (stdout === null) return;
    const hear = (line: string): void => {
      const said = recordOf(parseJson(line)); // Python itself may print something else while it starts
      if (typeof said["landlock"] === "number") gap = forkGap(said["landlock"]);
      if (typeof said["port"] === "number") resolve(said["port"]);
      if (typeof said["died"] !== "string") return;
      watchers.get(said["died"])?.(readStatus(said["status"]), pidOf(said["pid"]));
    };
    // A pipe that breaks is the server's end, which is heard of otherwise.
    readLines(stdout, MOST_CHARS, hear).catch(() => undefined);
  });
  return {
    port,
    gap: () => gap,
    onExit(kernelId, tell) {
      watchers.set(kernelId, tell);
      return () => watchers.delete(kernelId);
    },
  };
}

const FIRST_WITH_FILES = 1;
/** Linux 6.12. */
const FIRST_WITH_SIGNALS = 6;

function forkGap(landlock: number): string | null {
  if (landlock >= FIRST_WITH_SIGNALS) return null;
  const files = landlock < FIRST_WITH_FILES ? "read and write the files of and " : "";
  return (
    `kernels that are forked from one another can ${files}signal each other: ` +
    `${files === "" ? "Linux before 6.12 cannot refuse that" : "this system has no Landlock"}. ${nameOption("--isolation episode", 'isolation: "episode"')} forks only from the founder`
  );
}

function readStatus(said: unknown): ExitStatus {
  return typeof said === "number" || said === "hung" ? said : null;
}

const pidOf = (said: unknown): number | null => (typeof said === "number" ? said : null);
