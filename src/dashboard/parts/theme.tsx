// Owns: the page's theme: the system's, or the one that its reader chose, which is remembered.
import { effect, signal } from "@preact/signals";

const THEMES = [
  ["system", "Auto"],
  ["light", "Light"],
  ["dark", "Dark"],
] as const;
type Theme = (typeof THEMES)[number][0];

const KEY = "nbevolve-theme";
const theme = signal<Theme>(readRemembered());

effect(() => {
  const { dataset } = document.documentElement;
  if (theme.value === "system") delete dataset["theme"];
  else dataset["theme"] = theme.value;
});

/** A browser may refuse to remember anything, as for a file. */
function readRemembered(): Theme {
  try {
    return THEMES.find(([name]) => name === localStorage.getItem(KEY))?.[0] ?? "system";
  } catch {
    return "system";
  }
}

function choose(name: Theme): void {
  theme.value = name;
  try {
    localStorage.setItem(KEY, name);
  } catch {
    // It holds until the page is closed.
  }
}

/** The next one, for a key. */
export function nextTheme(): void {
  const at = THEMES.findIndex(([name]) => name === theme.peek());
  choose(THEMES[(at + 1) % THEMES.length]?.[0] ?? "system");
}

/** Calls back whenever colours may have changed, for what is drawn on a canvas. The function ends it. */
export function watchTheme(changed: () => void): () => void {
  const system = matchMedia("(prefers-color-scheme: dark)");
  system.addEventListener("change", changed);
  const end = theme.subscribe(changed);
  return () => {
    system.removeEventListener("change", changed);
    end();
  };
}

export function ThemeSwitch() {
  return (
    <div class="choice" role="group" aria-label="Theme">
      {THEMES.map(([name, word]) => (
        <button key={name} type="button" aria-pressed={theme.value === name} onClick={() => choose(name)}>
          {word}
        </button>
      ))}
    </div>
  );
}
