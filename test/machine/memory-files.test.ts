// What files in a box's memory take: those of the box alone, wherever they lie, and nothing of the machine's while a box is made.
import { afterAll, describe, expect, it } from "vitest";
import { lineServer } from "../support/python.ts";
import { noSandbox } from "../support/sandbox.ts";

// Answers a line with the arguments of a box: what its files take, in bytes, once it says that it is ready; or, for a number,
// the most that files took at any look while that many boxes were made, and how many looks there were.
const python = lineServer(`
import json, os, subprocess, sys, threading
from nbevolve_guard import memory_files, process_tree

def box(*arguments, command=("/bin/true",), **more):
    return subprocess.Popen(["bwrap", "--unshare-all", "--die-with-parent", "--dev-bind", "/", "/", *arguments, "--", *command], **more)

def bytes_now():
    return sum(taken for _, taken in memory_files.boxes_of(process_tree.descendants()))

def make(count):
    for _ in range(count): box("--tmpfs", "/dev/shm", "--tmpfs", "/tmp").wait()

for line in sys.stdin:
    asked = json.loads(line)
    if isinstance(asked, int):
        maker = threading.Thread(target=make, args=(asked,))
        maker.start()
        looks = []
        while maker.is_alive(): looks.append(bytes_now())
        print(json.dumps([max(looks), len(looks)]), flush=True)
        continue
    script = "import os\\nfor path in %r: open(path, 'wb').write(bytes(3 << 20))\\nprint(flush=True); input()" % asked["write"]
    one = box(*asked["arguments"], command=(sys.executable, "-c", script), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    one.stdout.readline()
    print(json.dumps(bytes_now()), flush=True)
    one.communicate(b"\\n")
`);
afterAll(() => python.end());
const ask = async (question: unknown): Promise<unknown> =>
  JSON.parse(await python.ask(JSON.stringify(question)));

const MB = 2 ** 20;

describe.skipIf(noSandbox !== null)("files in a box's memory", () => {
  it.each([
    { name: "a file", arguments: ["--tmpfs", "/tmp"], write: ["/tmp/x"], megabytes: 3 },
    {
      name: "files in several folders",
      arguments: ["--tmpfs", "/tmp", "--tmpfs", "/dev/shm", "--tmpfs", "/mnt"],
      write: ["/tmp/x", "/tmp/y", "/dev/shm/x", "/mnt/x"],
      megabytes: 12,
    },
    {
      name: "a file in a folder with a space and a backslash in its name",
      arguments: ["--tmpfs", "/tmp", "--tmpfs", "/tmp/a \\ b"],
      write: ["/tmp/a \\ b/x"],
      megabytes: 3,
    },
    {
      name: "a file where another folder of the box lies above",
      arguments: ["--tmpfs", "/tmp", "--tmpfs", "/mnt", "--bind", "/mnt", "/tmp"],
      write: ["/mnt/x"],
      megabytes: 3,
    },
    { name: "none", arguments: [], write: [], megabytes: 0 },
    {
      name: "none in the machine's memory",
      arguments: ["--bind", "/dev/shm", "/tmp"],
      write: [],
      megabytes: 0,
    },
    { name: "none on the machine's disk", arguments: ["--bind", "/usr", "/tmp"], write: [], megabytes: 0 },
  ])("$name", async ({ arguments: list, write, megabytes }) => {
    const bytes = Number(await ask({ arguments: list, write }));
    expect(Math.floor(bytes / MB)).toBe(megabytes);
  });

  it("none of the machine's while boxes are made", async () => {
    const [most, looks] = (await ask(100)) as [number, number];
    expect(looks).toBeGreaterThan(0);
    expect(most).toBeLessThan(MB);
  });
});
