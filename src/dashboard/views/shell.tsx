// Owns: what surrounds the views: the run's name and standing, the tabs, the slider through its moments, and what went wrong.
import { computed, signal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import type { Task } from "../../contracts/index.ts";
import { address, goTo, linkTo } from "../data/address.ts";
import { momentOf } from "../data/moment-of.ts";
import { historyAt, openRunData, type RunData } from "../data/run-data.ts";
import { stateWords } from "../data/words.ts";
import { focusSearch, KeyList, showKeys, useKeys, type KeyWords } from "../parts/keys.tsx";
import { Replay } from "../parts/replay.tsx";
import { nextTheme, ThemeSwitch } from "../parts/theme.tsx";
import type { Source } from "../source.ts";
import { RunsView } from "./runs.tsx";
import { VIEWS_OF_RUN } from "./views.ts";

const KEYS: readonly KeyWords[] = [
  ["/", "search in this view"],
  ["n", "back to now, after the slider went back"],
  ["t", "the next theme"],
  ["?", "this list"],
];

/** The page: the list of runs, or one of them. */
export function Shell({ source }: { readonly source: Source }) {
  const only = source.info.runs.length === 1 ? source.info.runs[0]?.name : undefined;
  const run = address.value.run ?? only;
  useEffect(() => {
    if (run !== undefined && address.value.run === null) goTo({ run }, true);
  }, [run, address.value.run]);
  return (
    <div class="page">
      <a class="skip" href="#content" onClick={focusContent}>
        Skip to the content
      </a>
      {run === undefined ? (
        <AllRuns source={source} />
      ) : (
        <OpenRun key={run} source={source} name={run} isOnly={only !== undefined} />
      )}
    </div>
  );
}

function AllRuns({ source }: { readonly source: Source }) {
  useKeys(pressGeneralKey);
  return (
    <>
      <header class="top alone">
        <div class="name">
          <h1>{source.info.title}</h1>
        </div>
        <Tools />
      </header>
      <main id="content" tabIndex={-1}>
        <RunsView source={source} />
      </main>
      <KeyList keys={KEYS.filter(([key]) => key !== "n")} />
    </>
  );
}

/** The address is the page's own: a link to a place in it would be read as a run. */
function focusContent(event: Event): void {
  event.preventDefault();
  document.querySelector<HTMLElement>("#content")?.focus();
}

interface OpenRunProps {
  readonly source: Source;
  readonly name: string;
  /** There is no list to go back to. */
  readonly isOnly: boolean;
}

function OpenRun({ source, name, isOnly }: OpenRunProps) {
  const data = useMemo(() => openRunData(source.openRun(name)), [source, name]);
  useEffect(() => () => data.close(), [data]);
  const task = useTask(data);
  const { latest, total, fault, trouble } = data;
  const problem = fault.value ?? trouble.value;
  useKeys(pressRunKey);
  const shown = VIEWS_OF_RUN.find((one) => one.name === address.value.view) ?? VIEWS_OF_RUN[0];
  return (
    <>
      <header class="top">
        <div class="name">
          {isOnly ? null : (
            <a class="crumb" href="#/">
              Runs
            </a>
          )}
          <h1>{name}</h1>
          <Standing data={data} />
          <span class="task">{task?.name ?? ""}</span>
        </div>
        <Tools />
        <nav class="tabs" aria-label="Views">
          {VIEWS_OF_RUN.map(({ name: view, title }, at) => (
            <a
              key={view}
              href={linkTo({ run: name, view })}
              title={`Key ${at + 1}`}
              aria-current={shown?.name === view ? "page" : undefined}
            >
              {title}
            </a>
          ))}
        </nav>
      </header>
      {problem === null ? null : (
        <p class="trouble" role="alert">
          {problem}
        </p>
      )}
      {latest.value === null || task === null ? (
        <p class="waiting" role="status">
          Reading {total.value === 0 ? "the run" : `${total.value} events`} ...
        </p>
      ) : (
        <RunViews data={data} task={task} />
      )}
      <KeyList keys={[[`1 – ${VIEWS_OF_RUN.length}`, "go to a view"], ...KEYS, ...(shown?.keys ?? [])]} />
    </>
  );
}

/** The switch of themes, and the way to the list of keys. */
function Tools() {
  return (
    <div class="tools">
      <ThemeSwitch />
      <button type="button" class="help" aria-label="Keys" title="Keys (?)" onClick={showKeys}>
        ?
      </button>
    </div>
  );
}

function pressRunKey(key: string): boolean {
  const view = /^[1-9]$/.test(key) ? VIEWS_OF_RUN[Number(key) - 1] : undefined;
  if (view !== undefined) goTo({ view: view.name });
  else if (key === "n") goTo({ options: { at: null } });
  else return pressGeneralKey(key);
  return true;
}

/** The keys that the list of runs has too. */
function pressGeneralKey(key: string): boolean {
  if (key === "/") return focusSearch();
  if (key === "t") nextTheme();
  else if (key === "?") showKeys();
  else return false;
  return true;
}

function Standing({ data: { standing, latest } }: { readonly data: RunData }) {
  const history = latest.value;
  if (history === null) return null;
  const { text, tone } = stateWords(standing.value?.standing ?? null, history);
  const waiting = standing.value?.waiting ?? 0;
  return (
    <span role="status" class={`chip ${tone}`}>
      {text === "under way" ? <span class="pulse" /> : null}
      {text}
      {waiting > 0 ? `, ${waiting} asked for` : ""}
    </span>
  );
}

function RunViews({ data, task }: { readonly data: RunData; readonly task: Task }) {
  const history = useMemo(() => {
    const chosen = historyAt(
      data,
      computed(() => momentOf(address.value)),
    );
    return computed(() => {
      const now = chosen.value;
      if (now === null) throw new Error("The view was drawn before the first event.");
      return now;
    });
  }, [data]);
  const { view: View } = VIEWS_OF_RUN.find(({ name }) => name === address.value.view) ??
    VIEWS_OF_RUN[0] ?? { view: () => null };
  return (
    <>
      <Replay data={data} />
      <main id="content" tabIndex={-1}>
        <View data={data} history={history} task={task} />
      </main>
    </>
  );
}

/** The task of the run, once it is read. */
function useTask(data: RunData): Task | null {
  const task = useMemo(() => signal<Task | null>(null), [data]);
  const hash = data.latest.value?.task;
  useEffect(() => {
    if (hash !== undefined) void data.readJson<Task>(hash).then((read) => (task.value = read));
  }, [data, hash]);
  return task.value;
}
