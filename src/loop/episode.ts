// Owns: one proposal carried out on one leased kernel - restore, play the rounds, score, checkpoint.
// A failed episode is an outcome; only what stops the whole run is thrown.
import { branchId } from "../core/branch.ts";
import { roundsPlayed, withMetadata } from "../core/notebook.ts";
import { seedAt } from "../core/random.ts";
import type { OpenEpisode, Run } from "../core/run.ts";
import { NotebookEnvironment, type Verdict } from "../environment/index.ts";
import type {
  BlobReader,
  KernelPool,
  LanguageModel,
  Proposal,
  Renderer,
  Scene,
  Task,
  Verifier,
} from "../spec/index.ts";
import { notebookTools } from "../tools/index.ts";
import { ended, failed, failureOf, type RoundEnded } from "./episode-end.ts";
import type { EpisodeEnd, Record } from "./evolve.ts";
import { roundHeader } from "./header.ts";
import { playRound } from "./round.ts";
import { jsonBlob } from "./json-blob.ts";
import { playedTurns, standingAt, type Standing } from "./standing.ts";

export interface EpisodeParts<S> {
  readonly task: Task;
  readonly kernels: KernelPool;
  readonly verifier: Verifier;
  readonly model: LanguageModel;
  readonly renderer: Renderer<S>;
  readonly blobs: BlobReader;
  /** Rounds an episode plays, 1 or more. */
  readonly rounds: number;
  readonly scene: (notebook: Scene["notebook"]) => Scene;
}

/** Plays the proposal to its end, going on where an interruption left it. */
export async function playEpisode<S>(
  parts: EpisodeParts<S>,
  proposal: Proposal,
  run: Run,
  record: Record,
  signal: AbortSignal,
): Promise<EpisodeEnd> {
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
    await playRounds({ parts, proposal, run, record, signal, environment, rounds }, open);
  } catch (error) {
    const failure = failureOf(error, signal);
    if (rounds.some(({ score }) => score.valid)) return ended(task, proposal, run, rounds);
    return failed(proposal, failure, environment);
  } finally {
    await environment[Symbol.asyncDispose]();
  }
  return ended(task, proposal, run, rounds);
}

interface Play<S> {
  readonly parts: EpisodeParts<S>;
  readonly proposal: Proposal;
  readonly run: Run;
  readonly record: Record;
  readonly signal: AbortSignal;
  readonly environment: NotebookEnvironment;
  /** Finished rounds; grows. */
  readonly rounds: RoundEnded[];
}

async function playRounds<S>(play: Play<S>, open: OpenEpisode | undefined): Promise<void> {
  const { parts, proposal, environment, rounds, record, signal } = play;
  if (rounds.length >= parts.rounds) return;
  let standing = await standingAt<S>(parts.blobs, proposal, play.run, rounds);
  let played = await playedTurns(parts.blobs, open);
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
  const differences = (open?.restored ?? restored).differences;
  while (rounds.length < parts.rounds && tokens < parts.task.limits.tokensPerEpisode) {
    const { round } = environment.state();
    const header = await roundHeader(play, rounds, differences);
    const log = parts.renderer.append(
      standing.log,
      { type: "round-started", header },
      parts.scene(standing.notebook),
    );
    const end = await playRound(
      {
        ...parts,
        ...parts.task,
        environment,
        signal,
        seedOf: (turn) => seedAt(play.run.seed, "model", proposal.number, round, turn),
        tokensLeft: () => parts.task.limits.tokensPerEpisode - tokens,
        replied: async (turn, reply) => {
          const { usage } = reply;
          tokens += usage.inputTokens + usage.outputTokens;
          const blob = jsonBlob(reply);
          const facts = { proposal: proposal.id, round, turn, model: parts.model.name, usage };
          await record({ type: "turn-ended", ...facts, reply: blob.hash }, [blob]);
        },
        carriedOut: async (turn, turnRecord) => {
          const blob = jsonBlob(turnRecord);
          await record({ type: "calls-ended", proposal: proposal.id, round, turn, results: blob.hash }, [
            blob,
          ]);
        },
      },
      log,
      standing.notebook,
      played,
    );
    standing = await closeRound(play, end.log, end.verdict);
    played = [];
    environment.nextRound();
  }
}

/** The end of a round: its notebook is marked with its score, checkpointed and recorded. */
async function closeRound<S>(play: Play<S>, log: S, { score, submission }: Verdict): Promise<Standing<S>> {
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
  const event: RoundEnded = {
    type: "round-ended",
    proposal: proposal.id,
    round,
    score,
    notebook: saved.hash,
    kernel: state.hash,
    context: context.hash,
    submission: judged?.hash ?? null,
  };
  environment.adopt(notebook);
  await environment.checkpoint({ signal });
  await record(event, [saved, state, context, ...(judged === null ? [] : [judged])]);
  play.rounds.push(event);
  return { notebook, kernel, log };
}
