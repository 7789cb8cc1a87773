import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Blob } from "../../../src/contracts/index.ts";
import { pack, unpack, type PackedBlob } from "../../../src/store/sqlite/blob-codec.ts";
import { chunksOf } from "../../../src/store/sqlite/chunks.ts";
import { openToRead, openToWrite } from "../../../src/store/sqlite/run-db.ts";
import { openRunStore } from "../../../src/store/run-store.ts";
import { blobOf } from "../../../src/loop/json-blob.ts";
import { scratch } from "../scratch.ts";

/** So many bytes that do not repeat, a function of the seed. */
function noise(seed: number, length: number): Buffer {
  const parts = Array.from({ length: Math.ceil(length / 64) }, (_, i) =>
    createHash("sha512").update(`${seed}/${i}`).digest(),
  );
  return Buffer.concat(parts).subarray(0, length);
}

const piece = fc
  .tuple(fc.nat({ max: 5 }), fc.nat({ max: 40_000 }))
  .map(([seed, length]) => noise(seed, length));
const bytes = fc.array(piece, { maxLength: 4 }).map((pieces) => Buffer.concat(pieces));

describe("chunks", () => {
  test("together they are the bytes; each is of a size", () => {
    fc.assert(
      fc.property(bytes, (whole) => {
        const chunks = chunksOf(whole);
        expect(Buffer.concat(chunks).equals(whole)).toBe(true);
        for (const [i, { length }] of chunks.entries()) {
          expect(length).toBeLessThanOrEqual(32 * 1024);
          if (i < chunks.length - 1) expect(length).toBeGreaterThan(1024);
        }
      }),
      { numRuns: 50 },
    );
  });

  test("bytes that were inserted change the chunks about them, and no others", () => {
    fc.assert(
      fc.property(fc.nat({ max: 300_000 }), fc.integer({ min: 1, max: 5000 }), (at, length) => {
        const before = noise(1, 300_000);
        const after = Buffer.concat([before.subarray(0, at), noise(2, length), before.subarray(at)]);
        const known = new Set(chunksOf(before).map((chunk) => blobOf(chunk).hash));
        const fresh = chunksOf(after).filter((chunk) => !known.has(blobOf(chunk).hash));
        expect(fresh.reduce((sum, chunk) => sum + chunk.length, 0)).toBeLessThan(length + 6 * 32 * 1024);
      }),
      { numRuns: 25 },
    );
  });

  test("a blob comes back from its rows, and costs little beside one that it has most in common with", async () => {
    await fc.assert(
      fc.asyncProperty(bytes, bytes, async (one, other) => {
        const rows = new Map<string, PackedBlob>();
        const keep = async (blob: Blob): Promise<number> => {
          const fresh = await pack(blob, (hash) => rows.has(hash));
          for (const row of fresh) rows.set(row.hash, row);
          return fresh.reduce((sum, row) => sum + row.bytes.length, 0);
        };
        const blobs = [one, other, Buffer.concat([one, noise(9, 300), other])].map(blobOf);
        const sizes = [];
        for (const blob of blobs) sizes.push(await keep(blob));
        if (one.length + other.length > 100_000) expect(sizes[2]).toBeLessThan(3 * 32 * 1024 + 20_000);
        for (const { hash, bytes: whole } of blobs) {
          const row = rows.get(hash);
          if (row === undefined) throw new Error("not kept");
          const back = await unpack(row, (chunk) => rows.get(chunk) ?? null);
          expect(Buffer.from(whole).equals(back)).toBe(true);
        }
      }),
      { numRuns: 25 },
    );
  });
});

describe("a run with long blobs", () => {
  const parent = blobOf(noise(1, 200_000));
  const child = blobOf(Buffer.concat([noise(1, 200_000), noise(2, 500)]));

  test("keeps what a child has in common with its parent once", async () => {
    const dir = scratch();
    await using store = await openRunStore(dir, { mode: "write" });
    await store.append([], [parent]);
    const before = await rowsIn(dir);
    await store.append([], [child]);
    expect(await rowsIn(dir)).toBeLessThanOrEqual(before + 3);
    for (const { hash, bytes: whole } of [parent, child])
      expect(Buffer.from(await store.readBlob(hash)).equals(whole)).toBe(true);
  });

  test("is run-corrupt where a chunk is gone", async () => {
    const dir = scratch();
    await using store = await openRunStore(dir, { mode: "write" });
    await store.append([], [parent]);
    const db = await openToWrite(dir);
    db.exec("delete from blob where sha256 = (select sha256 from blob where codec <> 'chunks' limit 1)");
    db.close();
    await expect(store.readBlob(parent.hash)).rejects.toMatchObject({ code: "run-corrupt" });
  });

  test("of the first version, whole blobs and all, is read, and goes on", async () => {
    const dir = scratch();
    const db = await openToWrite(dir);
    db.exec("alter table event drop column chain; drop table mark; pragma user_version=1");
    db.prepare("insert into blob values(?, ?, 'raw')").run(parent.hash, parent.bytes);
    db.close();
    {
      await using reader = await openRunStore(dir, { mode: "read" });
      expect(Buffer.from(await reader.readBlob(parent.hash)).equals(parent.bytes)).toBe(true);
      expect(await versionOf(dir)).toBe(1);
    }
    await using writer = await openRunStore(dir, { mode: "write" });
    await writer.append([], [child]);
    expect(Buffer.from(await writer.readBlob(child.hash)).equals(child.bytes)).toBe(true);
    expect(await versionOf(dir)).toBe(3);
  });
});

async function rowsIn(dir: string): Promise<number> {
  const db = await openToRead(dir);
  const rows = Number(db.prepare("select count(*) as n from blob").all()[0]?.["n"]);
  db.close();
  return rows;
}

async function versionOf(dir: string): Promise<number> {
  const db = await openToRead(dir);
  const version = Number(db.prepare("pragma user_version").all()[0]?.["user_version"]);
  db.close();
  return version;
}
