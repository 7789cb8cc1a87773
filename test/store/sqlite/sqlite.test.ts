import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadEngine, loadLibsql, loadNodeSqlite } from "../../../src/store/sqlite.ts";
import {
  type Database,
  type OpenDatabase,
  SQLITE,
  sqliteCode,
  transaction,
} from "../../../src/store/sqlite/sqlite.ts";
import { scratch } from "../scratch.ts";

const engines: readonly [string, () => Promise<OpenDatabase | null>][] = [
  ["node:sqlite", async () => loadNodeSqlite()],
  ["libsql", loadLibsql],
];

describe.each(engines)("%s", async (_, load) => {
  const open = await load();
  const absent = open === null;
  const withDatabase = (use: (db: Database, file: string) => void) => () => {
    const file = join(scratch(), "test.db");
    const db = open?.(file);
    if (db === undefined) throw new Error("no engine");
    use(db, file);
    db.close();
  };

  test.skipIf(absent)(
    "gives values back as they were",
    withDatabase((db) => {
      db.exec("create table t(a integer primary key, b blob, c text, d real) strict");
      const rows = [
        { a: 0, b: new Uint8Array(), c: "", d: 0.1 },
        { a: 1, b: Uint8Array.of(0, 255, 0), c: 'é\u{1F600} "\\u0000"', d: -1e300 },
        { a: 2, b: null, c: null, d: null },
        { a: Number.MAX_SAFE_INTEGER, b: new Uint8Array(100_000).fill(7), c: "x".repeat(100_000), d: 1 },
      ];
      const put = db.prepare("insert into t values(?, ?, ?, ?)");
      for (const { a, b, c, d } of rows) put.run(a, b, c, d);
      const found = db.prepare("select * from t order by a").all();
      expect(found.map((row) => ({ ...row }))).toEqual(rows);
      expect(found[1]?.["b"]).toBeInstanceOf(Uint8Array);
    }),
  );

  test.skipIf(absent)(
    "takes a lone null and a lone blob as parameters, and gives many rows",
    withDatabase((db) => {
      db.exec("create table t(a blob)");
      const put = db.prepare("insert into t values(?)");
      put.run(null);
      put.run(Uint8Array.of(1));
      transaction(db, () => Array.from({ length: 1234 }, (_, i) => put.run(i)));
      expect(db.prepare("select a from t where a is ?").all(null)).toHaveLength(1);
      expect(db.prepare("select a from t where a = ?").all(Uint8Array.of(1))).toHaveLength(1);
      expect(db.prepare("select a from t").all()).toHaveLength(1236);
    }),
  );

  test.skipIf(absent)(
    "rolls a transaction back when it throws, and goes on",
    withDatabase((db) => {
      db.exec("create table t(a integer primary key)");
      const put = db.prepare("insert into t values(?)");
      const failing = (): void =>
        transaction(db, () => {
          put.run(1);
          throw new Error("enough");
        });
      expect(failing).toThrow("enough");
      transaction(db, () => put.run(2));
      expect(
        db
          .prepare("select a from t")
          .all()
          .map((row) => row["a"]),
      ).toEqual([2]);
    }),
  );

  test.skipIf(absent)(
    "tells by a code what went wrong",
    withDatabase((db, file) => {
      const codeOf = (act: () => void): number | null => {
        try {
          act();
          return 0;
        } catch (thrown) {
          return sqliteCode(thrown);
        }
      };
      const garbage = join(scratch(), "garbage.db");
      writeFileSync(garbage, "no database".repeat(1000));
      db.exec("begin exclusive");
      expect(existsSync(file)).toBe(true);
      expect(codeOf(() => db.exec("no sql"))).toBe(SQLITE.error);
      expect(codeOf(() => open?.(file).exec("begin exclusive"))).toBe(SQLITE.busy);
      expect(codeOf(() => open?.(garbage).exec("create table t(a)"))).toBe(SQLITE.notADatabase);
      expect(codeOf(() => open?.(join(file, "below", "a file")).exec("select 1"))).toBe(SQLITE.cannotOpen);
      expect(sqliteCode(new Error("another"))).toBeNull();
    }),
  );
});

test("without either engine the remedy is named", async () => {
  const loading = loadEngine(
    () => null,
    () => Promise.reject(new Error("Cannot find package 'libsql'")),
  );
  await expect(loading).rejects.toMatchObject({
    code: "sqlite-unavailable",
    message: expect.stringMatching(/Node 22\.13 or newer, or install libsql/),
    cause: { message: "Cannot find package 'libsql'" },
  });
});

test("Node's own engine is loaded without a word", () => {
  const words: unknown[] = [];
  const before = Object.getOwnPropertyDescriptor(process, "emitWarning") ?? {};
  process.emitWarning = (...said: unknown[]) => void words.push(said);
  try {
    loadNodeSqlite();
    expect(words).toEqual([]);
    process.emitWarning("heard");
    expect(words).toEqual([["heard"]]);
  } finally {
    Object.defineProperty(process, "emitWarning", before);
  }
});
