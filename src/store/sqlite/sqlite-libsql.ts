// Owns: the libsql package behind our `Database`, its quirks included. Never knows a table.
import type { OpenDatabase, Row } from "./sqlite.ts";

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
