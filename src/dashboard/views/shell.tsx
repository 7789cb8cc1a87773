// Owns: what surrounds the views: the run's name and standing, the tabs, the slider through its moments, and what went wrong.
import { computed, signal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import type { Task } from "../../contracts/index.ts";
import { address, linkTo } from "../data/address.ts";
import { historyAt, openRunData, type RunData } from "../data/run-data.ts";
import type { Source } from "../source.ts";
import { Replay } from "../parts/replay.tsx";
import { VIEWS_OF_RUN } from "./views.ts";

/** The page: the list of runs, or one of them. */
export function Shell({ source }: { readonly source: Source }) {
  const only = source.info.runs.length === 1 ? source.info.runs[0]?.name : undefined;
  const run = address.value.run ?? only;
  return (
    <div class="page">
      <a class="skip" href="#content">
        Skip to the content
      </a>
      {run === undefined ? <p>Choose a run.</p> : <OpenRun key={run} source={source} name={run} />}
    </div>
  );
}

function OpenRun({ source, name }: { readonly source: Source; readonly name: string }) {
  const data = useMemo(() => openRunData(source.openRun(name)), [source, name]);
  useEffect(() => () => data.close(), [data]);
  const task = useTask(data);
  const { latest, total, fault, trouble, standing } = data;
  const history = latest.value;
  const problem = fault.value ?? trouble.value;
  return (
    <>
      <header class="top">
        <h1>{name}</h1>
        <span class={`standing ${standing.value?.standing ?? ""}`}>{standing.value?.standing ?? ""}</span>
        <nav aria-label="Views">
          {VIEWS_OF_RUN.map(({ name: view, title }) => (
            <a
              key={view}
              href={linkTo({ run: name, view })}
              aria-current={address.value.view === view ? "page" : undefined}
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
      {history === null || task === null ? (
        <p role="status">Reading {total.value === 0 ? "the run" : `${total.value} events`} ...</p>
      ) : (
        <RunViews data={data} task={task} />
      )}
    </>
  );
}

function RunViews({ data, task }: { readonly data: RunData; readonly task: Task }) {
  const history = useMemo(() => {
    const at = computed(() => {
      const chosen = Number(address.value.options["at"] ?? NaN);
      return Number.isInteger(chosen) ? chosen : null;
    });
    const chosen = historyAt(data, at);
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
