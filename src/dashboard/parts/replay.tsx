// Owns: the slider through the moments of a run, from its beginning to now.
import { address, goTo } from "../data/address.ts";
import { momentOf } from "../data/moment-of.ts";
import type { RunData } from "../data/run-data.ts";
import { between, countText, durationText } from "../data/words.ts";

export function Replay({ data }: { readonly data: RunData }) {
  const latest = data.latest.value;
  const last = latest?.events ?? 1;
  const chosen = momentOf(address.value);
  const isNow = chosen === null || chosen >= last;
  const at = isNow ? last : chosen;
  const then = isNow ? latest : (data.moments.nearest(at) ?? latest);
  const after = then && between(then.startedMs, then.latestMs);
  return (
    <section aria-label="Moments of the run" class={isNow ? "replay" : "replay past"}>
      <label>
        <span class="word">Moment</span>
        <input
          type="range"
          aria-label="Moment"
          min={1}
          max={last}
          value={at}
          aria-valuetext={`event ${at} of ${last}`}
          onInput={({ currentTarget: { valueAsNumber } }) =>
            goTo({ options: { at: valueAsNumber >= last ? null : valueAsNumber } }, true)
          }
        />
      </label>
      <output>
        {isNow ? "" : `${countText(at)} of `}
        {countText(last)} events{after === null ? "" : `, ${durationText(after)}`}
      </output>
      <button type="button" disabled={isNow} onClick={() => goTo({ options: { at: null } })}>
        Now
      </button>
    </section>
  );
}
