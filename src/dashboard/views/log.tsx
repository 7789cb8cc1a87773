// Owns: the view of a run's events: all of them, filtered by type and proposal, searched as far as they are loaded, each in full on demand.
import { useEffect, useLayoutEffect, useMemo, useReducer, useRef, useState } from "preact/hooks";
import { proposalOf } from "../../core/run/proposal-of.ts";
import { address, goTo } from "../data/address.ts";
import { TYPE_NAMES, type EventType } from "../data/event-index.ts";
import type { RunData } from "../data/run-data.ts";
import { countText, durationText, momentText } from "../data/words.ts";
import { describeEvent } from "../log/describe-event.ts";
import { eventPages, type EventPages } from "../log/pages.ts";
import type { PlacedEvent } from "../source.ts";
import type { ViewProps } from "./view-props.ts";

/** Pixels of a row, and of the frame that shows some of them. A browser holds no element higher than some millions of pixels. */
const ROW = 26;
const MOST_ROWS = 400_000;
/** Events that one press of the button searches. */
const SEARCHED = 5000;

export function LogView({ data, history }: ViewProps) {
  const { options } = address.value;
  const now = history.value;
  const types = useMemo(
    () => new Set(TYPE_NAMES.filter((name) => (options["type"] ?? "").split(" ").includes(name))),
    [options["type"]],
  );
  const proposal = (options["proposal"] ?? "").trim();
  const words = (options["find"] ?? "").trim().toLowerCase();
  const [version, change] = useReducer<number, void>((count) => count + 1, 0);
  const [problem, setProblem] = useState<string | null>(null);
  const pages = useMemo(
    () =>
      eventPages(
        data.source,
        () => data.latest.peek()?.events ?? 0,
        (trouble) => {
          setProblem(trouble);
          change();
        },
      ),
    [data],
  );
  const ofProposal = useOfProposal(data, proposal, now.events);
  const places = useMemo(() => {
    const chosen = ofProposal?.map(({ seq }) => seq) ?? null;
    if (chosen === null && types.size === 0 && words === "") return null;
    const byType = types.size === 0 ? null : new Set(data.types.placesOf(types, now.events));
    const found =
      words === ""
        ? null
        : new Set([...pages.held()].filter((one) => hasWords(one, words)).map(({ seq }) => seq));
    const from = chosen ?? [...(found ?? byType ?? [])].sort((a, b) => a - b);
    return from.filter((seq) => seq < now.events && (byType?.has(seq) ?? true) && (found?.has(seq) ?? true));
  }, [ofProposal, types, words, now.events, version]);
  const count = places?.length ?? now.events;
  const placeAt = (row: number): number => places?.[count - 1 - row] ?? count - 1 - row;
  return (
    <section class="log" aria-label="Log">
      <h2 class="unseen">Log of events</h2>
      <div class="head">
        <input
          type="search"
          placeholder="Search what is loaded"
          aria-label="Search the events that are loaded"
          value={options["find"] ?? ""}
          onInput={({ currentTarget }) => goTo({ options: { find: currentTarget.value } }, true)}
        />
        <input
          type="text"
          class="proposal"
          placeholder="Proposal: p7"
          aria-label="Only events of this proposal"
          value={proposal}
          onInput={({ currentTarget }) => goTo({ options: { proposal: currentTarget.value } }, true)}
        />
        <span class="quiet small" role="status">
          {countText(count)} of {countText(now.events)} events, the latest first
        </span>
        <TypeChoice data={data} types={types} />
      </div>
      {problem === null ? null : <p class="bad small">{problem}</p>}
      {words === "" ? null : <SearchMore pages={pages} total={now.events} version={version} />}
      <Rows count={count} pages={pages} placeAt={placeAt} startedMs={now.startedMs} />
    </section>
  );
}

function hasWords({ sent: [, event] }: PlacedEvent, words: string): boolean {
  return (
    JSON.stringify(event).toLowerCase().includes(words) || describeEvent(event).toLowerCase().includes(words)
  );
}

/** The events of a proposal; null where none is chosen. */
function useOfProposal(data: RunData, proposal: string, events: number): readonly PlacedEvent[] | null {
  const [found, setFound] = useState<readonly PlacedEvent[]>([]);
  useEffect(() => {
    let isOver = false;
    if (proposal !== "")
      data.readProposal(proposal).then(
        (read) => isOver || setFound(read),
        () => isOver || setFound([]),
      );
    return () => {
      isOver = true;
    };
  }, [data, proposal, events]);
  return proposal === "" ? null : found;
}

function TypeChoice({ data, types }: { readonly data: RunData; readonly types: ReadonlySet<EventType> }) {
  const toggle = (name: EventType): void => {
    const chosen = types.has(name) ? [...types].filter((one) => one !== name) : [...types, name];
    goTo({ options: { type: chosen.join(" ") } }, true);
  };
  return (
    <div class="types" role="group" aria-label="Types of events">
      {TYPE_NAMES.filter((name) => data.types.countOf(name) > 0).map((name) => (
        <button key={name} type="button" aria-pressed={types.has(name)} onClick={() => toggle(name)}>
          {name} <span class="quiet">{countText(data.types.countOf(name))}</span>
        </button>
      ))}
    </div>
  );
}

interface SearchMoreProps {
  readonly pages: EventPages;
  readonly total: number;
  readonly version: number;
}

function SearchMore({ pages, total, version }: SearchMoreProps) {
  const held = useMemo(() => [...pages.held()].length, [pages, version]);
  const [isBusy, setBusy] = useState(false);
  if (held >= total) return null;
  const load = async (): Promise<void> => {
    setBusy(true);
    let loaded = 0;
    for (let place = total - 1; place >= 0 && loaded < SEARCHED; place -= 1)
      if (!pages.isHeld(place)) {
        await pages.load(place);
        loaded += 256;
      }
    setBusy(false);
  };
  return (
    <p class="small quiet">
      Searched {countText(held)} of {countText(total)} events.{" "}
      <button type="button" class="small" disabled={isBusy} onClick={() => void load()}>
        {isBusy ? "Loading ..." : `Search ${countText(Math.min(SEARCHED, total - held))} more`}
      </button>
    </p>
  );
}

interface RowsProps {
  readonly count: number;
  readonly pages: EventPages;
  readonly placeAt: (row: number) => number;
  readonly startedMs: number | null;
}

/** Only those rows that are seen are there. */
function Rows({ count, pages, placeAt, startedMs }: RowsProps) {
  const box = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const [open, setOpen] = useState<number | null>(null);
  const height = box.current?.clientHeight ?? 600;
  const from = Math.max(0, Math.floor(top / ROW) - 8);
  const rows = Math.max(0, Math.min(count, MOST_ROWS, from + Math.ceil(height / ROW) + 24) - from);
  const opened = open === null ? undefined : pages.at(open);
  // Events that come above what is looked at do not push it down.
  const before = useRef(count);
  useLayoutEffect(() => {
    if (box.current !== null && box.current.scrollTop > 0)
      box.current.scrollTop += (count - before.current) * ROW;
    before.current = count;
  }, [count]);
  return (
    <div class="rows-and-event">
      <div
        class="rows"
        ref={box}
        tabIndex={0}
        role="region"
        aria-label="Events, the latest first"
        onScroll={({ currentTarget }) => setTop(currentTarget.scrollTop)}
      >
        <ol style={{ height: `${Math.min(count, MOST_ROWS) * ROW}px` }}>
          {Array.from({ length: rows }, (_, at) => from + at).map((row) => (
            <Row
              key={placeAt(row)}
              row={row}
              place={placeAt(row)}
              placed={pages.at(placeAt(row))}
              startedMs={startedMs}
              isOpen={placeAt(row) === open}
              onOpen={() => setOpen(placeAt(row) === open ? null : placeAt(row))}
            />
          ))}
        </ol>
        {count === 0 ? <p class="none quiet">No event is like that.</p> : null}
      </div>
      {opened === undefined ? null : <Details placed={opened} onClose={() => setOpen(null)} />}
    </div>
  );
}

interface RowProps {
  readonly row: number;
  readonly place: number;
  readonly placed: PlacedEvent | undefined;
  readonly startedMs: number | null;
  readonly isOpen: boolean;
  readonly onOpen: () => void;
}

function Row({ row, place, placed, startedMs, isOpen, onOpen }: RowProps) {
  const event = placed?.sent[1];
  const timeMs = placed?.sent[0] ?? null;
  const tone = event?.type === "episode-ended" && !event.outcome.ok ? " bad" : "";
  return (
    <li style={{ transform: `translateY(${row * ROW}px)` }}>
      <button type="button" aria-expanded={isOpen} onClick={onOpen} disabled={event === undefined}>
        <span class="quiet place">{countText(place)}</span>
        <span class="quiet time" title={momentText(timeMs)}>
          {timeMs === null || startedMs === null ? "–" : durationText(timeMs - startedMs)}
        </span>
        <span class="of">{event === undefined ? "" : (proposalOf(event) ?? "")}</span>
        <span class="type">{event?.type ?? "..."}</span>
        <span class={`words${tone}`}>{event === undefined ? "" : describeEvent(event)}</span>
      </button>
    </li>
  );
}

/** As much of an event as is shown. */
const MOST_SHOWN = 200_000;

function Details({
  placed: { seq, sent },
  onClose,
}: {
  readonly placed: PlacedEvent;
  readonly onClose: () => void;
}) {
  const text = JSON.stringify(sent[1], null, 2);
  return (
    <aside class="panel" aria-label={`Event ${seq}`}>
      <div class="head">
        <h2>
          Event {countText(seq)}, {sent[1].type}
        </h2>
        <button type="button" class="plain" onClick={onClose}>
          Close
        </button>
      </div>
      <p class="quiet small">{momentText(sent[0])}</p>
      <pre tabIndex={0}>
        {text.slice(0, MOST_SHOWN)}
        {text.length > MOST_SHOWN ? "\n... the rest is left out" : ""}
      </pre>
    </aside>
  );
}
