// Owns: a submission as plain values, folded until somebody looks.
import { useState } from "preact/hooks";
import type { BlobHash, Json } from "../../contracts/index.ts";
import { cleanText } from "../../core/untrusted.ts";
import { plainSubmission } from "../../history/plain-submission.ts";
import type { RunData } from "../data/run-data.ts";
import { LongText } from "../notebook/text.tsx";
import { useRead } from "../parts/use-read.ts";

/** Deeper values are shown as they are kept. */
const MOST_LEVELS = 100;

export function SubmissionFacts({ data, hash }: { readonly data: RunData; readonly hash: BlobHash }) {
  const [isOpen, setOpen] = useState(false);
  const read = useRead(isOpen ? hash : null, () => data.readJson<Json>(hash));
  return (
    <details class="folded" onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>Submission</summary>
      {read === null ? (
        <p class="quiet">Reading it ...</p>
      ) : "problem" in read ? (
        <p class="withheld">It is not shown: {read.problem}</p>
      ) : (
        <LongText class="output-text" text={submissionText(read.value)} />
      )}
    </details>
  );
}

/** Lists of numbers take a line each; numbers that JSON does not have are written as JavaScript writes them. */
function submissionText(value: Json): string {
  try {
    const text = JSON.stringify(
      plainSubmission(value, MOST_LEVELS),
      (_, item: unknown) =>
        typeof item === "bigint" || (typeof item === "number" && !Number.isFinite(item))
          ? String(item)
          : item,
      1,
    );
    return cleanText(joinNumbers(text ?? ""));
  } catch {
    return "It is nested too deep to be shown.";
  }
}

/** `[\n  1,\n  2\n]` as `[1, 2]`. */
function joinNumbers(text: string): string {
  const lines = text.split("\n");
  const joined: string[] = [];
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? "";
    let end = at + 1;
    if (line.endsWith("["))
      while (/^\s*-?[\d."]/.test(lines[end] ?? "") && (lines[end] ?? "").length < 40) end += 1;
    if (end > at + 1 && /^\s*\],?$/.test(lines[end] ?? "")) {
      joined.push(
        `${line}${lines
          .slice(at + 1, end)
          .map((one) => one.trim())
          .join(" ")}${(lines[end] ?? "").trim()}`,
      );
      at = end;
    } else joined.push(line);
  }
  return joined.join("\n");
}
