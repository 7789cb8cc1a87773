// Owns: the ids of calls: those that are made here, and how they are sent to a server that takes one form of id alone. Pure.
import type { ModelRequest, ToolCall } from "../../../contracts/index.ts";
import { textHash } from "../../../core/output/blobs.ts";
import { randomAt } from "../../../core/random.ts";

/** Nine letters and digits, the one form that every server accepts. */
const SHORT = /^[a-z0-9]{9}$/i;

/** A longer id is drawn from by its hash: a generator takes a microsecond for each character of its key. */
const MOST_CHARACTERS = 1_000;

/** Gives every call an id that is new in this conversation: its own, where it has one. */
export function addIds(calls: readonly ToolCall[], request: ModelRequest): readonly ToolCall[] {
  const taken = new Set(
    request.messages.flatMap((message) =>
      message.role === "assistant" ? message.calls.map(({ id }) => id) : [],
    ),
  );
  return calls.map((call, index) => {
    let id = call.id;
    for (let again = 0; id === "" || taken.has(id); again++) id = makeId(request.seed, index, again);
    taken.add(id);
    return { ...call, id };
  });
}

/** The id in the form that every server accepts: the same for a call and its result, in this request and in later ones. */
export function toShortId(id: string): string {
  if (SHORT.test(id)) return id;
  return makeId(id.length <= MOST_CHARACTERS ? id : textHash(id));
}

function makeId(...key: readonly (string | number)[]): string {
  const random = randomAt("call", ...key);
  return Array.from({ length: 9 }, () => random.int(36).toString(36)).join("");
}
