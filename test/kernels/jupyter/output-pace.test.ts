import * as fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { lineServer } from "../../support/python.ts";

/** Drives a Pace with a clock of ours: a line is `[limits, steps]`, a step is milliseconds to wait, or a message. */
const DRIVER = `
import json, sys
from nbevolve_kernel.output_pace import Limits, Pace

for line in sys.stdin:
    limits, steps = json.loads(line)
    now = [0.0]
    pace, out = Pace(Limits(**limits), lambda: now[0]), []
    for one in steps:
        if isinstance(one, (int, float)):
            now[0] += one / 1000
            if pace.waiting: out += pace.due()
        else:
            kind, content = one
            out += pace.take({"header": {"msg_type": kind}, "parent_header": {"msg_id": "p"}, "content": content, "metadata": {}})
    print(json.dumps([[m["header"]["msg_type"], m["content"], m["metadata"].get("nbevolve")] for m in out]), flush=True)
`;

/** A line is a message's content; so is the answer, within 100 characters of display and 50 of error. */
const BOUNDS = `
import json, sys
from nbevolve_kernel.message_bounds import bound_message

for line in sys.stdin:
    print(json.dumps(bound_message({"content": json.loads(line)}, 100, 50)["content"]), flush=True)
`;

it("no message is more than the connection can carry", async () => {
  const server = lineServer(BOUNDS);
  const bounded = async (content: unknown): Promise<unknown> =>
    JSON.parse(await server.ask(JSON.stringify(content)));
  const shown = { data: { "text/plain": "ok", "text/html": "x".repeat(98) }, metadata: {} };
  expect(await bounded(shown)).toEqual(shown);
  expect(await bounded({ data: { "text/plain": "ok", "text/html": "x".repeat(99) } })).toEqual({
    data: { "text/plain": "ok\n[text/html of 99 characters left out]" },
  });
  const failed = await bounded({
    ename: "E",
    evalue: "v".repeat(1000),
    traceback: ["t".repeat(40), "t".repeat(40)],
  });
  expect(failed).toMatchObject({
    ename: "E",
    evalue: expect.stringMatching(/^v{25}\n.* 950 characters .*\nv{25}$/),
  });
  expect(JSON.stringify(failed).length).toBeLessThan(300);
  await server.end();
});

type Sent = readonly [type: string, content: Record<string, unknown>];
type Out = readonly [type: string, content: Record<string, unknown>, ours: Record<string, number> | null];

const server = lineServer(DRIVER);
afterAll(() => server.end());

async function pace(
  steps: readonly (number | Sent)[],
  limits: Record<string, number> = {},
): Promise<readonly Out[]> {
  // Our own program printed it.
  return JSON.parse(await server.ask(JSON.stringify([limits, [...steps, IDLE]]))) as readonly Out[];
}

const IDLE: Sent = ["status", { execution_state: "idle" }];
const print = (text: string, name = "stdout"): Sent => ["stream", { name, text }];
const show = (value: number): Sent => ["display_data", { data: { "text/plain": `${value}` } }];
const update = (id: string, value: number): Sent => [
  "update_display_data",
  { data: { "text/plain": `${value}` }, transient: { display_id: id } },
];

describe("what a kernel shows", () => {
  it("loses nothing below its limits, keeps its order, and joins what comes in quick succession", async () => {
    const part = fc.oneof(
      fc
        .tuple(fc.string({ maxLength: 5 }), fc.constantFrom("stdout", "stderr"))
        .map(([text, name]) => print(text, name)),
      fc.integer({ min: 0, max: 9 }).map(show),
      fc.integer({ min: 0, max: 80 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(part), async (steps) => {
        const sent = steps.filter((one) => typeof one !== "number");
        const out = await pace(steps);
        // Both as one line: each print with its stream, neighbours of one stream joined.
        expect(flat(out)).toBe(flat([...sent, IDLE]));
        expect(out.length).toBeLessThanOrEqual(sent.length + 1);
      }),
      { numRuns: 200 },
    );
  });

  it("goes out at once when nothing came before, and every 50 ms at most", async () => {
    const steps = Array.from({ length: 100 }, (_, index) => [print(`${index};`), 1]).flat();
    const out = await pace(steps);
    expect(out[0]?.[1]).toEqual({ name: "stdout", text: "0;" });
    expect(out.length).toBeLessThan(110);
    const burst = await pace(Array.from({ length: 100 }, (_, index) => print(`${index};`)));
    expect(burst.map(([type]) => type)).toEqual(["stream", "stream", "status"]);
  });

  it("is only the last of many updates of one display", async () => {
    const steps = [
      10,
      show(1),
      ...Array.from({ length: 50 }, (_, index) => [update("a", index), update("b", -index)]).flat(),
    ];
    const out = await pace(steps);
    expect(out.map(([, content]) => content["data"])).toEqual([
      { "text/plain": "1" },
      { "text/plain": "49" },
      { "text/plain": "-49" },
      undefined,
    ]);
  });

  it("is cut in the middle beyond its limits, and counted", async () => {
    const limits = { text_chars: 20, tail_chars: 10, displays: 2 };
    const lines = Array.from({ length: 100 }, (_, index) => print(`${index}\n`));
    const [head, next, tail, idle] = await pace([...lines, ...[1, 2, 3, 4, 5].map(show)], limits);
    expect(`${String(head?.[1]["text"])}${String(next?.[1]["text"])}`).toBe("0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n");
    expect(tail).toEqual([
      "stream",
      { name: "stdout", text: "6\n97\n98\n99\n".slice(-10) },
      { lost_chars: 260, lost_lines: 86 },
    ]);
    expect(idle?.[0]).toBe("display_data");
    const all = await pace([1, 2, 3, 4, 5].map(show), limits);
    expect(all).toEqual([
      [...show(1), null],
      [...show(2), null],
      ["status", IDLE[1], { displays_left_out: 3 }],
    ]);
  });

  it("does not include comms, and tolerates what user code makes up", async () => {
    const out = await pace([
      ["comm_msg", { data: {} }],
      ["stream", {}],
      ["stream", { name: 1, text: 2 }],
      update("x", 1),
    ]);
    expect(out.map(([type]) => type)).toEqual(["stream", "stream", "update_display_data", "status"]);
  });
});

function flat(messages: readonly (Sent | Out)[]): string {
  const parts = messages.map(([type, content]) =>
    type === "stream"
      ? Array.from(String(content["text"]))
          .map((letter) => `${String(content["name"])}:${letter}`)
          .join(",")
      : JSON.stringify([type, content]),
  );
  return parts.filter((part) => part !== "").join(",");
}
