// Owns: `nbevolve steer | inject | pause | unpause | stop`: what is sent to a run, and what the sender is told.
import { setTimeout as sleep } from "node:timers/promises";
import { injectNotebook, pauseRun, steerRun, stopRun, unpauseRun, type Sent } from "../../run/control.ts";
import { EXIT } from "../exit-codes.ts";

/** How long a live run is given to take a command before the sender is told that it is on its way. */
const PATIENCE_MS = 3000;
const LOOK_MS = 50;

export interface SteerFlags {
  readonly branch?: string;
  readonly proposals?: number;
}

/** Resolves to the exit code, as all of these. @throws RunError. */
export async function steer(dir: string, note: string, flags: SteerFlags): Promise<number> {
  const sent = await steerRun(dir, note, flags);
  const { proposals = 5, branch } = flags;
  const many = proposals === 1 ? "the next proposal" : `the next ${proposals} proposals`;
  const whom = `the model of ${many}${branch === undefined ? "" : ` below ${branch}`}`;
  return tell(dir, sent, `taken: it is told to ${whom}`);
}

export async function inject(dir: string, notebook: string): Promise<number> {
  return tell(
    dir,
    await injectNotebook(dir, notebook),
    "taken: it is being run and scored; nbevolve show tells",
  );
}

export async function pause(dir: string): Promise<number> {
  return told(dir, await pauseRun(dir), "paused: open episodes end, none begins until nbevolve unpause");
}

export async function unpause(dir: string): Promise<number> {
  return told(dir, await unpauseRun(dir), "unpaused");
}

export async function stop(dir: string): Promise<number> {
  return told(dir, await stopRun(dir), "stopping: open episodes end first; nbevolve resume goes on");
}

async function told(dir: string, sent: Sent | null, taken: string): Promise<number> {
  if (sent !== null) return tell(dir, sent, taken);
  process.stderr.write(`nobody is at work on ${dir}: there is nothing to pause or stop\n`);
  return EXIT.failed;
}

async function tell(dir: string, sent: Sent, taken: string): Promise<number> {
  const until = Date.now() + PATIENCE_MS;
  while (sent.isLive && sent.isWaiting() && Date.now() < until) await sleep(LOOK_MS);
  process.stdout.write(`${sent.isWaiting() ? waiting(dir, sent) : taken}\n`);
  return EXIT.done;
}

function waiting(dir: string, { isLive, command }: Sent): string {
  if (!isLive) return `kept: nobody is at work on ${dir}; nbevolve resume takes it up`;
  return command.kind === "inject"
    ? "kept: it is run as soon as an episode has ended and a kernel is free"
    : "kept: the run takes it up once it has started";
}
