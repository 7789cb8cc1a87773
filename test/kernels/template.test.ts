import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { lineServer } from "../support/python.ts";

/** A line is where a template is to listen, and what it is asked, one request a connection; the answers, and what its silence means then. */
const PROGRAM = `
import json, sys
from nbevolve_fork import provisioner, wire
from nbevolve_fork.template import Template

def answers(path, *requests):
    template = Template(path)
    asking = [wire.connect(path, 5.0) for _ in requests]
    for connection, request in zip(asking, requests):
        connection.sendall(request.encode() + b"\\n")
    while template.listener is not None:
        template.answer(template.listener.accept()[0])
    return [wire.receive(connection) for connection in asking], provisioner.explain_silence(path)

for line in sys.stdin:
    print(json.dumps(answers(*json.loads(line))), flush=True)
`;

it.skipIf(process.platform !== "linux")("a template says why it does not fork", async () => {
  const folder = await mkdtemp(join(tmpdir(), "nbe-test-"));
  const templates = lineServer(PROGRAM);
  try {
    const fork = JSON.stringify({ op: "fork", connection_file: "c", cwd: "/" });
    const line = JSON.stringify([join(folder, "fork-0"), "[]", JSON.stringify({ op: "end" }), fork]);
    expect(JSON.parse(await templates.ask(line))).toEqual([
      [
        { reason: "ValueError: a message is not an object" },
        {},
        { reason: "it was given up in that very moment" },
      ],
      "it ended (No such file or directory)",
    ]);
  } finally {
    await templates.end();
    await rm(folder, { recursive: true });
  }
});
