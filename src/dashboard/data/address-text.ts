// Owns: what the page shows, as a text: the part of its address behind `#`. Pure.

/** The views of a run. */
export const VIEWS = ["run", "lineage", "branch", "difference", "episode", "niches", "log"] as const;
export type ViewName = (typeof VIEWS)[number];

/** What is shown. What a view has no use for is kept for the next one. */
export interface Address {
  /** Null: the list of runs. */
  readonly run: string | null;
  readonly view: ViewName;
  /** Whatever the views keep, such as `branch`, `other`, `round`, `turn`, `at`, `find`; without the empty ones. */
  readonly options: Readonly<Record<string, string>>;
}

/** `#/RUN/VIEW?name=value`; an unknown view is the first one. Never throws. */
export function readAddress(hash: string): Address {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?", 2);
  const [run = "", name = ""] = path.split("/").map(decodeWord);
  const view = VIEWS.find((one) => one === name) ?? "run";
  const options = Object.fromEntries([...new URLSearchParams(query)].filter(([, value]) => value !== ""));
  return { run: run === "" ? null : run, view, options };
}

export function writeAddress({ run, view, options }: Address): string {
  const query = new URLSearchParams(Object.entries(options).filter(([, value]) => value !== "")).toString();
  const path = run === null ? "#/" : `#/${encodeURIComponent(run)}/${view}`;
  return `${path}${query === "" ? "" : `?${query}`}`;
}

function decodeWord(word: string): string {
  try {
    return decodeURIComponent(word);
  } catch {
    return word;
  }
}

/** What a link changes; an option of null is removed, and with another run all that the one before it kept. */
export interface AddressChange {
  readonly run?: string | null;
  readonly view?: ViewName;
  readonly options?: Readonly<Record<string, string | number | null>>;
}

export function changeAddress(from: Address, change: AddressChange): Address {
  const changed = Object.entries(change.options ?? {}).map(([name, value]) => [name, String(value ?? "")]);
  const run = change.run === undefined ? from.run : change.run;
  // What one run's views keep says nothing of another run.
  const kept = run === from.run ? from.options : {};
  const all: Record<string, string> = { ...kept, ...Object.fromEntries(changed) };
  return {
    run,
    view: change.view ?? from.view,
    options: Object.fromEntries(Object.entries(all).filter(([, value]) => value !== "")),
  };
}
