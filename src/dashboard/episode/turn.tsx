// Owns: how one turn is shown: what it used, what was said and called, and what that came to.
import { address, goTo, linkTo } from "../data/address.ts";
import type { RunData } from "../data/run-data.ts";
import { useRead } from "../parts/use-read.ts";
import { countText, durationText, moneyText } from "../data/words.ts";
import type { EpisodeTurn } from "./turns-of.ts";
import { shownReply, shownResults, type ShownCall, type ShownResult } from "./turn-values.ts";

interface TurnProps {
  readonly data: RunData;
  readonly proposal: string;
  readonly round: number;
  readonly turn: EpisodeTurn;
}

/** A turn: one line, and all that is known of it once it is open. */
export function Turn({ data, proposal, round, turn }: TurnProps) {
  const name = `${round}.${turn.turn}`;
  const isOpen = address.value.options["turn"] === name;
  const { usage, model, notices = {} } = turn.asked;
  const said = Object.entries(notices).map(([kind, count]) => (count === 1 ? kind : `${kind} ×${count}`));
  return (
    <li>
      <details
        open={isOpen}
        onToggle={({ currentTarget }) => {
          if (currentTarget.open !== isOpen)
            goTo({ options: { turn: currentTarget.open ? name : null } }, true);
        }}
      >
        <summary>
          <span class="which">Turn {turn.turn}</span>
          <span class="quiet numbers">
            {countText(usage.inputTokens)} in
            {usage.cachedTokens > 0 ? ` (${countText(usage.cachedTokens)} cached)` : ""},{" "}
            {countText(usage.outputTokens)} out, {moneyText(usage.costUsd)}
          </span>
          <span class="quiet numbers">
            reply {durationText(turn.replyMs)}
            {turn.done === null ? "" : `, calls ${durationText(turn.callsMs)}`}
          </span>
          {said.length === 0 ? null : <span class="chip warn">{said.join(", ")}</span>}
        </summary>
        {isOpen ? (
          <>
            <p class="small quiet">
              {model}.{" "}
              <a
                href={linkTo({
                  view: "branch",
                  options: { branch: proposal.replace("p", "b"), round, turn: turn.turn },
                })}
              >
                What the model saw
              </a>
            </p>
            <Reply data={data} turn={turn} />
            <Results data={data} turn={turn} />
          </>
        ) : null}
      </details>
    </li>
  );
}

/** @throws Error for a blob that is something else. */
function requireForm<T>(value: T | null): T {
  if (value === null) throw new Error("It is no value of its kind.");
  return value;
}

function Reply({ data, turn }: { readonly data: RunData; readonly turn: EpisodeTurn }) {
  const { reply: hash } = turn.asked;
  const reply = useRead(hash, async () => requireForm(shownReply(await data.readJson(hash))));
  if (reply === null || reply.of !== hash) return <p class="quiet">Reading the reply ...</p>;
  if ("problem" in reply) return <p class="quiet">The reply: {reply.problem}</p>;
  const { text, calls, stop, unread } = reply.value;
  return (
    <div class="reply">
      <h4>Reply</h4>
      {text === "" ? null : <pre class="said">{text}</pre>}
      {calls.map((call, at) => (
        <Call
          key={at}
          call={call}
          verdict={turn.decisions.find((one) => one.call === at)?.decision.verdict}
        />
      ))}
      {text === "" && calls.length === 0 ? <p class="quiet">It is empty.</p> : null}
      {stop === "length" ? <p class="warn small">It was cut off at the limit of output tokens.</p> : null}
      {unread === "" ? null : <p class="warn small">{unread}</p>}
    </div>
  );
}

function Call({ call, verdict }: { readonly call: ShownCall; readonly verdict: string | undefined }) {
  return (
    <div class="call">
      <div class="tool">
        <code>{call.tool}</code>
        {verdict === "deny" ? <span class="chip bad">denied</span> : null}
      </div>
      {call.rest === "" ? null : <pre>{call.rest}</pre>}
      {call.code === null ? null : <pre>{call.code}</pre>}
    </div>
  );
}

function Results({ data, turn }: { readonly data: RunData; readonly turn: EpisodeTurn }) {
  const hash = turn.done?.results ?? null;
  const results = useRead(hash, async () => requireForm(shownResults(await data.readJson(hash ?? ""))));
  if (hash === null) return <p class="quiet">Its calls are not finished.</p>;
  if (results === null || results.of !== hash) return <p class="quiet">Reading what the calls gave ...</p>;
  if ("problem" in results) return <p class="quiet">What the calls gave: {results.problem}</p>;
  const { results: all, told } = results.value;
  return (
    <div class="results">
      <h4>Results</h4>
      {all.map((result, at) => (
        <Result key={at} result={result} />
      ))}
      {all.length === 0 ? <p class="quiet">There was no call.</p> : null}
      {told === "" ? null : <pre class="said">{told}</pre>}
    </div>
  );
}

function Result({ result: { tool, text, images, isError, mended } }: { readonly result: ShownResult }) {
  return (
    <div class={isError ? "call failed" : "call"}>
      <div class="tool">
        <code>{tool}</code>
        {isError ? <span class="chip bad">error</span> : null}
        {mended === "" ? null : <span class="chip warn">{mended}</span>}
      </div>
      {text === "" ? null : <pre>{text}</pre>}
      {images.map((src, at) => (
        <img key={at} src={src} alt={`Picture ${at + 1} of the result of ${tool}`} loading="lazy" />
      ))}
    </div>
  );
}
