// What does not keep forked kernels apart on a machine: how it is heard of, and told once for each server.
import { Readable } from "node:stream";
import { expect, test } from "vitest";
import { newDeferred } from "../../../src/core/deferred.ts";
import type { JupyterServer } from "../../../src/kernels/jupyter/contracts.ts";
import { ServerKeeper } from "../../../src/kernels/jupyter/server-keeper.ts";
import { readServerOutput } from "../../../src/kernels/jupyter/server-output.ts";
import type { KernelEvent } from "../../../src/kernels/kernel-options.ts";
import { reportNetwork } from "../../../src/run/session-notes.ts";

test.each([
  [0, /can read and write the files of and signal each other: this system has no Landlock\. --isolation/],
  [1, /can signal each other: Linux before 6\.12 cannot refuse that\. --isolation episode/],
  [5, /can signal each other: Linux before 6\.12/],
  [6, null],
  [7, null],
])("with Landlock %i", async (landlock, words) => {
  const said = [`{"landlock": ${landlock}}`, '{"port": 1, "pid": 2}', ""].join("\n");
  const output = readServerOutput(Readable.from([Buffer.from(said)], { objectMode: false }));
  await output.port;
  if (words === null) expect(output.gap()).toBeNull();
  else expect(output.gap()).toMatch(words);
});

const ended = { ended: "exit", status: 0, peakRssMb: null, message: "" } as const;

/** A server that runs until it is ended. */
function serverWith(gap: string | null): { readonly server: JupyterServer; readonly end: () => void } {
  let runs = true;
  const over = newDeferred<typeof ended>();
  const server = {
    gap,
    ended: over.promise,
    running: () => runs,
    [Symbol.asyncDispose]: async () => undefined,
  };
  const end = (): void => {
    runs = false;
    over.resolve(ended);
  };
  // As much of one as its keeper uses.
  return { server: server as unknown as JupyterServer, end };
}

test("a gap is an event of each server that has one, and a line of the run", async () => {
  const servers = [serverWith("what does not hold"), serverWith(null), serverWith("another")];
  const left = servers.map(({ server }) => server);
  const events: KernelEvent[] = [];
  const lines: string[] = [];
  using report = reportNetwork((line) => void lines.push(line));
  await using keeper = new ServerKeeper(
    async () => left.shift() ?? Promise.reject(new Error("no more")),
    (event) => {
      events.push(event);
      report.onEvent(event);
    },
  );
  for (const { server, end } of servers) {
    expect(await keeper.now()).toBe(server);
    expect(await keeper.now()).toBe(server);
    end();
  }
  const gaps = events.flatMap((event) => (event.type === "isolation-gap" ? [event.reason] : []));
  expect(gaps).toEqual(["what does not hold", "another"]);
  expect(lines).toEqual(["sandbox: what does not hold", "sandbox: another"]);
});
