// Owns: the contract of `Journal` and `BlobReader` as tests. Never knows where a journal keeps its events.
import { describe, expect, it } from "vitest";
import type { Blob, BlobReader, Journal, RunEvent } from "../../contracts/index.ts";
import {
  episodeEnded,
  everySample,
  namedHashes,
  runStarted,
  type Sample,
  sampleBlob,
  turnEnded,
} from "./journal-samples.ts";

/** Makes an empty journal. It is disposed of after its test, if it can be. */
export type MakeJournal = () => Promise<Journal & BlobReader & Partial<AsyncDisposable>>;

/** Declares the tests that every journal passes. */
export function describeJournal(name: string, make: MakeJournal): void {
  const withJournal = (test: (journal: Journal & BlobReader) => Promise<void>) => async () => {
    const journal = await make();
    try {
      await test(journal);
    } finally {
      await journal[Symbol.asyncDispose]?.();
    }
  };

  describe(`${name} keeps the contract of a journal`, () => {
    describeEvents(withJournal);
    describeBlobs(withJournal);
    describeRefusals(withJournal);
  });
}

type WithJournal = (test: (journal: Journal & BlobReader) => Promise<void>) => () => Promise<void>;

function describeEvents(withJournal: WithJournal): void {
  it(
    "holds nothing at first",
    withJournal(async (journal) => {
      expect(await all(journal)).toEqual([]);
    }),
  );

  it(
    "gives back events of every type, equal and in order",
    withJournal(async (journal) => {
      for (const sample of everySample()) await give(journal, sample);
      expect(await all(journal)).toStrictEqual(everySample().flatMap(({ events }) => events));
    }),
  );

  it(
    "reads from any position, and nothing beyond the end",
    withJournal(async (journal) => {
      const { events, blobs } = together(everySample());
      await journal.append(events, blobs);
      for (let from = 0; from <= events.length + 1; from++)
        expect(await all(journal, from)).toStrictEqual(events.slice(from));
    }),
  );

  it(
    "keeps concurrent appends in the order of the calls, each as one piece",
    withJournal(async (journal) => {
      const calls = Array.from({ length: 40 }, (_, i) => together([turnEnded(i, 1), turnEnded(i, 2)]));
      await Promise.all(calls.map((call) => give(journal, call)));
      expect(await all(journal)).toStrictEqual(calls.flatMap(({ events }) => events));
    }),
  );

  it(
    "is not changed by what its caller does to the values afterwards",
    withJournal(async (journal) => {
      const told = { type: "proposal-told", proposal: "p1" } satisfies RunEvent;
      const appended = journal.append([told]);
      told.proposal = "p2";
      await appended;
      expect(await all(journal)).toEqual([{ type: "proposal-told", proposal: "p1" }]);
    }),
  );

  it(
    "shows a reading all that was there when it began, whatever is appended meanwhile",
    withJournal(async (journal) => {
      const { events, blobs } = together([turnEnded(0, 0), turnEnded(0, 1)]);
      await journal.append(events, blobs);
      const seen: RunEvent[] = [];
      for await (const event of journal.read(0)) await give(journal, turnEnded(1, seen.push(event)));
      expect(seen).toStrictEqual(events);
      expect(await all(journal)).toHaveLength(4);
    }),
  );
}

function describeBlobs(withJournal: WithJournal): void {
  const contents: readonly [string, Uint8Array][] = [
    ["no byte", new Uint8Array()],
    ["every byte", Uint8Array.from({ length: 256 }, (_, i) => i)],
    ["a megabyte of one byte", new Uint8Array(1_000_000).fill(65)],
    ["a hundred thousand bytes without a pattern", noise(100_000)],
  ];
  it.each(contents)("gives back a blob of %s", (_, bytes) =>
    withJournal(async (journal) => {
      const blob = sampleBlob(bytes);
      await journal.append([], [blob]);
      expect(Buffer.from(await journal.readBlob(blob.hash)).equals(bytes)).toBe(true);
    })(),
  );

  it(
    "takes a blob that it has already, and an event that names it alone",
    withJournal(async (journal) => {
      await give(journal, turnEnded(1, 1, "same"));
      await give(journal, turnEnded(1, 2, "same"));
      await journal.append(turnEnded(1, 3, "same").events);
      expect(await all(journal)).toHaveLength(3);
    }),
  );

  it(
    "lets an append name the blobs of one that was called before it, acknowledged or not",
    withJournal(async (journal) => {
      const { events, blobs } = turnEnded(1, 1);
      await Promise.all([journal.append([], blobs), journal.append(events)]);
      expect(await all(journal)).toStrictEqual(events);
    }),
  );

  it(
    "says blob-missing for a blob that was never appended",
    withJournal(async (journal) => {
      await expect(journal.readBlob(sampleBlob("never").hash)).rejects.toMatchObject({
        code: "blob-missing",
      });
    }),
  );
}

function describeRefusals(withJournal: WithJournal): void {
  const naming = everySample().filter(({ blobs }) => blobs.length > 0);
  const cases = naming.flatMap((sample) =>
    namedHashes(sample).map((hash, i): [string, number, Sample] => [
      sample.events[0]?.type ?? "",
      i,
      { events: sample.events, blobs: sample.blobs.filter((blob) => blob.hash !== hash) },
    ]),
  );
  it.each(cases)("refuses %s without its blob %i, and keeps nothing of the call", (_, __, sample) =>
    withJournal(async (journal) => {
      const events = [...turnEnded(9, 9).events, ...sample.events];
      const blobs = [...turnEnded(9, 9).blobs, ...sample.blobs];
      await expect(journal.append(events, blobs)).rejects.toMatchObject({ code: "blob-missing" });
      expect(await all(journal)).toEqual([]);
      for (const { hash } of blobs)
        await expect(journal.readBlob(hash)).rejects.toMatchObject({ code: "blob-missing" });
    })(),
  );

  it(
    "goes on after a refusal, and refuses only the call that deserves it",
    withJournal(async (journal) => {
      const [good, bad, later] = [turnEnded(1, 1), episodeEnded(1, 1), turnEnded(1, 2)];
      const results = await Promise.allSettled([
        give(journal, good),
        journal.append(bad.events),
        give(journal, later),
      ]);
      expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
      expect(await all(journal)).toStrictEqual([...good.events, ...later.events]);
    }),
  );

  it.each([Number.NaN, Infinity, -Infinity])(
    "refuses the number %d, which JSON would turn to null",
    (number) =>
      withJournal(async (journal) => {
        const { events, blobs } = runStarted(number);
        await expect(journal.append(events, blobs)).rejects.toThrow(TypeError);
        expect(await all(journal)).toEqual([]);
      })(),
  );

  it(
    "refuses bytes that are not the ones their hash names",
    withJournal(async (journal) => {
      const wrong: Blob = { hash: sampleBlob("this").hash, bytes: sampleBlob("that").bytes };
      await expect(journal.append([], [wrong])).rejects.toThrow(TypeError);
      await expect(journal.readBlob(wrong.hash)).rejects.toMatchObject({ code: "blob-missing" });
    }),
  );
}

async function all(journal: Journal, from = 0): Promise<readonly RunEvent[]> {
  const events: RunEvent[] = [];
  for await (const event of journal.read(from)) events.push(event);
  return events;
}

function give(journal: Journal, { events, blobs }: Sample): Promise<void> {
  return journal.append(events, blobs);
}

function together(samples: readonly Sample[]): Sample {
  return {
    events: samples.flatMap(({ events }) => events),
    blobs: samples.flatMap(({ blobs }) => blobs),
  };
}

/** Bytes that do not compress, the same each time. */
function noise(length: number): Uint8Array {
  let state = 1;
  return Uint8Array.from({ length }, () => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9;
    return state >>> 24;
  });
}
