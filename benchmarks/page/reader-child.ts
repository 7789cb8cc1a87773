// Owns: a process that reads a page's stream until it is ended, and says when it has the first event.
import { openStream } from "./open-stream.ts";

const stream = await openStream(process.argv[2] ?? "");
await stream.until(1);
process.stdout.write("reading\n");
await stream.until(Infinity).catch(() => undefined);
