// Owns: how long a parser takes for hostile texts, in time of the processor of this process, at the pace that its machine has now.
import { hostileTexts, type HostileText } from "./hostile-texts.ts";
import type { Parser } from "./parser.ts";

/** Ten million characters in a second on an idle processor, twice that here: what else runs takes the caches away. */
const LIMIT_MS_A_CHARACTER = 2 / 10_000;
/** For what is made once, and for code that is not compiled yet. A square of 30,000 characters takes more. */
const LIMIT_MS = 150;
/** The most steps of Python's parser take half of it. */
const LIMIT_MS_A_TREE = 150;
/** A text that takes too long is read so often in all: the shortest counts, so that a collection of garbage does not. */
const TRIES = 4;

/** Sizes of the texts in characters, one after the other, and how many texts are tried in each: those that took longest before. */
export type Ladder = readonly { readonly size: number; readonly kept: number }[];

/** The first of the texts that the parser takes too long for, in words; null where there is none. */
export async function findSlowText(
  parser: Parser,
  ladder: Ladder,
  texts = hostileTexts(parser.openings ?? []),
): Promise<string | null> {
  for (const { size: full, kept } of ladder) {
    const size = Math.min(full, parser.most ?? Infinity);
    const took: { readonly text: HostileText; readonly ms: number }[] = [];
    for (const text of texts.slice(0, kept)) {
      // What looks at no more than its bound has the time of a text that is longer.
      const { ms, limitMs } = await measureText(parser, text.make(size), full);
      if (ms > limitMs)
        return `${Math.round(ms)} ms for ${size} characters of ${text.what}, and ${Math.round(limitMs)} are the most`;
      took.push({ text, ms });
    }
    if (size < full) return null;
    texts = took.toSorted((a, b) => b.ms - a.ms).map(({ text }) => text);
  }
  return null;
}

async function measureText(parser: Parser, text: string, size: number) {
  const limitMs = LIMIT_MS + (parser.trees ?? 0) * LIMIT_MS_A_TREE + size * LIMIT_MS_A_CHARACTER;
  let ms = await processorMs(() => parser.read(text));
  let pace = 1;
  for (let tries = 1; tries < TRIES && ms > limitMs * pace; tries++) {
    pace = Math.max(pace, await measurePace());
    ms = Math.min(ms, await processorMs(() => parser.read(text)));
  }
  return { ms, limitMs: limitMs * pace };
}

/** Other work on the machine takes the caches away, and half of each core: the same work then takes longer. At least 1. */
async function measurePace(): Promise<number> {
  return (await processorMs(doReferenceWork)) / REFERENCE_MS;
}

/** On an idle core of the machine that the limits are of. */
const REFERENCE_MS = 75;

function doReferenceWork(): number {
  const lines = Array.from({ length: 100_000 }, (_, at) => `line ${at} of words`);
  const text: unknown = JSON.parse(JSON.stringify(lines.join("\n")));
  const counts = new Map<string, number>();
  for (const word of String(text).split(/\s/)) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts.size;
}

async function processorMs(read: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  try {
    await read();
  } catch {
    // To refuse is an answer: how long it took is what counts.
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
