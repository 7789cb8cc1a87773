// Owns: text of any length: coloured runs, of which a part is shown until more is asked for.
import { useMemo, useState } from "preact/hooks";
import { countText } from "../data/words.ts";
import type { ColouredRun } from "./coloured-text.ts";

/** What is shown at first, and the most that is ever drawn. */
const FIRST_LINES = 120;
const FIRST_CHARACTERS = 20_000;
const MOST_CHARACTERS = 2 << 20;

interface LongTextProps {
  readonly text: string;
  readonly class: string;
  /** How it is coloured; it is asked for what is shown alone. */
  readonly runsOf?: ((text: string) => readonly ColouredRun[]) | undefined;
  readonly label?: string | undefined;
}

export function LongText({ text, class: name, runsOf, label }: LongTextProps) {
  const [isWhole, setWhole] = useState(false);
  const first = useMemo(() => cutBeginning(text), [text]);
  const shown = isWhole ? text.slice(0, MOST_CHARACTERS) : first;
  const runs = useMemo(() => runsOf?.(shown) ?? [{ text: shown, classes: "" }], [shown, runsOf]);
  const left = text.length - shown.length;
  return (
    <>
      <pre class={name} aria-label={label} role={label === undefined ? undefined : "group"}>
        {runs.map(({ text: piece, classes }) =>
          classes === "" ? piece : <span class={classes}>{piece}</span>,
        )}
      </pre>
      {first.length === text.length ? null : (
        <p class="more">
          {isWhole && left > 0 ? `${countText(left)} more characters are not shown. ` : ""}
          <button type="button" class="plain" aria-expanded={isWhole} onClick={() => setWhole(!isWhole)}>
            {isWhole ? "Show less" : `Show all (${countText(text.length)} characters)`}
          </button>
        </p>
      )}
    </>
  );
}

function cutBeginning(text: string): string {
  let at = -1;
  for (let line = 0; line < FIRST_LINES; line++) {
    at = text.indexOf("\n", at + 1);
    if (at === -1 || at > FIRST_CHARACTERS) break;
  }
  return text.slice(0, at === -1 || at > FIRST_CHARACTERS ? FIRST_CHARACTERS : at);
}
