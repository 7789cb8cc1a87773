// Owns: what people are told of a model's troubles while a run goes on: the first of a kind at once, then now and
// then, and always the latest in the status. Counting for the record is the journal's.
import type { ModelNotice, ModelNoticeType, NoticeListener } from "../../models/signals/notice.ts";

export interface NoticeBoard {
  /** For the model. */
  readonly listener: NoticeListener;
  /** Where lines that stay are written; what came before is written now. */
  showOn(line: (text: string) => void): void;
  /** For the status: what the model is waiting for at this moment; null when nothing. */
  status(now: number): string | null;
}

/** Between two lines about troubles that go on. */
const EVERY_MS = 15_000;
/** Shown in the status for so long after the wait that it announces. */
const LINGERS_MS = 3_000;
/** Told once each, whenever they come. */
const ALWAYS: readonly ModelNoticeType[] = ["unknown-model", "adapted", "absent", "differs"];
/** Told now and then. */
const WAITING: readonly ModelNoticeType[] = ["retried", "slowed"];

export function noticeBoard(clock: () => number = Date.now): NoticeBoard {
  const early: string[] = [];
  let write: (text: string) => void = (text) => void early.push(text);
  let toldAt = Number.NEGATIVE_INFINITY;
  let untold = 0;
  let latest: { readonly text: string; readonly until: number } | null = null;
  const waiting = (notice: ModelNotice): void => {
    const now = clock();
    latest = { text: wordsOf(notice), until: now + (notice.retry?.waitMs ?? 0) + LINGERS_MS };
    if (now < toldAt + EVERY_MS) {
      untold++;
      return;
    }
    write(`${wordsOf(notice)}${untold === 0 ? "" : ` (${untold} more since the last line)`}`);
    [toldAt, untold] = [now, 0];
  };
  return {
    listener(notice) {
      if (ALWAYS.includes(notice.type)) write(wordsOf(notice));
      else if (WAITING.includes(notice.type)) waiting(notice);
    },
    showOn(line) {
      write = line;
      for (const text of early.splice(0)) line(text);
    },
    status: (now) => (latest !== null && now < latest.until ? latest.text : null),
  };
}

const LABELS: Readonly<Record<ModelNoticeType, string>> = {
  "unknown-model": "",
  adapted: "it refused something, which is left out from now on: ",
  repaired: "",
  retried: "",
  slowed: "",
  absent: "",
  differs: "",
};

function wordsOf({ type, model, message }: ModelNotice): string {
  return `model ${model}: ${LABELS[type]}${message}`;
}

const COUNTED: Readonly<Record<string, readonly [one: string, many: string]>> = {
  retried: ["request asked again", "requests asked again"],
  slowed: ["wait for the rate limit", "waits for the rate limit"],
  repaired: ["repair of a reply", "repairs of replies"],
  adapted: ["adaptation to the server", "adaptations to the server"],
  absent: ["reply in place of a model out of reach", "replies in place of models out of reach"],
  "too-long": ["prompt folded to fit", "prompts folded to fit"],
};

/** Counts from the journal in words: `12 requests asked again, 1 repair of a reply`; empty when there are none. */
export function noticesText(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([type, count]) => {
      const [one, many] = COUNTED[type] ?? [type, type];
      return `${count} ${count === 1 ? one : many}`;
    })
    .join(", ");
}
