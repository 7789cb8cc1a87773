// Owns: a reply put together from the events, or the one body, of OpenAI's Responses API. Never judges the reply.
import type { Json, JsonObject } from "../../../contracts/index.ts";
import { checkCount, type ReplyDraft, type DraftCall } from "./chat-draft.ts";
import { readReplyError } from "./server-errors.ts";
import { isJsonObject, listOf, recordOf, stringOf } from "../../../core/untrusted.ts";

/**
 * The draft after one more event. The reply is complete with `response.completed` or `response.incomplete` alone.
 * @throws ModelFailure when the event says that the response failed.
 */
export function addResponseEvent(draft: ReplyDraft, event: JsonObject): ReplyDraft {
  if (event["object"] === "response") return addResponse(draft, event);
  switch (stringOf(event["type"])) {
    case "response.output_item.done":
      return replaceItems(draft, [...itemsOf(draft), event["item"] ?? null]);
    case "response.completed":
    case "response.incomplete":
    case "response.failed":
      return addResponse(draft, recordOf(event["response"]));
    case "error":
      throw readReplyError(event);
    default:
      return draft;
  }
}

function addResponse(draft: ReplyDraft, response: JsonObject): ReplyDraft {
  if (isJsonObject(response["error"])) throw readReplyError(response["error"]);
  const status = stringOf(response["status"]);
  if (status === "failed" || status === "cancelled") throw readReplyError(`the response ${status}`);
  // Some servers leave the list out of the last event: the items came before.
  const output = listOf(response["output"]);
  const complete = replaceItems(draft, output.length > 0 ? output : itemsOf(draft));
  const usage = isJsonObject(response["usage"]) ? response["usage"] : draft.usage;
  return { ...complete, extra: itemsToReturn(itemsOf(complete)), usage, finish: finishOf(status, response) };
}

function finishOf(status: string, response: JsonObject): string {
  if (status !== "incomplete") return "stop";
  const reason = stringOf(recordOf(response["incomplete_details"])["reason"]);
  return reason === "content_filter" ? reason : "length";
}

function itemsOf({ extra }: ReplyDraft): readonly Json[] {
  return listOf(extra["items"]);
}

function replaceItems(draft: ReplyDraft, raw: readonly Json[]): ReplyDraft {
  const items = raw.map((item) => recordOf(item));
  return {
    ...draft,
    text: items.map((item) => textInMessage(item, "output_text", "text")).join(""),
    refusal: items.map((item) => textInMessage(item, "refusal", "refusal")).join(""),
    // A call that the output limit cut off says so: its arguments may be JSON all the same.
    calls: checkCount(
      items
        .filter((item) => item["type"] === "function_call" && item["status"] !== "incomplete")
        .map(toDraftCall),
    ),
    extra: { items },
  };
}

function textInMessage(item: JsonObject, type: string, field: string): string {
  if (item["type"] !== "message") return "";
  return listOf(item["content"])
    .map((item) => recordOf(item))
    .filter((part) => part["type"] === type)
    .map((part) => stringOf(part[field]))
    .join("");
}

function toDraftCall(item: JsonObject): DraftCall {
  const args = item["arguments"];
  const text = isJsonObject(args) ? JSON.stringify(args) : stringOf(args);
  return { id: stringOf(item["call_id"]), index: null, tool: stringOf(item["name"]), text, extra: {} };
}

/** What goes back with the calls: the reasoning as it came, and the order in which text and calls stood. */
function itemsToReturn(raw: readonly Json[]): JsonObject {
  const items = raw.map((item) => recordOf(item));
  const isNeeded = items.some(({ type, phase }) => type === "reasoning" || typeof phase === "string");
  return isNeeded ? { items: items.flatMap(toReturnedItem) } : {};
}

function toReturnedItem(item: JsonObject): JsonObject[] {
  const type = stringOf(item["type"]);
  if (type === "reasoning") return toReturnedReasoning(item);
  if (type === "function_call") return [{ type, call_id: stringOf(item["call_id"]) }];
  const { phase } = item;
  return type === "message" ? [{ type, ...(typeof phase === "string" && { phase }) }] : [];
}

/**
 * Nothing is stored at the provider, so an item that is only an id is refused ("not found"), and one with contents and
 * an id may be refused too. Servers that do not encrypt send the reasoning itself and want its id back.
 */
function toReturnedReasoning({ id, status: _status, ...item }: JsonObject): JsonObject[] {
  const isSealed = stringOf(item["encrypted_content"]) !== "";
  if (isSealed) return [item];
  return listOf(item["content"]).length > 0 ? [{ ...(id !== undefined && { id }), ...item }] : [];
}
