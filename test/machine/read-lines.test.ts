import { spawn } from "node:child_process";
import { once } from "node:events";
import { Readable } from "node:stream";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readServerOutput } from "../../src/kernels/jupyter/server-output.ts";
import { readLines } from "../../src/machine/read-lines.ts";
import { testPython } from "../support/python.ts";

async function linesOf(bytes: Uint8Array, cuts: readonly number[], most: number): Promise<readonly string[]> {
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].toSorted((a, b) => a - b);
  const chunks = places.slice(1).map((place, index) => Buffer.from(bytes.subarray(places[index], place)));
  const lines: string[] = [];
  await readLines(Readable.from(chunks, { objectMode: false }), most, (line) => void lines.push(line));
  return lines;
}

/** The plain way, for texts that are short. */
function expectedLines(text: string, most: number): readonly string[] {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines.map((line) => line.slice(0, most).replace(/\r$/, ""));
}

describe("the lines of a stream", () => {
  const piece = fc.constantFrom("a", "bc", "\n", "\r\n", "\r", "é", "\u2028", "😀", " ");
  const text = fc.array(piece, { maxLength: 60 }).map((pieces) => pieces.join(""));

  it("are those of its text up to the bound, wherever it is cut into chunks", async () => {
    await fc.assert(
      fc.asyncProperty(text, fc.array(fc.nat()), fc.integer({ min: 1, max: 12 }), async (all, cuts, most) => {
        expect(await linesOf(Buffer.from(all), cuts, most)).toEqual(expectedLines(all, most));
      }),
    );
  });

  it("are kept no longer than the bound, of bytes that are no text too", async () => {
    const bytes = fc.uint8Array({ maxLength: 300 });
    await fc.assert(
      fc.asyncProperty(
        bytes,
        fc.array(fc.nat()),
        fc.integer({ min: 1, max: 40 }),
        async (all, cuts, most) => {
          const lines = await linesOf(all, cuts, most);
          const ends = all.filter((byte) => byte === 10).length;
          expect(lines.every((line) => line.length <= most)).toBe(true);
          expect(lines.length === ends || lines.length === ends + 1).toBe(true);
        },
      ),
    );
  });
});

/** More than a string of Node's can hold. */
it("a line of 600 MB of a server is no line, and the next one is heard", async () => {
  const source = `
import os
piece = b"x" * (1 << 20)
for _ in range(600):
    view = memoryview(piece)
    while view: view = view[os.write(1, view):]
os.write(1, b'\\n{"landlock": 0}\\n{"port": 7}\\n')`;
  const child = spawn(testPython, ["-I", "-S", "-c", source], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "close");
  const output = readServerOutput(child.stdout);
  expect(await output.port).toBe(7);
  expect(output.gap()).toContain("--isolation episode");
  await ended;
});
