// Owns: running one command to its end for the scripts in this folder, Ctrl-C included. Never decides what to run.
import { spawn } from "node:child_process";
import { constants } from "node:os";

/** Thrown once the running command has ended after a signal; `exitCode` is what the script exits with. */
export class Interrupted extends Error {
  constructor(signal) {
    super(`interrupted by ${signal}`);
    this.exitCode = 128 + constants.signals[signal];
  }
}

/**
 * Runs a command and waits for it. `quiet`: its output is kept (the last 64 kB) instead of shown.
 * A terminal gives Ctrl-C to the command by itself; elsewhere the signal is passed on.
 * @returns {Promise<{ code: number, output: string }>} `code` 127 when it could not be started.
 */
export async function runChild(command, args, { cwd, env = process.env, quiet = false }) {
  const stdio = quiet ? ["ignore", "pipe", "pipe"] : ["ignore", "inherit", "inherit"];
  let child;
  let signalled = null;
  const pass = (signal) => {
    signalled = signal;
    if (signal !== "SIGINT" || !process.stdin.isTTY) child?.kill(signal);
  };
  // Before the command starts: it may run before this process goes on.
  process.on("SIGINT", pass).on("SIGTERM", pass);
  let output = "";
  const keep = (chunk) => (output = (output + chunk).slice(-65_536));
  try {
    child = spawn(command, args, { cwd, env, stdio });
    child.stdout?.on("data", keep);
    child.stderr?.on("data", keep);
    const code = await new Promise((resolve) => {
      child.once("error", (problem) => {
        keep(problem.message);
        resolve(127);
      });
      child.once("close", (status) => resolve(status ?? 1));
    });
    if (signalled) throw new Interrupted(signalled);
    return { code, output };
  } finally {
    process.off("SIGINT", pass).off("SIGTERM", pass);
  }
}

/** Seconds since a `performance.now()`, for people. */
export const secondsSince = (startedMs) => `${((performance.now() - startedMs) / 1000).toFixed(1)} s`;
