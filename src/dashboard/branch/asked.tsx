// Owns: what the model saw in one turn: the exact prompt, the tools, and what it replied.
import type { ModelReply } from "../../contracts/index.ts";
import { cleanText, isDeeperThan, recordOf, stringOf } from "../../core/untrusted.ts";
import { linkTo } from "../data/address.ts";
import { countText, moneyText } from "../data/words.ts";
import type { RunData } from "../data/run-data.ts";
import { LongText } from "../notebook/text.tsx";
import { useRead } from "../parts/use-read.ts";
import type { EpisodeRound, EpisodeTurn } from "../episode/turns-of.ts";
import { shownCalls, shownMessages, type ShownMessage, type ShownPiece } from "./shown-request.ts";
import type { AskedTurn } from "./use-asked.ts";

interface SeenProps {
  readonly data: RunData;
  readonly round: EpisodeRound;
  readonly turn: EpisodeTurn | null;
  readonly asked: AskedTurn | null;
}

export function Asked({ data, round, turn, asked }: SeenProps) {
  return (
    <section class="asked" aria-labelledby="asked-title">
      <div class="head">
        <h2 id="asked-title">What the model saw</h2>
        <nav class="turns" aria-label={`Turns of round ${round.round}`}>
          <span class="quiet small">Turn</span>
          {round.turns.map(({ turn: number }) => (
            <a
              key={number}
              href={linkTo({ options: { round: round.round, turn: number } })}
              aria-current={number === turn?.turn ? "true" : undefined}
            >
              {number}
            </a>
          ))}
        </nav>
      </div>
      {turn === null ? (
        <p class="quiet">In this round no model was asked.</p>
      ) : (
        <OneTurn data={data} turn={turn} asked={asked} />
      )}
    </section>
  );
}

function OneTurn({
  data,
  turn,
  asked,
}: {
  readonly data: RunData;
  readonly turn: EpisodeTurn;
  readonly asked: AskedTurn | null;
}) {
  const { usage, model, reply } = turn.asked;
  const read = useRead(reply, () => data.readJson<ModelReply>(reply));
  return (
    <>
      <p class="quiet small turn-facts">
        {cleanText(stringOf(model))}: {countText(usage.inputTokens)} tokens in
        {usage.cachedTokens > 0 ? ` (${countText(usage.cachedTokens)} cached)` : ""},{" "}
        {countText(usage.outputTokens)} out
        {usage.costUsd === null ? "" : `, ${moneyText(usage.costUsd)}`}
        {asked?.request === undefined ? "" : `, seed ${String(asked.request.seed)}, `}
        {asked?.request === undefined ? "" : temperatureWords(asked.request.temperature)}
      </p>
      {asked === null ? (
        <p class="quiet">Reading the prompt ...</p>
      ) : asked.problem === undefined ? (
        <>
          <Messages messages={asked.messages} />
          <Tools tools={asked.request.tools} choice={asked.request.toolChoice} />
        </>
      ) : (
        <p class="withheld">The prompt is not shown: {asked.problem}</p>
      )}
      <h3>The reply</h3>
      {read === null ? (
        <p class="quiet">Reading the reply ...</p>
      ) : "problem" in read ? (
        <p class="withheld">The reply is not shown: {read.problem}</p>
      ) : (
        <Reply reply={read.value} />
      )}
    </>
  );
}

function temperatureWords(temperature: unknown): string {
  return typeof temperature === "number" ? `temperature ${temperature}` : "the model's own temperature";
}

/** Earlier messages are folded where there are many: the latest ones are what a turn adds. */
const OPEN_MESSAGES = 6;

function Messages({ messages }: { readonly messages: readonly ShownMessage[] }) {
  const [earlier, latest] = [messages.slice(0, -OPEN_MESSAGES), messages.slice(-OPEN_MESSAGES)];
  return (
    <>
      {earlier.length === 0 ? null : (
        <details class="folded">
          <summary>{countText(earlier.length)} earlier messages</summary>
          {earlier.slice(0, 400).map((message, at) => (
            <OneMessage key={at} message={message} />
          ))}
          {earlier.length > 400 ? (
            <p class="withheld">{earlier.length - 400} more are not shown here.</p>
          ) : null}
        </details>
      )}
      {latest.map((message, at) => (
        <OneMessage key={earlier.length + at} message={message} />
      ))}
    </>
  );
}

const ROLES: Readonly<Record<string, string>> = {
  system: "Instructions (system)",
  user: "nbevolve (user)",
  assistant: "The model (assistant)",
  tool: "Result of a call (tool)",
};

function OneMessage({ message }: { readonly message: ShownMessage }) {
  return (
    <div class={`message ${ROLES[message.role] === undefined ? "other" : message.role}`}>
      <p class="role">
        {ROLES[message.role] ?? message.role}
        {message.isError ? <span class="chip bad">failed</span> : null}
      </p>
      {message.pieces.map((piece, at) => (
        <Piece key={at} piece={piece} />
      ))}
    </div>
  );
}

function Piece({ piece }: { readonly piece: ShownPiece }) {
  if (piece.kind === "text") return <LongText class="sent-text" text={piece.text} />;
  if (piece.kind === "call")
    return (
      <div class="call">
        <p class="role">
          Call of <code>{piece.tool}</code>
        </p>
        <LongText class="sent-text" text={piece.text} />
      </div>
    );
  return piece.src === null ? (
    <p class="withheld">A picture is not shown: its data are no PNG, JPEG, GIF or WebP.</p>
  ) : (
    <img
      class="output-picture"
      src={piece.src}
      alt="Picture that the model was sent"
      loading="lazy"
      decoding="async"
    />
  );
}

function Tools({ tools, choice }: { readonly tools: readonly unknown[]; readonly choice: unknown }) {
  const only = stringOf(recordOf(choice)["tool"]);
  return (
    <details class="folded">
      <summary>
        {tools.length === 0 ? "No tools" : `${tools.length} tools offered`}
        {choice === "none" ? ", and none may be called" : only === "" ? "" : `, and ${only} must be called`}
      </summary>
      <dl class="tool-list">
        {tools.slice(0, 200).map((value) => {
          const { name, description, parameters } = recordOf(value);
          const schema = isDeeperThan(parameters, 100) ? "" : (JSON.stringify(parameters, null, 2) ?? "");
          return (
            <>
              <dt>
                <code>{cleanText(stringOf(name))}</code>
              </dt>
              <dd>
                <p>{cleanText(stringOf(description))}</p>
                <details>
                  <summary>Its parameters</summary>
                  <LongText class="sent-text" text={cleanText(schema)} />
                </details>
              </dd>
            </>
          );
        })}
      </dl>
    </details>
  );
}

const STOPS: Readonly<Record<string, string>> = {
  length: "It was cut off at the output limit.",
  filtered: "The provider held it back.",
};

function Reply({ reply }: { readonly reply: unknown }) {
  const { text, calls, stop, unread } = recordOf(reply);
  const [message] = shownMessages([{ role: "assistant", text, calls: [] }]);
  const pieces = [...(message?.pieces ?? []), ...shownCalls(calls)];
  return (
    <div class="message assistant">
      {pieces.length === 0 ? <p class="quiet">It was empty.</p> : null}
      {pieces.map((piece, at) => (
        <Piece key={at} piece={piece} />
      ))}
      {STOPS[stringOf(stop)] === undefined ? null : <p class="withheld">{STOPS[stringOf(stop)]}</p>}
      {stringOf(unread) === "" ? null : <p class="withheld">{cleanText(stringOf(unread))}</p>}
    </div>
  );
}
