// Owns: Node's own SQLite behind our `Database`. Never knows a table.
import type { Database, OpenDatabase, Row, SqlValue } from "./sqlite.ts";

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
  return (file) => adapted(new found.DatabaseSync(file));
}

function isNodeSqlite(found: object | undefined): found is NodeSqlite {
  return found !== undefined && "DatabaseSync" in found && typeof found.DatabaseSync === "function";
}

function adapted(db: NodeDatabase): Database {
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
