// Commands of people for a run on fakes.
import { newDeferred } from "../../src/core/deferred.ts";
import { codeCell, emptyNotebook } from "../../src/core/notebook/notebook.ts";
import type { Inbox, RunCommand } from "../../src/contracts/index.ts";

export function memoryInbox(commands: readonly RunCommand[] = []) {
  let left = commands;
  let news = newDeferred();
  const inbox: Inbox = {
    pending: () => left,
    news: () => news.promise,
    done: async ({ id }) => {
      left = left.filter((command) => command.id !== id);
    },
  };
  return {
    ...inbox,
    send(command: RunCommand) {
      left = [...left, command];
      news.resolve();
      news = newDeferred();
    },
  };
}

/** A notebook with these sources, as JSON. */
export function notebookText(...sources: readonly string[]): string {
  const cells = sources.map((source, i) => codeCell(`x${i}`, source, { role: "code", round: 4 }));
  return JSON.stringify({ ...emptyNotebook(), cells });
}
