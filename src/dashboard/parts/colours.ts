// Owns: the page's colours as a canvas needs them: what a variable of the style sheet comes to in the theme that is shown.
import { watchTheme } from "./theme.tsx";

let known = new Map<string, string>();
let probe: HTMLElement | null = null;
let isWatching = false;

/** The colour of a variable such as `accent`. */
export function colourOf(name: string): string {
  if (!isWatching) {
    isWatching = true;
    watchTheme(() => (known = new Map()));
  }
  const before = known.get(name);
  if (before !== undefined) return before;
  if (probe === null) {
    probe = document.createElement("span");
    probe.hidden = true;
    document.body.append(probe);
  }
  probe.style.color = `var(--${name})`;
  const colour = getComputedStyle(probe).color;
  known.set(name, colour);
  return colour;
}
