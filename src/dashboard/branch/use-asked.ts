// Owns: reading the request of a turn for the parts of the view that show it.
import type { ModelRequest } from "../../contracts/index.ts";
import type { RunData } from "../data/run-data.ts";
import { useRead } from "../parts/use-read.ts";
import type { EpisodeTurn } from "../episode/turns-of.ts";
import { readRequest, shownMessages, type ShownMessage } from "./shown-request.ts";

/** A request as it is shown, or why it is not. */
export type AskedTurn =
  | {
      readonly request: ModelRequest;
      readonly messages: readonly ShownMessage[];
      readonly problem?: undefined;
    }
  | { readonly problem: string; readonly request?: undefined };

/** Null while it is read, or where there is no turn. */
export function useAsked(data: RunData, turn: EpisodeTurn | null): AskedTurn | null {
  const hash = turn?.asked.request ?? null;
  const read = useRead(hash, async () => {
    const request = await readRequest(data, hash ?? "");
    return { request, messages: shownMessages(request.messages) };
  });
  if (turn !== null && hash === null)
    return { problem: "the run was made with a version of nbevolve that did not keep it." };
  if (read === null || read.of !== hash) return null;
  return "problem" in read ? { problem: read.problem } : read.value;
}
