// Owns: what people see of a model's troubles during a run: the first at once, later ones now and then, the latest in the
// status. The journal counts them.
import type { ModelNotice, ModelNoticeType, NoticeListener } from "../../models/signals/notice.ts";

export interface NoticeBoard {
  /** Goes to the model. */
  readonly listener: NoticeListener;
  /** Sets where lines are written, and writes those that came before. */
  showOn(line: (text: string) => void): void;
  /** What the model is waiting for at this moment, for the status; null when it waits for nothing. */
  status(now: number): string | null;
}

/** The time between two lines about troubles that go on. */
const EVERY_MS = 15_000;
/** How long a notice stays in the status after the wait that it announces. */
const LINGERS_MS = 3_000;
/** Each of these is written as soon as it comes. */
const ALWAYS: readonly ModelNoticeType[] = ["unknown-model", "proxied", "adapted", "absent", "differs"];
/** Each of these is written now and then. */
const WAITING: readonly ModelNoticeType[] = ["retried", "slowed"];

export function noticeBoard(clock: () => number = () => performance.now()): NoticeBoard {
  const early: string[] = [];
  let write: (text: string) => void = (text) => void early.push(text);
  let writtenAt = Number.NEGATIVE_INFINITY;
  let unwritten = 0;
  let latest: { readonly text: string; readonly until: number } | null = null;
  const waiting = (notice: ModelNotice): void => {
    const now = clock();
    latest = { text: wordsOf(notice), until: now + (notice.retry?.waitMs ?? 0) + LINGERS_MS };
    if (now < writtenAt + EVERY_MS) {
      unwritten++;
      return;
    }
    write(`${wordsOf(notice)}${unwritten === 0 ? "" : ` (${unwritten} more since the last line)`}`);
    [writtenAt, unwritten] = [now, 0];
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
  proxied: "",
  adapted: "it is asked in another way from now on: ",
  repaired: "",
  retried: "",
  slowed: "",
  absent: "",
  differs: "",
};

function wordsOf({ type, model, message }: ModelNotice): string {
  return `model ${model}: ${LABELS[type]}${message}`;
}
