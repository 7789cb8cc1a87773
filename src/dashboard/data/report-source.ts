// Owns: the source that is a report's own file: its data lies in elements that the browser does not run, packed.
import type { PageInfo, SentEvent } from "../../contracts/index.ts";
import { proposalOf } from "../../core/run/proposal-of.ts";
import { BlobWithheld, type PlacedEvent, type RunSource, type Source } from "../source.ts";

/** Pieces of events that stay unpacked: a proposal's events lie in few of them. */
const MOST_PIECES = 20;

/** Null where this document is no report. */
export function openReportSource(page: Document): Source | null {
  const info = elementsOf(page, "info")[0]?.textContent;
  if (info === undefined || info === null) return null;
  const value: PageInfo = JSON.parse(info);
  return { info: value, refresh: () => Promise.resolve(value), openRun: (name) => openRun(page, name) };
}

function elementsOf(page: Document, kind: string): readonly HTMLElement[] {
  return [
    ...page.querySelectorAll<HTMLElement>(`script[type="application/x-nbevolve"][data-kind="${kind}"]`),
  ];
}

interface EventPiece {
  readonly from: number;
  readonly element: HTMLElement;
}

function openRun(page: Document, name: string): RunSource {
  const pieces: readonly EventPiece[] = elementsOf(page, "events").map((element) => ({
    from: Number(element.dataset["name"]),
    element,
  }));
  const blobs = new Map(elementsOf(page, "blob").map((element) => [element.dataset["name"] ?? "", element]));
  const unpacked = new Map<number, Promise<readonly SentEvent[]>>();

  function eventsOf({ from, element }: EventPiece): Promise<readonly SentEvent[]> {
    const reading =
      unpacked.get(from) ?? unpackText(element).then((text): readonly SentEvent[] => JSON.parse(text));
    unpacked.delete(from);
    unpacked.set(from, reading);
    const [oldest] = unpacked.keys();
    if (unpacked.size > MOST_PIECES && oldest !== undefined) unpacked.delete(oldest);
    return reading;
  }

  return {
    name,
    follow(start, { onBatch, onStanding, onTrouble }) {
      let ended = false;
      async function send(): Promise<void> {
        for (const piece of pieces) {
          const events = await eventsOf(piece);
          if (ended) return;
          if (piece.from + events.length <= start) continue;
          onBatch({ from: piece.from, events, total: piece.from + events.length });
          // The page is drawn between the pieces.
          await new Promise((resolve) => setTimeout(resolve));
        }
      }
      const { facts } = (openReportSource(page)?.info.runs ?? []).find((run) => run.name === name) ?? {};
      onStanding({ standing: facts?.standing ?? "interrupted", waiting: 0, asked: [] });
      send().catch((problem: unknown) => onTrouble(`The report's events cannot be read: ${String(problem)}`));
      return () => {
        ended = true;
      };
    },
    async readEvents(from, to, proposal) {
      const found: PlacedEvent[] = [];
      for (const [at, piece] of pieces.entries()) {
        const end = pieces[at + 1]?.from ?? Infinity;
        if (end <= from || piece.from >= to) continue;
        for (const [place, sent] of (await eventsOf(piece)).entries()) {
          const seq = piece.from + place;
          if (seq < from || seq >= to) continue;
          if (proposal === undefined || proposalOf(sent[1]) === proposal) found.push({ seq, sent });
        }
      }
      return found;
    },
    async readBlob(hash) {
      const element = blobs.get(hash);
      if (element === undefined)
        throw new BlobWithheld(
          "This report leaves it out. `nbevolve report DIR --all` writes one with everything.",
        );
      return unpackBytes(element);
    },
    act: null,
  };
}

async function unpackText(element: HTMLElement): Promise<string> {
  return new TextDecoder().decode(await unpackBytes(element));
}

async function unpackBytes(element: HTMLElement): Promise<Uint8Array> {
  const packed = Uint8Array.from(atob(element.textContent ?? ""), (letter) => letter.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
