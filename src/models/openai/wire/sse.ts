// Owns: server-sent events read from bytes, one data payload at a time. Never parses what is in them.

export interface ServerEvent {
  readonly data: string;
  /** False for what the end of the stream left without its blank line: perhaps all of it, perhaps half. */
  readonly terminated: boolean;
}

/** The events that carry data, in order. */
export async function* eventsOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<ServerEvent> {
  const decoder = new TextDecoder();
  let rest = "";
  let data: string[] = [];
  for await (const chunk of bytes) {
    rest += decoder.decode(chunk, { stream: true });
    // A trailing \r may be half of \r\n: it waits for the next bytes.
    const lines = rest.split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line !== "") {
        data.push(...dataIn(line));
      } else if (data.length > 0) {
        yield { data: data.join("\n"), terminated: true };
        data = [];
      }
    }
  }
  data.push(...dataIn((rest + decoder.decode()).replace(/\r$/, "")));
  if (data.length > 0) yield { data: data.join("\n"), terminated: false };
}

/** What a line adds to its event's data; comments and other fields add nothing. */
function dataIn(line: string): readonly string[] {
  return line.startsWith("data:") ? [line.slice(line[5] === " " ? 6 : 5)] : [];
}
