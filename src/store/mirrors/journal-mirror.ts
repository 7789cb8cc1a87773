// Owns: journal.jsonl, one event per line, for `tail -f`. Never read back as truth.
import { appendFile, open, truncate, type FileHandle } from "node:fs/promises";
import { PRIVATE_FILE } from "../private-files.ts";
import type { EventRow } from "../sqlite/tables.ts";
import type { Mirror, Truth } from "./mirror.ts";

/** Bytes that are read at the end of the file; a longer last line counts as torn. */
const TAIL_BYTES = 1024 * 1024;
const LINES_PER_WRITE = 500;

export function journalMirror(file: string, truth: Truth): Mirror {
  const follow = (events: readonly EventRow[]): Promise<void> =>
    appendFile(file, events.map(lineOf).join(""), { mode: PRIVATE_FILE });
  return {
    follow,
    async repair() {
      const { bytes, events } = await findWholeLines(file, truth);
      await truncate(file, bytes);
      let lines: EventRow[] = [];
      for (const row of truth.events(events)) {
        lines.push(row);
        if (lines.length < LINES_PER_WRITE) continue;
        await follow(lines);
        lines = [];
      }
      await follow(lines);
    },
  };
}

/** `{ seq, at, ...event }`. */
function lineOf({ seq, at, json }: EventRow): string {
  return `{"seq":${seq},"at":${JSON.stringify(at)},${json.slice(1)}\n`;
}

/** Whether its last whole line is none of the journal's: it knows more, or is another run's. */
export async function holdsOtherEvents(file: string, truth: Truth): Promise<boolean> {
  return (await findWholeLines(file, truth)) === FOREIGN;
}

interface WholeLines {
  readonly bytes: number;
  readonly events: number;
}
const NOTHING: WholeLines = { bytes: 0, events: 0 };
const FOREIGN: WholeLines = { bytes: 0, events: 0 };

/** The beginning of the file that can stay, by its first and its last whole line. Makes the file if there is none. */
async function findWholeLines(file: string, truth: Truth): Promise<WholeLines> {
  const handle = await open(file, "a+", PRIVATE_FILE);
  try {
    const { size } = await handle.stat();
    const from = Math.max(0, size - TAIL_BYTES);
    const tail = await bytesAt(handle, from, size - from);
    const end = tail.lastIndexOf("\n") + 1;
    const line = tail.subarray(tail.lastIndexOf("\n", end - 2) + 1, end).toString("utf8");
    const seq = Number(/^\{"seq":(\d+),/.exec(line)?.[1] ?? Number.NaN);
    const first = lineAt(truth, 0);
    if (end === 0) return NOTHING;
    if (first === null || line !== lineAt(truth, seq)) return FOREIGN;
    const start = await bytesAt(handle, 0, Buffer.byteLength(first));
    return start.toString("utf8") === first ? { bytes: from + end, events: seq + 1 } : FOREIGN;
  } finally {
    await handle.close();
  }
}

function lineAt(truth: Truth, seq: number): string | null {
  if (!Number.isSafeInteger(seq)) return null;
  for (const row of truth.events(seq)) return row.seq === seq ? lineOf(row) : null;
  return null;
}

async function bytesAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await handle.read(buffer, 0, length, position);
  return buffer.subarray(0, bytesRead);
}
