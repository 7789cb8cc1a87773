// Owns: the SQLite of this Node, or the optional package libsql, behind the store's `Database`. Never knows a table.
import { RunError } from "../core/errors.ts";
import type { Database, OpenDatabase, Row, SqlValue } from "./sqlite/sqlite.ts";

let engine: Promise<OpenDatabase> | undefined;

/** @throws RunError `sqlite-unavailable` when this Node has no SQLite and libsql is not installed. */
export async function sqliteEngine(): Promise<OpenDatabase> {
  engine ??= loadEngine();
  return engine;
}

/** The engine of this Node, else the optional package. @throws RunError `sqlite-unavailable` without either. */
export async function loadEngine(
  ofNode: () => OpenDatabase | null = loadNodeSqlite,
  optional: () => Promise<OpenDatabase> = loadLibsql,
): Promise<OpenDatabase> {
  const builtIn = ofNode();
  if (builtIn !== null) return builtIn;
  try {
    return await optional();
  } catch (cause) {
    const message =
      `Node ${process.versions.node} has no SQLite, and the optional package libsql cannot be loaded. ` +
      "Use Node 22.13 or newer, or install libsql beside nbevolve (npm install libsql).";
    throw new RunError("sqlite-unavailable", message, { cause });
  }
}

// What we call of node:sqlite; its types come with newer type packages than the oldest Node we run on.
interface NodeStatement {
  run(...values: readonly SqlValue[]): unknown;
  all(...values: readonly SqlValue[]): readonly Row[];
}
interface NodeDatabase {
  exec(sql: string): void;
  prepare(sql: string): NodeStatement;
  close(): void;
}
interface NodeSqlite {
  readonly DatabaseSync: new (file: string) => NodeDatabase;
}

/** Null where this Node has no SQLite of its own (before 22.13). */
export function loadNodeSqlite(): OpenDatabase | null {
  const found = withoutWarning(() => process.getBuiltinModule("node:sqlite"));
  if (!isNodeSqlite(found)) return null;
  return (file) => adaptDatabase(new found.DatabaseSync(file));
}

function isNodeSqlite(found: object | undefined): found is NodeSqlite {
  return found !== undefined && "DatabaseSync" in found && typeof found.DatabaseSync === "function";
}

function adaptDatabase(db: NodeDatabase): Database {
  return {
    exec: (sql) => db.exec(sql),
    prepare(sql) {
      const statement = db.prepare(sql);
      return {
        run(...values) {
          statement.run(...values);
        },
        all: (...values) => statement.all(...values),
      };
    },
    close: () => db.close(),
  };
}

/** Loading the module says "experimental" on the user's screen, once, at this call and no later one. */
function withoutWarning<T>(load: () => T): T {
  const before = Object.getOwnPropertyDescriptor(process, "emitWarning");
  process.emitWarning = () => {};
  try {
    return load();
  } finally {
    if (before === undefined) Reflect.deleteProperty(process, "emitWarning");
    else Object.defineProperty(process, "emitWarning", before);
  }
}

/** @throws when the optional package, or its binary for this platform, is not installed. */
export async function loadLibsql(): Promise<OpenDatabase> {
  const { default: Libsql } = await import("libsql");
  return (file) => {
    const db = new Libsql(file);
    return {
      exec: (sql) => void db.exec(sql),
      prepare(sql) {
        const statement = db.prepare(sql);
        return {
          // Always one array: a lone blob or null would be taken for an object of named parameters.
          run(...values) {
            statement.run([...values]);
          },
          // `all`, never `get`, which adds a `_metadata` column and leaves the statement open.
          all: (...values) => statement.all([...values]).map(plainRow),
        };
      },
      close: () => void db.close(),
    };
  };
}

/** libsql gives blobs as ArrayBuffers. */
function plainRow(row: unknown): Row {
  if (typeof row !== "object" || row === null) return {};
  const plain: Record<string, unknown> = {};
  // No array of entries a row: a journal has hundreds of thousands.
  for (const name of Object.keys(row)) {
    const value: unknown = Reflect.get(row, name);
    plain[name] = value instanceof ArrayBuffer ? new Uint8Array(value) : value;
  }
  return plain;
}
