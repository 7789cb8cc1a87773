// Owns: what is said of a report that was written.
import type { WrittenReport } from "../../exports/report/report.ts";
import { shownPath } from "../session-end.ts";

/** Where the report is, how large, and how it is read. */
export function reportText({ file, bytes }: WrittenReport): string {
  return `report, for any browser and without a network:  ${shownPath(file)} (${sizeText(bytes)})`;
}

const MOST_NAMED = 3;

/** What has no place in it, and how to have it. */
export function leftOutText(leftOut: readonly string[]): string {
  const more = leftOut.length - MOST_NAMED;
  const named = leftOut.slice(0, MOST_NAMED).join(", ");
  return `left out, so that the file stays under 20 MiB: ${named}${more > 0 ? ` and ${more} more` : ""}; --all holds everything`;
}

/** A size as people read it. */
export function sizeText(bytes: number): string {
  return bytes < 2 ** 20 ? `${Math.ceil(bytes / 1024)} KiB` : `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}
