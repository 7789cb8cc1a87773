// Owns: what a person does on the page, as commands to the run. Nothing else of the server changes a run.
import * as z from "zod";
import { messageOf } from "../core/errors.ts";
import { parseNotebook } from "../core/notebook/load-notebook.ts";
import { injectNotebook, pauseRun, steerRun, stopRun, unpauseRun, type Sent } from "../run/control.ts";
import type { ActionAnswer, PageAction } from "../contracts/index.ts";

/** Letters of a note: more is no note. */
const MOST_LETTERS = 20_000;

const ACTION: z.ZodType<PageAction> = z.discriminatedUnion("do", [
  z.strictObject({
    do: z.literal("steer"),
    note: z.string().max(MOST_LETTERS),
    branch: z.string().max(100).nullable(),
    proposals: z.int().min(1).max(1_000_000),
  }),
  z.strictObject({ do: z.literal("inject"), notebook: z.string() }),
  z.strictObject({ do: z.enum(["pause", "unpause", "stop"]) }),
  z.strictObject({
    do: z.literal("answer"),
    id: z.string().max(100),
    allow: z.boolean(),
    reason: z.string().max(MOST_LETTERS),
  }),
]);

/** Null for what is no action. */
export function readAction(value: unknown): PageAction | null {
  return ACTION.safeParse(value).data ?? null;
}

/** Carries it out. Never throws: what is wrong with it is the answer. */
export async function act(dir: string, action: PageAction): Promise<ActionAnswer> {
  try {
    return await carryOut(dir, action);
  } catch (problem) {
    return { ok: false, text: messageOf(problem) };
  }
}

const NOBODY: ActionAnswer = {
  ok: false,
  text: "No process is at work on the run: there is nothing to do this to.",
};

async function carryOut(dir: string, action: PageAction): Promise<ActionAnswer> {
  switch (action.do) {
    case "steer": {
      const { note, branch, proposals } = action;
      return answerSent(
        await steerRun(dir, note, { proposals, ...(branch !== null && { branch }) }),
        "The note",
      );
    }
    case "inject":
      return answerSent(
        await injectNotebook(dir, parseNotebook(action.notebook, "the notebook")),
        "The notebook",
      );
    case "pause":
      return answerSession(await pauseRun(dir), "No further episode begins; those that are open end.");
    case "unpause":
      return answerSession(await unpauseRun(dir), "The run goes on.");
    case "stop":
      return answerSession(await stopRun(dir), "The run stops once its open episodes have ended.");
    case "answer":
      return { ok: false, text: "Nobody waits for this answer any more." };
  }
}

function answerSent({ isLive }: Sent, what: string): ActionAnswer {
  return { ok: true, text: isLive ? `${what} is on its way.` : `${what} waits until the run is resumed.` };
}

function answerSession(command: Sent | null, text: string): ActionAnswer {
  return command === null ? NOBODY : { ok: true, text };
}
