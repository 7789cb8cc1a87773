// Owns: what a person can do to a run: notes for the model, a notebook of their own, pause, stop, and the word on a call that waits.
import { useEffect, useState } from "preact/hooks";
import type { ActionAnswer, AskedCall, PageAction } from "../../contracts/index.ts";
import type { History } from "../../core/run/history.ts";
import type { RunData } from "../data/run-data.ts";

/** A notebook that is larger than this is no person's. */
const MOST_NOTEBOOK = 20 * 2 ** 20;

interface Acting {
  /** What came of the latest action; null: none was done, or it is under way. */
  readonly answer: ActionAnswer | null;
  readonly isBusy: boolean;
  readonly act: (action: PageAction) => Promise<boolean>;
}

function useActing({ source }: RunData): Acting {
  const [answer, setAnswer] = useState<ActionAnswer | null>(null);
  const [isBusy, setBusy] = useState(false);
  return {
    answer,
    isBusy,
    async act(action) {
      if (source.act === null) return false;
      setBusy(true);
      setAnswer(null);
      const came = await source
        .act(action)
        .catch((problem: unknown) => ({ ok: false, text: String(problem) }));
      setAnswer(came);
      setBusy(false);
      return came.ok;
    },
  };
}

export function Actions({ data, history }: { readonly data: RunData; readonly history: History }) {
  const acting = useActing(data);
  const standing = data.standing.value?.standing;
  if (data.source.act === null)
    return (
      <p class="quiet small">
        This is a report: one moment of the run, to look at. To steer a run, open it with{" "}
        <code>nbevolve ui</code>.
      </p>
    );
  const why =
    standing === "live" ? null : "Nobody is at work on the run: it can be steered once it is resumed.";
  const { isBusy, act, answer } = acting;
  return (
    <div class="actions">
      {why === null ? null : <p class="quiet small">{why}</p>}
      <fieldset disabled={why !== null || isBusy} aria-label="Actions">
        <Steer act={act} />
        <div class="row">
          <button type="button" onClick={() => void act({ do: history.paused ? "unpause" : "pause" })}>
            {history.paused ? "Go on" : "Pause"}
          </button>
          <Stop act={act} />
          <Inject act={act} />
        </div>
      </fieldset>
      <p role="status" class={`small ${answer?.ok === false ? "bad" : "good"}`}>
        {isBusy ? "Sending ..." : (answer?.text ?? "")}
      </p>
    </div>
  );
}

type Act = Pick<Acting, "act">;

function Steer({ act }: Act) {
  const [note, setNote] = useState("");
  const [branch, setBranch] = useState("");
  const [proposals, setProposals] = useState(3);
  const send = async (event: Event): Promise<void> => {
    event.preventDefault();
    const isSent = await act({
      do: "steer",
      note: note.trim(),
      branch: branch.trim() === "" ? null : branch.trim(),
      proposals,
    });
    if (isSent) setNote("");
  };
  return (
    <form onSubmit={(event) => void send(event)}>
      <textarea
        rows={2}
        aria-label="A note for the model"
        placeholder="A note for the model: what to try, what to leave"
        value={note}
        onInput={({ currentTarget }) => setNote(currentTarget.value)}
      />
      <div class="row">
        <label>
          for the next{" "}
          <input
            type="number"
            class="count"
            min={1}
            max={999}
            value={proposals}
            onInput={({ currentTarget }) => setProposals(Math.max(1, currentTarget.valueAsNumber || 1))}
          />{" "}
          proposals
        </label>
        <label>
          below{" "}
          <input
            type="text"
            class="below-branch"
            placeholder="any branch"
            value={branch}
            onInput={({ currentTarget }) => setBranch(currentTarget.value)}
          />
        </label>
        <button type="submit" class="main" disabled={note.trim() === ""}>
          Steer
        </button>
      </div>
    </form>
  );
}

/** A second click within some seconds confirms. */
const CONFIRM_MS = 5000;

function Stop({ act }: Act) {
  const [isSure, setSure] = useState(false);
  useEffect(() => {
    if (!isSure) return;
    const timer = setTimeout(() => setSure(false), CONFIRM_MS);
    return () => clearTimeout(timer);
  }, [isSure]);
  const click = (): void => {
    setSure(!isSure);
    if (isSure) void act({ do: "stop" });
  };
  return (
    <button type="button" class="danger" onClick={click}>
      {isSure ? "Really stop the run?" : "Stop"}
    </button>
  );
}

function Inject({ act }: Act) {
  const [problem, setProblem] = useState("");
  const choose = async (field: HTMLInputElement): Promise<void> => {
    const file = field.files?.[0];
    if (file === undefined) return;
    field.value = "";
    if (file.size > MOST_NOTEBOOK) setProblem("That file is too large for a notebook.");
    else {
      setProblem("");
      await act({ do: "inject", notebook: await file.text() });
    }
  };
  return (
    <>
      <label class="button file" title="A notebook of yours joins the search as a branch">
        Inject a notebook
        <input
          type="file"
          class="unseen"
          accept=".ipynb"
          onChange={({ currentTarget }) => void choose(currentTarget)}
        />
      </label>
      {problem === "" ? null : <span class="bad small">{problem}</span>}
    </>
  );
}

/** Calls that wait for a person's word. */
export function AskedCalls({ data }: { readonly data: RunData }) {
  const acting = useActing(data);
  const asked = data.standing.value?.asked ?? [];
  if (asked.length === 0) return null;
  return (
    <section class="panel asked-calls" aria-label="Calls that wait for your word">
      <h2>{asked.length === 1 ? "A call waits" : `${asked.length} calls wait`} for your word</h2>
      <ul class="list">
        {asked.map((call) => (
          <Asked key={call.id} call={call} acting={acting} canAct={data.source.act !== null} />
        ))}
      </ul>
      <p role="status" class={`small ${acting.answer?.ok === false ? "bad" : "good"}`}>
        {acting.answer?.text ?? ""}
      </p>
    </section>
  );
}

interface AskedProps {
  readonly call: AskedCall;
  readonly acting: Acting;
  readonly canAct: boolean;
}

function Asked({ call: { id, proposal, tool, text }, acting: { act, isBusy }, canAct }: AskedProps) {
  const [reason, setReason] = useState("");
  return (
    <li>
      <div>
        <b>{tool}</b> <span class="quiet">asked by {proposal}</span>
      </div>
      <pre>{text}</pre>
      {canAct ? (
        <div class="row">
          <button
            type="button"
            class="main"
            disabled={isBusy}
            onClick={() => void act({ do: "answer", id, allow: true, reason })}
          >
            Allow
          </button>
          <button
            type="button"
            disabled={isBusy}
            onClick={() => void act({ do: "answer", id, allow: false, reason })}
          >
            Deny
          </button>
          <input
            type="text"
            aria-label="Reason, for the model"
            placeholder="reason, for the model"
            value={reason}
            onInput={({ currentTarget }) => setReason(currentTarget.value)}
          />
        </div>
      ) : null}
    </li>
  );
}
