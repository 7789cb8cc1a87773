// Owns: where an episode stands when it is begun or taken up again, read from the run and its blobs.
import { RunError } from "../core/errors.ts";
import type { OpenEpisode } from "../core/run/history.ts";
import type { Run } from "../core/run/run.ts";
import type { NotebookState } from "../core/notebook/notebook.ts";
import type { BlobReader, Proposal } from "../contracts/index.ts";
import type { RoundEnded } from "./episode-end.ts";
import { readJson } from "./json-blob.ts";
import type { PlayedTurn } from "./round.ts";

/** After its finished rounds, before the one to be played. `log`: the renderer's context log. */
export interface EpisodeStart<S> extends NotebookState {
  readonly log: S;
}

/** After the last finished round, or at the first parent, or at the failure that is to be repaired. */
export async function readEpisodeStart<S>(
  blobs: BlobReader,
  proposal: Proposal,
  run: Run,
  rounds: readonly RoundEnded[],
): Promise<EpisodeStart<S>> {
  const from = rounds.at(-1) ?? run.branches.get(proposal.parents[0] ?? "");
  if (from === undefined) throw new RunError("run-corrupt", `${proposal.id} continues an unknown branch`);
  const broken = rounds.length === 0 ? proposal.repairs?.failure : undefined;
  const [notebook, kernel, log] = await Promise.all([
    readJson<NotebookState["notebook"]>(blobs, broken?.notebook ?? from.notebook),
    readJson<NotebookState["kernel"]>(blobs, broken?.kernel ?? from.kernel),
    readJson<S>(blobs, from.context),
  ]);
  return { notebook, kernel, log };
}

/** The turns of the round that was being played. */
export async function readPlayedTurns(
  blobs: BlobReader,
  open: OpenEpisode | undefined,
): Promise<PlayedTurn[]> {
  return Promise.all(
    (open?.turns ?? []).map(async ({ reply, results, windowTokens }) => ({
      windowTokens,
      reply: await readJson<PlayedTurn["reply"]>(blobs, reply),
      record: results === null ? null : await readJson<NonNullable<PlayedTurn["record"]>>(blobs, results),
    })),
  );
}
