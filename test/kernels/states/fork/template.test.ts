import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { lineServer } from "../../../support/python.ts";

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

/** A template that comes to itself only after its fork has got ready and ended, as on a machine with other work. */
const SLOW_TEMPLATE = `
import json, os, sys
from nbevolve_fork import template, wire

def wait_for_end(pid, connection, counts):
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    return kid(pid, connection, counts)

kid, template.Kid = template.Kid, wait_for_end
for line in sys.stdin:
    path = json.loads(line)
    slow = template.Template(path)
    server = os.fork()
    if server == 0:
        wire.send(slow.serve().connection, {"ready": True})
        os._exit(0)
    slow.listener.close()
    connection = wire.connect(path, 600.0)
    wire.send(connection, {"op": "fork", "connection_file": "c", "cwd": "/", "env": {}})
    said = [wire.receive(connection) or {}, wire.receive(connection) or {}]
    os.kill(server, 9)
    os.waitpid(server, 0)
    print(json.dumps(said), flush=True)
`;

it.skipIf(process.platform !== "linux")("a fork's pid comes before its word that it is ready", async () => {
  const folder = await mkdtemp(join(tmpdir(), "nbe-test-"));
  const templates = lineServer(SLOW_TEMPLATE);
  try {
    expect(JSON.parse(await templates.ask(JSON.stringify(join(folder, "fork-0"))))).toEqual([
      { pid: expect.any(Number) },
      { ready: true },
    ]);
  } finally {
    await templates.end();
    await rm(folder, { recursive: true, force: true });
  }
});
