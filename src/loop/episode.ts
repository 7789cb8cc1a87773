// Owns: one proposal carried out on one leased kernel: restore the parent's state, play the rounds, record each.
// A failed episode is an outcome; only what stops the whole run is thrown.
import { branchId } from "../core/run/branch.ts";
import { checkedRenderer } from "../core/run/ask-renderer.ts";
import { seedAt } from "../core/random.ts";
import type { OpenEpisode, History } from "../core/run/history.ts";
import { tokensOf } from "../core/run/usage.ts";
import { NotebookEnvironment } from "../environment/index.ts";
import type { JsonObject, Proposal } from "../contracts/index.ts";
import { unlimitedTurns, type TurnBudget } from "./budget.ts";
import { prepareGraft, readRoundStart } from "./episode-start.ts";
import { jsonBlob } from "./json-blob.ts";
import { endEpisode, failEpisode, failureOf } from "./outcome.ts";
import { promptWindow } from "./prompt/prompt-window.ts";
import { writeRoundHeader } from "./prompt/round-header.ts";
import { playInjection } from "./root-branch.ts";
import { playRound, type RoundEnd } from "./round.ts";
import { openTurnJournal, readPlayedTurns } from "./turn-journal.ts";
import type { EpisodeEnd, EpisodeParts, RecordEvent, RoundEnded, RoundStart } from "./types.ts";

/** Plays the proposal to its end, going on where an interruption left it. */
export async function playEpisode<S>(
  given: EpisodeParts<S>,
  proposal: Proposal,
  run: History,
  record: RecordEvent,
  signal: AbortSignal,
  budget: TurnBudget = unlimitedTurns,
): Promise<EpisodeEnd> {
  const parts = { ...given, renderer: checkedRenderer(given.renderer) };
  if (proposal.operator === "inject") return playInjection(parts, proposal, record, signal);
  const open = run.open.get(proposal.id);
  const rounds: RoundEnded[] = [...(open?.rounds ?? [])];
  const { task, kernels, verifier, tools, harness, model } = parts;
  const { seesImages } = model;
  const openKernels = async () => kernels;
  const episode = { task, openKernels, verifier, tools, harness, seesImages };
  await using environment = new NotebookEnvironment(episode);
  try {
    await playRounds({ parts, proposal, run, record, signal, budget, environment, rounds, open });
  } catch (error) {
    const failure = failureOf(error, signal);
    if (!rounds.some(({ score }) => score.valid)) return failEpisode(proposal, failure, environment.state());
  }
  return await endEpisode(parts, proposal, run, rounds);
}

interface Play<S> {
  readonly parts: EpisodeParts<S>;
  readonly proposal: Proposal;
  readonly run: History;
  readonly record: RecordEvent;
  readonly signal: AbortSignal;
  readonly budget: TurnBudget;
  readonly environment: NotebookEnvironment;
  /** Finished rounds; grows. */
  readonly rounds: RoundEnded[];
  /** What an earlier session left on record. */
  readonly open: OpenEpisode | undefined;
}

async function playRounds<S>(play: Play<S>): Promise<void> {
  const { parts, proposal, run, environment, rounds, open, signal, budget } = play;
  const { task, blobs, renderer, model, harness } = parts;
  const most = proposal.rounds ?? parts.rounds;
  let played = await readPlayedTurns(blobs, open);
  if (rounds.length >= most || !(played.length > 0 || budget.isOpen())) return;
  let start = await readRoundStart(parts, proposal, run, rounds);
  const graft =
    rounds.length === 0 ? await prepareGraft(blobs, proposal, run, start.notebook, task.submission) : null;
  const restored = await environment.reset({
    ...{ from: start, score: start.score },
    workspace: proposal.id,
    metadata: marksOf(proposal),
    graft: graft?.cells,
    played: played.flatMap(({ record }) => record ?? []),
    tokens: tokensOnRecord(open),
    signal,
  });
  await play.record({ type: "kernel-restored", proposal: proposal.id, restored });
  const differences = (open?.restores[0] ?? restored).differences;
  const window = promptWindow(parts.inputFor, environment.tools, open?.windowTokens ?? null);
  const journal = openTurnJournal({ ...parts, ...play, model: model.name, restored });
  while (rounds.length < most && (played.length > 0 || hasTokens(play))) {
    const { round } = environment.state();
    const header = await writeRoundHeader(play, rounds, differences, rounds.length === 0 ? graft : null);
    const seedOf = (turn: number): number => seedAt(run.seed, "model", proposal.number, round, turn);
    const { submission } = task;
    const given = {
      ...{
        environment,
        model,
        renderer,
        signal,
        window,
        header,
        seedOf,
        budget,
        journal,
        harness,
        submission,
      },
    };
    const end = await playRound(given, start, played);
    if (end === null) return;
    start = await recordRound(play, end);
    played = [];
  }
}

/** What a round's notebook says of its branch, beside its score. */
function marksOf({ number, parents, operator }: Proposal): JsonObject {
  return { branch: branchId(number), parents: [...parents], operator };
}

/** Tokens of the turns that are not played again; those of a turn that was left in the middle count when it is. */
function tokensOnRecord(open: OpenEpisode | undefined): number {
  const unfinished = (open?.turns ?? []).filter(({ results }) => results === null);
  const again = unfinished.map(({ usage }) => tokensOf(usage));
  return again.reduce((sum, tokens) => sum - tokens, open?.tokens ?? 0);
}

function hasTokens<S>({ parts, environment }: Play<S>): boolean {
  return environment.state().tokens < parts.task.limits.tokensPerEpisode;
}

/** The round's checkpoint in the journal, and where the next round begins. */
async function recordRound<S>(
  { proposal, record, rounds }: Play<S>,
  { round, score, submission, notebook, kernel, description, log }: RoundEnd<S>,
): Promise<RoundStart<S>> {
  const [saved, state, context] = [jsonBlob(notebook), jsonBlob(kernel), jsonBlob(log)];
  const judged = submission === null ? null : jsonBlob(submission);
  const described = description === null ? null : jsonBlob(description);
  const event: RoundEnded = {
    type: "round-ended",
    proposal: proposal.id,
    round,
    score,
    notebook: saved.hash,
    kernel: state.hash,
    context: context.hash,
    submission: judged?.hash ?? null,
    description: described?.hash,
  };
  await record(event, [saved, state, context, ...[judged, described].filter((blob) => blob !== null)]);
  rounds.push(event);
  return { notebook, kernel, log, score };
}
