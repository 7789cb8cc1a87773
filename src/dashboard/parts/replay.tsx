// Owns: the slider through the moments of a run, from its beginning to now.
import { address, goTo } from "../data/address.ts";
import type { RunData } from "../data/run-data.ts";

export function Replay({ data }: { readonly data: RunData }) {
  const last = data.latest.value?.events ?? 1;
  const chosen = Number(address.value.options["at"] ?? NaN);
  const at = Number.isInteger(chosen) ? Math.min(chosen, last) : last;
  const isNow = at === last && !Number.isInteger(chosen);
  return (
    <div class="replay">
      <label>
        Moment
        <input
          type="range"
          min={1}
          max={last}
          value={at}
          onInput={({ currentTarget: { valueAsNumber } }) =>
            goTo({ options: { at: valueAsNumber >= last ? null : valueAsNumber } }, true)
          }
        />
      </label>
      <output>
        event {at} of {last}
      </output>
      <button type="button" disabled={isNow} onClick={() => goTo({ options: { at: null } })}>
        Now
      </button>
    </div>
  );
}
