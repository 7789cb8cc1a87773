// A chain of requests that somebody else wrote: it ends, it is linear, and what is no request is said to be none.
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readRequest } from "../../src/loop/turn-journal.ts";

const BASE = { version: 1, breakpoints: [], toolChoice: "auto", seed: 1 };

function readerOf(blobs: Readonly<Record<string, unknown>>) {
  return {
    readBlob: async (hash: string) =>
      new TextEncoder().encode(typeof blobs[hash] === "string" ? blobs[hash] : JSON.stringify(blobs[hash])),
  };
}

const message = (n: number) => ({ role: "user", content: [{ type: "text", text: String(n) }] });

describe("a chain of requests of a stranger", () => {
  test.each([
    ["itself", { a: { ...BASE, before: "a", kept: 0, messages: [], tools: null } }],
    [
      "a circle",
      {
        a: { ...BASE, before: "b", kept: 0, messages: [], tools: null },
        b: { ...BASE, before: "a", kept: 0, messages: [], tools: null },
      },
    ],
    ["text", { a: "no JSON" }],
    ["a list", { a: [] }],
    ["messages that are no list", { a: { ...BASE, before: null, kept: 0, messages: 3, tools: null } }],
    ["a negative beginning", { a: { ...BASE, before: null, kept: -1, messages: [], tools: [] } }],
  ])("%s is refused", async (_, blobs: Readonly<Record<string, unknown>>) => {
    await expect(readRequest(readerOf(blobs), "a")).rejects.toMatchObject({ code: "run-corrupt" });
  });

  test("keeps of those before what it says", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ kept: fc.nat(12), added: fc.nat(4) }), { minLength: 1, maxLength: 12 }),
        async (steps) => {
          let expected: unknown[] = [];
          const blobs: Record<string, unknown> = {};
          for (const [at, { kept, added }] of steps.entries()) {
            const messages = Array.from({ length: added }, (__, n) => message(100 * at + n));
            const before = at === 0 ? null : `h${at - 1}`;
            blobs[`h${at}`] = { ...BASE, before, kept, messages, tools: at === 0 ? [] : null };
            expected = [...(at === 0 ? [] : expected.slice(0, kept)), ...messages];
          }
          const request = await readRequest(readerOf(blobs), `h${steps.length - 1}`);
          expect(request.messages).toEqual(expected);
        },
      ),
    );
  });
});
