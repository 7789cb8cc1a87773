// Owns: a verdict as `nbevolve verify` prints it. Never judges: what is not among the metrics is not known.
import type { Score } from "../../contracts/index.ts";
import { scoreText } from "../../environment/tools/score.ts";

/** The metrics that `judge` of the verifier kit gives (docs/guides/verifiers.md). */
const KIT = ["strict", "relaxed", "repaired", "loss", "violation"] as const;

/** Lines for people: strict, relaxed and repaired score and what is violated, where the verifier tells; else one line. */
export function verdictText(verdict: Score): string {
  const { metrics, message, valid } = verdict;
  if (!KIT.some((name) => name in metrics)) return scoreText(verdict);
  const { score, strict, relaxed, repaired, loss, violation, ...others } = metrics;
  const no = violation === undefined ? "no" : `no: violated by ${violation.toPrecision(3)}`;
  const rows: readonly (readonly [string, string | number | undefined])[] = [
    ["score", valid ? score : "invalid"],
    ["strict", strict ?? no],
    ["relaxed", relaxed ?? "no: more than its tolerance"],
    [
      "repaired",
      repaired === undefined
        ? undefined
        : `${repaired}${loss === undefined ? "" : `, costs ${loss.toPrecision(3)}`}`,
    ],
    ["violated", message === "" ? undefined : message],
    ...Object.entries(others),
  ];
  const shown = rows.filter(([, value]) => value !== undefined);
  const width = Math.max(...shown.map(([name]) => name.length)) + 2;
  return shown.map(([name, value]) => name.padEnd(width) + value).join("\n");
}
