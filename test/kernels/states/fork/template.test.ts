import { expect, it } from "vitest";
import { lineServer } from "../../../support/python.ts";

const HEAD = `
import json, os, socket, sys
from nbevolve_boxes import wire
from nbevolve_fork import template

def ask(keeper, name):
    """Asks for a fork; the end on which the answers come."""
    near, far = wire.pair()
    near.setblocking(True)
    control, its_control = wire.pair()
    with far, its_control:
        wire.send(keeper, {"connection": {}, "cwd": "/", "name": name}, [far.fileno(), its_control.fileno()])
    return near

def hear(end):
    packet = wire.receive(end)
    return None if packet is None else packet.content
`;

/** A line is the error that the system gives instead of a fork. */
const REFUSED = `${HEAD}
for line in sys.stdin:
    keeper, its_end = wire.pair()
    keeper.setblocking(True)
    frozen = template.Template(its_end)
    said = [hear(keeper)]
    def fork(words=json.loads(line)): raise OSError(11, words)
    os.fork, kept = fork, os.fork
    answers = ask(keeper, "a")
    frozen.answer(wire.receive(frozen.control))
    said.append(hear(answers))
    os.fork = kept
    keeper.close()
    frozen.answer(wire.receive(frozen.control))
    print(json.dumps([*said, hear(answers), frozen.control is None]), flush=True)
`;

it.skipIf(process.platform !== "linux")(
  "a template says why it does not fork, and gives up with its keeper",
  async () => {
    const templates = lineServer(REFUSED);
    try {
      const words = "Resource temporarily unavailable";
      expect(JSON.parse(await templates.ask(JSON.stringify(words)))).toEqual([
        { frozen: true },
        { reason: `BlockingIOError: [Errno 11] ${words}` },
        null,
        true,
      ]);
    } finally {
      await templates.end();
    }
  },
);

/** A template that comes to itself only after its fork has ended, as on a machine with other work. */
const SLOW_TEMPLATE = `${HEAD}
def wait_for_end(pid, connection, counts):
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    return kid(pid, connection, counts)

kid, template.Kid = template.Kid, wait_for_end
for line in sys.stdin:
    keeper, its_end = wire.pair()
    keeper.setblocking(True)
    frozen = os.fork()
    if frozen == 0:
        keeper.close()
        template.Template(its_end).serve()
        os._exit(3)
    its_end.close()
    hear(keeper)
    answers = ask(keeper, "a")
    said = [wire.receive(answers), wire.receive(answers)]
    keeper.close()
    _, status = os.waitpid(frozen, 0)
    print(json.dumps([*(packet.content for packet in said), said[0].pid != frozen, status]), flush=True)
`;

it.skipIf(process.platform !== "linux")(
  "a fork speaks for itself, before its template says how it ended",
  async () => {
    const templates = lineServer(SLOW_TEMPLATE);
    try {
      expect(JSON.parse(await templates.ask("1"))).toEqual([
        { forked: true },
        { exit: 3, hung: false },
        true,
        0,
      ]);
    } finally {
      await templates.end();
    }
  },
);
