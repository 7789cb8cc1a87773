// Owns: `writeReport`: a run as one file that shows it as the page does, without a server and without a network. Only reads the run.
import { open, type FileHandle } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { promisify } from "node:util";
import { deflateRaw } from "node:zlib";
import { checkOptions, checkValue, OPTION } from "../../core/options.ts";
import { errorCode, RunError } from "../../core/errors.ts";
import type { History } from "../../core/run/history.ts";
import { listedFacts } from "../../history/listed-run.ts";
import { readSteps } from "../../history/read-history.ts";
import { readTask, standingNow } from "../../history/read-run.ts";
import { packageVersion, shippedPath } from "../../shipped.ts";
import { openRunStore } from "../../store/index.ts";
import type { BlobHash, BlobReader, PageInfo, SentEvent } from "../../contracts/index.ts";
import { writeUserFile } from "../write-file.ts";
import { dataElement, pageFrame, REPORT_MARK } from "./page-file.ts";
import { addToEpisodes, wantedParts, type WantedPart } from "./wanted-blobs.ts";

/** Events of one piece: what a reader of a moment has to unpack. */
const EVENTS_OF_PIECE = 500;
/** A report of this many bytes can still be mailed. */
const MOST_BYTES = 20 * 2 ** 20;

const deflate = promisify(deflateRaw);

/** What a report holds, and where it is written. */
export interface ReportOptions {
  /** Default `report.html` in the run's directory. */
  readonly file?: string | undefined;
  /** Everything, however large. Default false: what matters most, up to 20 MiB. */
  readonly all?: boolean | undefined;
  /** Whether another file of the name may be written over; an earlier report may always be. Default false. */
  readonly replaces?: boolean | undefined;
  /** The folder of the built page. Default: the one that this package brings. */
  readonly page?: string | undefined;
  /** Hears how large the file becomes, once that is over 20 MiB. */
  readonly onLarge?: ((bytes: number) => void) | undefined;
}

/** A report that was written. */
export interface WrittenReport {
  /** Absolute. */
  readonly file: string;
  readonly bytes: number;
  /** What it has no room for, in words; empty for nothing. Without `all`, what was not asked for is not among it. */
  readonly leftOut: readonly string[];
}

/**
 * Writes the run's page with its data inside as one file. Without `all` it holds all events, the notebooks of the path to the best
 * branch and of the best of each niche and island, and what the model saw and did on that path, as far as 20 MiB go.
 * @throws RunError `run-missing` | `run-corrupt` | `bad-option` where the file cannot be written.
 */
export async function writeReport(dir: string, options: ReportOptions = {}): Promise<WrittenReport> {
  checkValue("writeReport: dir", dir, OPTION.text);
  checkOptions<ReportOptions>("writeReport", options, {
    ...{ file: OPTION.text, page: OPTION.text, all: OPTION.flag, replaces: OPTION.flag },
    onLarge: OPTION.callback,
  });
  const { all = false, replaces = false, page = shippedPath("dist/dashboard"), onLarge } = options;
  const file = resolve(options.file ?? join(dir, "report.html"));
  const mayReplace = replaces || (await isReport(file));
  await using store = await openRunStore(dir, { mode: "read" });
  const { history, events, episodes } = await readWhole(store);
  const task = await readTask(store, history);
  const frame = await pageFrame(page, basename(store.dir));
  const standing = await standingNow(store.dir, history);
  const info: PageInfo = {
    version: 1,
    release: packageVersion(),
    title: basename(store.dir),
    kind: "report",
    runs: [{ name: basename(store.dir), problem: null, facts: listedFacts(history, task, standing) }],
  };
  const parts = wantedParts(history, task, episodes, all);
  const pieces = new Pieces([
    frame.before,
    dataElement({ kind: "info", name: "", text: JSON.stringify(info) }),
  ]);
  for (const [at, text] of events.entries())
    pieces.add(dataElement({ kind: "events", name: String(at * EVENTS_OF_PIECE), text }));
  const leftOut: string[] = [];
  for (const part of parts) {
    const texts = await packPart(store, part).catch((problem: unknown) => {
      if (problem instanceof RunError) return problem.message;
      throw problem;
    });
    if (typeof texts === "string") {
      leftOut.push(`${part.what}: ${texts}`);
      continue;
    }
    const size = texts.reduce((sum, { length }) => sum + length, 0);
    if (!all && pieces.bytes + size + frame.after.length > MOST_BYTES) {
      leftOut.push(part.what);
      continue;
    }
    for (const text of texts) pieces.add(text);
  }
  pieces.add(dataElement({ kind: "left-out", name: "", text: JSON.stringify(leftOut) }));
  pieces.add(frame.after);
  if (pieces.bytes > MOST_BYTES) onLarge?.(pieces.bytes);
  await writeUserFile(file, pieces.list, { replaces: mayReplace });
  return { file, bytes: pieces.bytes, leftOut };
}

interface WholeRun {
  readonly history: History;
  /** Packed, so many events a piece. */
  readonly events: readonly string[];
  readonly episodes: Map<string, BlobHash[]>;
}

async function readWhole(
  store: Parameters<typeof readSteps>[0] & { readonly dir: string },
): Promise<WholeRun> {
  const episodes = new Map<string, BlobHash[]>();
  const packed: Promise<string>[] = [];
  let batch: SentEvent[] = [];
  let history: History | null = null;
  for await (const step of readSteps(store)) {
    history = step.history;
    batch.push([history.latestMs, step.event]);
    addToEpisodes(episodes, step.event);
    if (batch.length < EVENTS_OF_PIECE) continue;
    packed.push(pack(Buffer.from(JSON.stringify(batch))));
    batch = [];
  }
  if (history === null)
    throw new RunError("run-missing", `${store.dir} holds no run: its founder was never scored`);
  if (batch.length > 0) packed.push(pack(Buffer.from(JSON.stringify(batch))));
  return { history, events: await Promise.all(packed), episodes };
}

/** The part's blobs as elements. What a request adds to is another request of its episode, and so of its part. */
async function packPart(store: BlobReader, { hashes }: WantedPart): Promise<readonly string[]> {
  const texts: string[] = [];
  for (const hash of hashes)
    texts.push(dataElement({ kind: "blob", name: hash, text: await pack(await store.readBlob(hash)) }));
  return texts;
}

async function pack(bytes: Uint8Array): Promise<string> {
  return (await deflate(bytes)).toString("base64");
}

/** The file's pieces, and how long they are: all of them are ASCII but for the page's own. */
class Pieces {
  readonly list: string[] = [];
  bytes = 0;

  constructor(first: readonly string[]) {
    for (const text of first) this.add(text);
  }

  add(text: string): void {
    this.list.push(text);
    this.bytes += Buffer.byteLength(text);
  }
}

async function isReport(file: string): Promise<boolean> {
  let opened: FileHandle | null = null;
  try {
    opened = await open(file, "r");
    const { buffer, bytesRead } = await opened.read(Buffer.alloc(200), 0, 200, 0);
    return buffer.subarray(0, bytesRead).toString("latin1").includes(REPORT_MARK);
  } catch (problem) {
    if (errorCode(problem) === "ENOENT") return false;
    throw new RunError("bad-option", `${file} cannot be written: ${String(problem)}`, { cause: problem });
  } finally {
    await opened?.close();
  }
}
