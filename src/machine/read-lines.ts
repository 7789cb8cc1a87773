// Owns: what a child process writes, as lines of bounded length, in time in proportion to what it writes. Never keeps more of a
// line than its bound, however long it goes on.
import type { Readable } from "node:stream";

/** Takes each line of the stream, without its end and what is in it beyond that many UTF-16 units; resolves at the stream's end. */
export async function readLines(
  stream: Readable,
  mostChars: number,
  take: (line: string) => void,
): Promise<void> {
  let begun: string[] = [];
  let room = mostChars;
  const add = (piece: string): void => {
    const kept = piece.slice(0, room);
    if (kept !== "") begun.push(kept);
    room -= kept.length;
  };
  const end = (): void => {
    const line = begun.join("");
    begun = [];
    room = mostChars;
    take(line.endsWith("\r") ? line.slice(0, -1) : line);
  };
  for await (const chunk of stream.setEncoding("utf8")) {
    const text = String(chunk);
    let from = 0;
    for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", from)) {
      add(text.slice(from, at));
      end();
      from = at + 1;
    }
    add(text.slice(from));
  }
  if (begun.length > 0) end();
}
