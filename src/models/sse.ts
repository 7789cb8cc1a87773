// Owns: server-sent events read from bytes, one data payload at a time. Never parses what is in them.

export interface ServerEvent {
  readonly data: string;
  /** False for what the end of the stream left without its blank line: perhaps all of it, perhaps half. */
  readonly terminated: boolean;
}

/** The events that carry data, in order. */
export async function* eventsOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<ServerEvent> {
  let data: string[] = [];
  for await (const line of linesOf(bytes)) {
    if (line === "") {
      if (data.length > 0) yield { data: data.join("\n"), terminated: true };
      data = [];
    } else if (line.startsWith("data:")) {
      data.push(line.slice(line[5] === " " ? 6 : 5));
    }
  }
  if (data.length > 0) yield { data: data.join("\n"), terminated: false };
}

async function* linesOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of bytes) {
    rest += decoder.decode(chunk, { stream: true });
    // A trailing \r may be half of \r\n: it waits for the next bytes.
    const lines = rest.split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? "";
    yield* lines;
  }
  rest += decoder.decode();
  if (rest !== "") yield rest.replace(/\r$/, "");
}
