// Owns: the file that lists our kernels that may still run on servers which are not ours. From it the next session
// learns what a killed run left there. Holds no token. Never talks to a server.
import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";

export interface RemoteLedger {
  /** Kernels of this server that may still run. */
  left(server: string): readonly string[];
  /** Servers with kernels that may still run. */
  servers(): readonly string[];
  /** On disk when it returns. */
  started(server: string, id: string): void;
  ended(server: string, id: string): void;
}

interface Entry {
  readonly server: string;
  readonly id: string;
}

/** The file is made when it is first needed. A line that a crash cut short is ignored. */
export function remoteLedger(file: string): RemoteLedger {
  let open = readEntries(file);
  const write = (entry: object): void => appendFileSync(file, `${JSON.stringify(entry)}\n`);
  return {
    left: (server) => open.filter((entry) => entry.server === server).map(({ id }) => id),
    servers: () => [...new Set(open.map(({ server }) => server))],
    started(server, id) {
      open = [...open, { server, id }];
      write({ server, id });
    },
    ended(server, id) {
      const was = open.length;
      open = open.filter((entry) => entry.server !== server || entry.id !== id);
      if (open.length === was) return;
      if (open.length > 0) return write({ server, id, ended: true });
      writeFileSync(`${file}.new`, "");
      renameSync(`${file}.new`, file);
    },
  };
}

function readEntries(file: string): readonly Entry[] {
  const open = new Map<string, Entry>();
  for (const line of existsSync(file) ? readFileSync(file, "utf8").split("\n") : []) {
    const said = parseEntry(line);
    if (said === null) continue;
    if (said.ended) open.delete(`${said.server} ${said.id}`);
    else open.set(`${said.server} ${said.id}`, { server: said.server, id: said.id });
  }
  return [...open.values()];
}

function parseEntry(line: string): (Entry & { readonly ended: boolean }) | null {
  try {
    const { server, id, ended }: Record<string, unknown> = JSON.parse(line);
    return typeof server === "string" && typeof id === "string"
      ? { server, id, ended: ended === true }
      : null;
  } catch {
    return null;
  }
}
