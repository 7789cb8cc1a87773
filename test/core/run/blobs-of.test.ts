import { expect, test } from "vitest";
import { blobsOf } from "../../../src/core/run/blobs-of.ts";
import { everySample, namedHashes } from "../../../src/testing/conformance/journal-samples.ts";

/** Any string of 64 hexadecimal digits in a value of any depth. */
function hashesIn(value: unknown): readonly string[] {
  return JSON.stringify(value).match(/\b[0-9a-f]{64}\b/g) ?? [];
}

test("names every hash in every type of event, and nothing else", () => {
  for (const sample of everySample()) {
    const named = sample.events.flatMap((event) => blobsOf(event));
    expect([...named].sort()).toEqual([...hashesIn(sample.events)].sort());
    expect(new Set(named)).toEqual(new Set(namedHashes(sample)));
  }
});
