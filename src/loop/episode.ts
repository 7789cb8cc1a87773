// Owns: one proposal carried out on one leased kernel - restore, play the rounds, score, checkpoint.
// A failed episode is an outcome; only what stops the whole run is thrown.
import { branchId } from "../core/run/branch.ts";
import type { Graft } from "../core/notebook/graft.ts";
import { roundsPlayed, withMetadata } from "../core/notebook/notebook.ts";
import { seedAt } from "../core/random.ts";
import type { OpenEpisode } from "../core/run/history.ts";
import type { Run } from "../core/run/run.ts";
import { NotebookEnvironment, type Verdict } from "../environment/index.ts";
import type {
  ActionPolicy,
  AskPerson,
  BlobReader,
  DescriptorFunction,
  KernelPool,
  LanguageModel,
  Notebook,
  Proposal,
  Renderer,
  Restored,
  RenderInput,
  Task,
  TurnRecord,
  Verifier,
} from "../contracts/index.ts";
import { notebookTools } from "../environment/tools/index.ts";
import { createDecider } from "./decide.ts";
import { endEpisode, failEpisode, failureOf, type RoundEnded } from "./episode-end.ts";
import type { EpisodeEnd, RecordEvent } from "./evolve.ts";
import { writeRoundHeader } from "./round-header.ts";
import { playInjection } from "./inject.ts";
import { carryOutGraft, prepareGraft, simplifyNotebook } from "./apply-operator.ts";
import { promptWindow } from "./prompt-window.ts";
import { unlimitedTurns, type TurnBudget } from "./turn-budget.ts";
import { playRound } from "./round.ts";
import { jsonBlob } from "./json-blob.ts";
import { requestLog } from "./request-log.ts";
import { readPlayedTurns, readEpisodeStart, type EpisodeStart } from "./episode-start.ts";

export interface EpisodeParts<S> {
  readonly task: Task;
  readonly kernels: KernelPool;
  readonly verifier: Verifier;
  readonly model: LanguageModel;
  readonly renderer: Renderer<S>;
  readonly blobs: BlobReader;
  /** Rounds an episode plays, 1 or more, where its proposal does not say. */
  readonly rounds: number;
  readonly scene: (notebook: RenderInput["notebook"]) => RenderInput;
  /** The user's own traits of a branch. */
  readonly descriptors?: DescriptorFunction | undefined;
  /** Default: every call is carried out. */
  readonly policy?: ActionPolicy | undefined;
  /** For what a policy wants to be asked; without it, that is denied. */
  readonly askPerson?: AskPerson | undefined;
}

/** Plays the proposal to its end, going on where an interruption left it. */
export async function playEpisode<S>(
  parts: EpisodeParts<S>,
  proposal: Proposal,
  run: Run,
  record: RecordEvent,
  signal: AbortSignal,
  purse: TurnBudget = unlimitedTurns,
): Promise<EpisodeEnd> {
  if (proposal.operator === "inject") return playInjection(parts, proposal, record, signal);
  const open = run.open.get(proposal.id);
  const rounds: RoundEnded[] = [...(open?.rounds ?? [])];
  const { task, kernels, verifier, model } = parts;
  const tools = notebookTools(task);
  const environment = new NotebookEnvironment({
    task,
    kernels,
    verifier,
    tools,
    seesImages: model.seesImages,
  });
  try {
    await playRounds({ parts, proposal, run, record, signal, purse, environment, rounds }, open);
  } catch (error) {
    const failure = failureOf(error, signal);
    if (rounds.some(({ score }) => score.valid)) return endEpisode(parts, proposal, run, rounds);
    return failEpisode(proposal, failure, environment);
  } finally {
    await environment[Symbol.asyncDispose]();
  }
  return endEpisode(parts, proposal, run, rounds);
}

interface Play<S> {
  readonly parts: EpisodeParts<S>;
  readonly proposal: Proposal;
  readonly run: Run;
  readonly record: RecordEvent;
  readonly signal: AbortSignal;
  readonly purse: TurnBudget;
  readonly environment: NotebookEnvironment;
  /** Finished rounds; grows. */
  readonly rounds: RoundEnded[];
}

async function playRounds<S>(play: Play<S>, open: OpenEpisode | undefined): Promise<void> {
  const { parts, proposal, environment, rounds, record, signal, purse } = play;
  const most = proposal.rounds ?? parts.rounds;
  const isBegun = (open?.turns ?? []).length > 0;
  if (rounds.length >= most || !(isBegun || purse.isOpen())) return;
  let standing = await startOf(play);
  const opening = rounds.length === 0 ? await graftFor(play, standing.notebook) : null;
  let played = await readPlayedTurns(parts.blobs, open);
  let tokens = open?.tokens ?? 0;
  const restored = await environment.reset(
    {
      ...standing,
      round: roundsPlayed(standing.notebook) + 1,
      workspace: proposal.id,
      played: played.flatMap((turn) => turn.record ?? []),
    },
    { signal },
  );
  await record({ type: "kernel-restored", proposal: proposal.id, restored });
  let known: Restored | null = restored;
  const differences = (open?.restores[0] ?? restored).differences;
  const view = promptWindow(parts.scene, environment.tools, open?.windowTokens ?? null);
  const requests = requestLog();
  while (rounds.length < most && tokens < parts.task.limits.tokensPerEpisode) {
    const { round } = environment.state();
    const graft = rounds.length === 0 ? opening : null;
    const header = await writeRoundHeader(play, rounds, differences, graft);
    const log = parts.renderer.append(
      standing.log,
      { type: "round-started", header },
      view.scene(standing.notebook),
    );
    const end = await playRound(
      {
        ...parts,
        ...parts.task,
        environment,
        signal,
        purse,
        fitting: view,
        header,
        ...(graft !== null && { open: () => carryOutGraft(environment, graft, signal) }),
        seedOf: (turn) => seedAt(play.run.seed, "model", proposal.number, round, turn),
        ...(parts.policy !== undefined && { decide: createDecider(parts.policy, play, round, open) }),
        tokensLeft: () => parts.task.limits.tokensPerEpisode - tokens,
        replied: async (turn, { request, reply, folds }) => {
          const { usage } = reply;
          tokens += usage.inputTokens + usage.outputTokens;
          const [asked, answer] = [requests.blobOf(request), jsonBlob(reply)];
          const notices = { ...reply.notices, ...(folds > 0 && { "too-long": folds }) };
          const facts = {
            proposal: proposal.id,
            round,
            turn,
            model: parts.model.name,
            usage,
            ...(Object.keys(notices).length > 0 && { notices }),
            ...(folds > 0 && view.windowTokens !== null && { windowTokens: view.windowTokens }),
          };
          await record({ type: "turn-ended", ...facts, reply: answer.hash, request: asked.hash }, [
            asked,
            answer,
          ]);
        },
        carriedOut: async (turn, turnRecord) => {
          const blob = jsonBlob(turnRecord);
          const facts = { proposal: proposal.id, round, turn, cells: cellsRun(turnRecord) };
          await record({ type: "calls-ended", ...facts, results: blob.hash }, [blob]);
          const now = environment.restored;
          if (now !== null && now !== known)
            await record({ type: "kernel-restored", proposal: proposal.id, restored: now });
          known = now;
        },
      },
      log,
      standing.notebook,
      played,
    );
    if (end === null) return;
    standing = await closeRound(play, end.log, end.verdict);
    played = [];
    environment.nextRound();
  }
}

function cellsRun({ edits, results }: TurnRecord): number {
  const all = [...edits, ...results.flatMap((result) => result.edits)];
  return all.filter(({ type }) => type === "cell-ran").length;
}

/**
 * Where the next round begins. A notebook that the parent's view has not seen - one to be repaired, or without the
 * cells that are not needed - is shown anew.
 */
async function startOf<S>({ parts, proposal, run, rounds }: Play<S>): Promise<EpisodeStart<S>> {
  const standing = await readEpisodeStart<S>(parts.blobs, proposal, run, rounds);
  const isNew = proposal.operator === "repair" || proposal.operator === "simplify";
  if (rounds.length > 0 || !isNew) return standing;
  const situation =
    proposal.operator === "simplify" ? simplifyNotebook(standing, parts.task.submission) : standing;
  return { ...situation, log: parts.renderer.open(parts.scene(situation.notebook)) };
}

function graftFor<S>({ parts, proposal, run }: Play<S>, notebook: Notebook): Promise<Graft | null> {
  return prepareGraft(parts.blobs, proposal, run, notebook, parts.task.submission);
}

/** The end of a round: its notebook is marked with its score, checkpointed and recorded. */
async function closeRound<S>(
  play: Play<S>,
  log: S,
  { score, submission }: Verdict,
): Promise<EpisodeStart<S>> {
  const { environment, proposal, record, signal } = play;
  const { notebook: before, kernel, round } = environment.state();
  const notebook = withMetadata(before, {
    rounds: round,
    branch: branchId(proposal.number),
    parents: [...proposal.parents],
    operator: proposal.operator,
    score: {
      valid: score.valid,
      fitness: score.fitness,
      metrics: { ...score.metrics },
      message: score.message,
    },
  });
  const saved = jsonBlob(notebook);
  const state = jsonBlob(kernel);
  const context = jsonBlob(log);
  const judged = submission === null ? null : jsonBlob(submission);
  const said = await environment.describe({ signal });
  const described = said === null ? null : jsonBlob(said);
  const event: RoundEnded = {
    type: "round-ended",
    proposal: proposal.id,
    round,
    score,
    notebook: saved.hash,
    kernel: state.hash,
    context: context.hash,
    submission: judged?.hash ?? null,
    ...(described !== null && { description: described.hash }),
  };
  environment.adopt(notebook);
  await environment.checkpoint({ signal });
  await record(event, [saved, state, context, ...[judged, described].filter((blob) => blob !== null)]);
  play.rounds.push(event);
  return { notebook, kernel, log };
}
