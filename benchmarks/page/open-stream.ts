// Owns: a reader of a page's stream of events, as a browser reads it: the link, its cookie, then one response without an end.

/** A stream that was opened. */
interface OpenedStream {
  /** Resolves once so many events of the journal were read. @throws Error when the stream ends before. */
  until(events: number): Promise<void>;
  close(): Promise<void>;
}

/** `url`: the link of a page that serves one run. */
export async function openStream(url: string): Promise<OpenedStream> {
  const { origin } = new URL(url);
  const entered = await fetch(url, { redirect: "manual" });
  const cookie = (entered.headers.get("set-cookie") ?? "").split(";", 1)[0] ?? "";
  const info: { readonly runs: readonly { readonly name: string }[] } = JSON.parse(
    await (await fetch(`${origin}/api/info`, { headers: { cookie } })).text(),
  );
  const name = encodeURIComponent(info.runs[0]?.name ?? "");
  const response = await fetch(`${origin}/api/runs/${name}/stream?from=0`, { headers: { cookie } });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  if (!response.ok || reader === undefined) throw new Error(`no stream: ${response.status}`);
  let [read, text] = [0, ""];
  return {
    async until(events) {
      while (read < events) {
        const { value, done } = await reader.read();
        if (done) throw new Error("the stream ended");
        const blocks = (text + value).split("\n\n");
        text = blocks.pop() ?? "";
        for (const block of blocks) read = Number(/^id: (\d+)\n/.exec(block)?.[1] ?? read);
      }
    },
    close: () => reader.cancel(),
  };
}
