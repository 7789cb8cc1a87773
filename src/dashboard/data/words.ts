// Owns: how the page says what it knows: standings, lengths of time, money, counts. Pure.
import type { RunStanding, StopReason } from "../../contracts/index.ts";

/** A word about a run, and how it is coloured. */
export interface StateWords {
  readonly text: string;
  readonly tone: "good" | "warn" | "quiet";
}

const ENDED: Readonly<Record<StopReason, string>> = {
  target: "its target was reached",
  budget: "its limit was reached",
  exhausted: "the strategy had nothing more to propose",
  asked: "a person stopped it",
};

/** `standing` null: it is not known yet, and the journal says what it can. */
export function stateWords(
  standing: RunStanding | null,
  { stopped, paused }: { readonly stopped: StopReason | null; readonly paused: boolean },
): StateWords {
  if (standing === "live") {
    if (stopped !== null) return { text: `coming to its end: ${ENDED[stopped]}`, tone: "good" };
    return paused ? { text: "paused", tone: "warn" } : { text: "under way", tone: "good" };
  }
  if (stopped !== null) return { text: `finished: ${ENDED[stopped]}`, tone: "quiet" };
  if (standing === "finished") return { text: "finished", tone: "quiet" };
  return standing === "interrupted"
    ? { text: "interrupted", tone: "warn" }
    : { text: "not finished", tone: "quiet" };
}

/** Such as `0.05 s`, `4.2 s`, `48 s`, `12 min 5 s`, `3 h 20 min`, `2 d 4 h`. A dash where it is not known. */
export function durationText(ms: number | null): string {
  if (ms === null || !Number.isFinite(ms)) return "–";
  if (ms > 0 && ms < 10_000) return `${Number((ms / 1000).toPrecision(2))} s`;
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** The time between two moments; null where one of them is not known. */
export function between(from: number | null, to: number | null): number | null {
  return from === null || to === null ? null : to - from;
}

/** `$0.42`, `$1,204`; small sums with two digits that say something. A dash where a price was not known. */
export function moneyText(usd: number | null): string {
  if (usd === null || !Number.isFinite(usd)) return "–";
  if (usd === 0) return "$0";
  if (usd < 0.1) return `$${Number(usd.toPrecision(2))}`;
  return `$${usd.toLocaleString("en", usd < 1000 ? { minimumFractionDigits: 2, maximumFractionDigits: 2 } : { maximumFractionDigits: 0 })}`;
}

export function countText(count: number): string {
  return Number.isFinite(count) ? count.toLocaleString("en") : "–";
}

/** Such as `1.25 M` and `38 k`, where a column or an axis has little room. */
export function shortCount(count: number): string {
  const size = Math.abs(count);
  if (!Number.isFinite(count)) return "–";
  if (size >= 1e6) return `${Number((count / 1e6).toPrecision(3))} M`;
  return size >= 1e4 ? `${Number((count / 1e3).toPrecision(3))} k` : countText(Number(count.toPrecision(4)));
}

/** `1 branch`, `2 branches`. */
export function countOf(count: number, one: string, many = `${one}s`): string {
  return `${countText(count)} ${count === 1 ? one : many}`;
}

/** A moment as its reader's clock and calendar say it; a dash where it is not known. */
export function momentText(ms: number | null): string {
  return ms === null || !Number.isFinite(ms)
    ? "–"
    : new Date(ms).toLocaleString("en", { dateStyle: "medium", timeStyle: "medium", hourCycle: "h23" });
}
