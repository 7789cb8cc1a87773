// Owns: `nbevolve ui`: the page of a run, or of the runs in a folder, until Ctrl-C.
import { once } from "node:events";
import { type Command, InvalidArgumentError } from "commander";
import { serveRuns } from "../../server/serve-runs.ts";
import { EXIT } from "../exit-codes.ts";
import { INTERRUPTED, listenForInterrupts } from "../interrupts.ts";
import { openInBrowser } from "../open-browser.ts";
import { print, printError } from "../terminal/screen.ts";

interface UiFlags {
  readonly port: number;
  readonly host: string;
  readonly open: boolean;
}

export function defineUiCommand(command: Command): void {
  command
    .argument("[dir]", "Run directory, or a folder with run directories.", "runs")
    .option("--port <n>", "Port to serve it on; 0 for any that is free.", readPort, 0)
    .option(
      "--host <address>",
      "Address to listen on. Others than this machine's own let whoever has the link see and stop runs.",
      "127.0.0.1",
    )
    .option("--no-open", "Print the link, and open no browser.")
    .action(async (dir: string, flags: UiFlags) => {
      process.exitCode = await serveUntilStopped(dir, flags);
    });
}

/** Resolves to the exit code once somebody stops it. @throws RunError. */
async function serveUntilStopped(dir: string, { port, host, open }: UiFlags): Promise<number> {
  const interrupts = listenForInterrupts(() => undefined);
  try {
    await using served = await serveRuns(dir, { port, host });
    if (!/^(?:127\.|::1$|localhost$)/.test(host))
      printError(
        `the page listens on ${host}: whoever reaches it and has the link sees these runs, and can steer and stop them`,
      );
    print(served.url);
    printError(
      "Ctrl-C ends it. The link is for you: whoever has it can see these runs, and steer and stop those that are live.",
    );
    if (open) openInBrowser(served.url);
    if (!interrupts.signal.aborted) await once(interrupts.signal, "abort");
    const cause = interrupts.cause();
    // Ctrl-C is how people leave it.
    return cause === null || cause === "SIGINT" ? EXIT.done : INTERRUPTED[cause];
  } finally {
    interrupts.release();
  }
}

function readPort(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw new InvalidArgumentError("It must be a whole number from 0 to 65535.");
}
