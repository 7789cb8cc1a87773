// Owns: a request as the page shows it, read as a stranger's, and which cells it had in it. Pure.
import { imageMime } from "../../core/output/pictures.ts";
import { requestOf } from "../../core/run/request-record.ts";
import { cleanText, isDeeperThan, isRecord, recordOf, stringOf } from "../../core/untrusted.ts";
import type { BlobHash, BlobReader, Cell, CellId, ModelRequest } from "../../contracts/index.ts";

/** A message as it is drawn. */
export interface ShownMessage {
  readonly role: string;
  readonly pieces: readonly ShownPiece[];
  readonly isError: boolean;
}

export type ShownPiece =
  | { readonly kind: "text"; readonly text: string }
  /** `src` null: its data are no picture. */
  | { readonly kind: "picture"; readonly src: string | null }
  | { readonly kind: "call"; readonly tool: string; readonly text: string };

/** The request of a blob. @throws Error in words. */
export async function readRequest(blobs: BlobReader, hash: BlobHash): Promise<ModelRequest> {
  const reading = requestOf(hash);
  let step = reading.next();
  while (step.done !== true) step = reading.next(await blobs.readBlob(step.value));
  return step.value;
}

const MOST_BASE64 = 32 << 20;

export function shownMessages(messages: readonly unknown[]): readonly ShownMessage[] {
  return messages.map((value) => {
    const message = recordOf(value);
    const role = cleanText(stringOf(message["role"])).slice(0, 40) || "unknown";
    const content: readonly unknown[] = Array.isArray(message["content"]) ? message["content"] : [];
    const said = stringOf(message["text"]);
    const pieces = [
      ...(said === "" ? [] : [textPiece(said)]),
      ...content.map(shownPiece),
      ...shownCalls(message["calls"]),
    ];
    return { role, pieces, isError: message["isError"] === true };
  });
}

function textPiece(text: string): ShownPiece {
  return { kind: "text", text: cleanText(text) };
}

function shownPiece(value: unknown): ShownPiece {
  const part = recordOf(value);
  if (part["type"] !== "image") return textPiece(stringOf(part["text"]));
  const base64 = stringOf(part["base64"]);
  const mime = base64.length > MOST_BASE64 ? null : imageMime(base64);
  const isPlain = /^[A-Za-z0-9+/]*={0,2}$/.test(base64);
  return { kind: "picture", src: mime === null || !isPlain ? null : `data:${mime};base64,${base64}` };
}

/** The calls of an assistant's message or of a reply. */
export function shownCalls(calls: unknown): readonly ShownPiece[] {
  if (!Array.isArray(calls)) return [];
  return calls.map((value: unknown) => {
    const call = recordOf(value);
    return {
      kind: "call",
      tool: cleanText(stringOf(call["tool"])).slice(0, 100),
      text: argumentsText(call["arguments"]),
    };
  });
}

/** One string alone, such as the code of a cell, is shown as its lines. */
function argumentsText(value: unknown): string {
  if (typeof value === "string") return cleanText(value);
  if (isDeeperThan(value, 500)) return "(arguments that are nested too deep to be shown)";
  if (!isRecord(value)) return cleanText(JSON.stringify(value, null, 2) ?? "");
  const lines = Object.entries(value).map(([name, item]) => {
    const text = typeof item === "string" ? item : (JSON.stringify(item, null, 2) ?? "");
    return text.includes("\n") ? `${name}:\n${text}` : `${name}: ${text}`;
  });
  return cleanText(lines.join("\n"));
}

/** How a cell was in what the model saw. `whole`: all of its code, word for word. `folded`: its one line. */
export type CellInRequest = "whole" | "folded";

const MOST_SEARCHED = 8 << 20;
const MOST_CELLS = 1_000;
const LEAST_SOURCE = 12;

/** How each cell was in it, where that can be told: a prompt may show a part of a cell, and then nothing is said. */
export function cellsInRequest(
  messages: readonly ShownMessage[],
  cells: readonly Cell[],
): ReadonlyMap<CellId, CellInRequest> {
  const text = messages
    .flatMap(({ pieces }) => pieces.flatMap((piece) => (piece.kind === "picture" ? [] : [piece.text])))
    .join("\n");
  const found = new Map<CellId, CellInRequest>();
  if (text.length > MOST_SEARCHED) return found;
  const lines = digestLines(text);
  for (const cell of cells.slice(0, MOST_CELLS)) {
    const source = cell.source.trim();
    if (source.length >= LEAST_SOURCE && text.includes(source)) found.set(cell.id, "whole");
    else if (lines.has(`${cell.id} ${cell.source.split("\n").length}L`)) found.set(cell.id, "folded");
  }
  return found;
}

/** The beginnings of lines that stand for cells, as `core/notebook/cell-digest.ts` writes them: `c12 34L`. */
function digestLines(text: string): ReadonlySet<string> {
  const found = text.matchAll(
    /^(?:new: |now )?([\w-]{1,64}) (?:(?:failed|stale|dirty|unexecuted|plan|task|summary|note) )?(\d{1,6})L(?= |$)/gm,
  );
  return new Set([...found].map(([, id, lines]) => `${id} ${lines}L`));
}
