// Owns: the few SQLite calls that the store needs, over whichever engine this Node has. Never knows a table.

export type SqlValue = string | number | null | Uint8Array;
export type Row = Readonly<Record<string, unknown>>;

interface Statement {
  run(...values: readonly SqlValue[]): void;
  /** Every row, read to the end, so that no read transaction stays open. A blob is a Uint8Array. */
  all(...values: readonly SqlValue[]): readonly Row[];
}

/** A connection. Its calls block, and throw what the engine throws: see `sqliteCode`. */
export interface Database {
  exec(sql: string): void;
  prepare(sql: string): Statement;
  close(): void;
}

/** Opens a database file by its absolute path, or creates it. */
export type OpenDatabase = (file: string) => Database;

/** Primary result codes. Source: sqlite.org/rescode.html. */
export const SQLITE = {
  error: 1,
  busy: 5,
  ioError: 10,
  corrupt: 11,
  full: 13,
  cannotOpen: 14,
  notADatabase: 26,
} as const;

/** Everything that `work` did is kept, or nothing of it. @throws what `work` or the engine throws. */
export function transaction<T>(db: Database, work: () => T): T {
  db.exec("begin immediate");
  try {
    const result = work();
    db.exec("commit");
    return result;
  } catch (thrown) {
    rollBack(db);
    throw thrown;
  }
}

/** On a full disk SQLite has rolled back by itself; then there is nothing left to roll back. */
function rollBack(db: Database): void {
  try {
    db.exec("rollback");
  } catch (thrown) {
    if (sqliteCode(thrown) !== SQLITE.error) throw thrown;
  }
}

/** The primary result code of an engine's error, or null for any other error. */
export function sqliteCode(thrown: unknown): number | null {
  if (!(thrown instanceof Error)) return null;
  if ("errcode" in thrown && typeof thrown.errcode === "number") return thrown.errcode & 0xff;
  if ("rawCode" in thrown && typeof thrown.rawCode === "number") return thrown.rawCode & 0xff;
  // What libsql throws when it cannot open a file carries its code in the text only.
  const inText = /^ConnectionFailed\(.*: (\d+)"\)$/s.exec(thrown.message)?.[1];
  return inText === undefined ? null : Number(inText) & 0xff;
}
