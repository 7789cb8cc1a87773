// A whole run on fakes: memory journal, fake kernels, a scripted model that is a pure function of its request.
import { evolve } from "../../src/loop/evolve.ts";
import type { EvolveOptions } from "../../src/loop/types.ts";
import { playFounder } from "../../src/loop/root-branch.ts";
import { notebookTools } from "../../src/environment/tools/index.ts";
import { playEpisode } from "../../src/loop/episode.ts";
import { randomAt } from "../../src/core/random.ts";
import { reproduceNotebook } from "../../src/loop/reproduce.ts";
import type { Run } from "../../src/core/run/run.ts";
import type {
  ActionPolicy,
  AskPerson,
  BlobReader,
  DescriptorFunction,
  Harness,
  Inbox,
  Journal,
  LanguageModel,
  ModelReply,
  ModelRequest,
  Proposal,
  Renderer,
  Strategy,
  Task,
  Tool,
} from "../../src/contracts/index.ts";
import { fakeKernels, type FakeKernels } from "../../src/testing/fake-kernels.ts";
import { scriptedModel } from "../../src/testing/scripted-model.ts";
import { plain } from "../../renderers/index.ts";
import { tournament } from "../../strategies/index.ts";
import { roundMessages } from "./round-messages.ts";
import { numberVerifier, tinyTask } from "./tiny-task.ts";

export interface TinyOptions extends Partial<EvolveOptions> {
  readonly task?: Task;
  readonly strategy?: Strategy;
  readonly renderer?: Renderer;
  readonly model?: LanguageModel;
  readonly kernels?: FakeKernels;
  readonly tools?: readonly Tool[];
  readonly proposals?: number;
  readonly rounds?: number;
  readonly harness?: Harness;
  readonly seed?: number;
  readonly descriptors?: DescriptorFunction;
  readonly policy?: ActionPolicy;
  readonly askPerson?: AskPerson;
  readonly inbox?: Inbox;
  /** Models that compete, in place of one. */
  readonly members?: readonly LanguageModel[];
}

export function tinyRun(journal: Journal & BlobReader, options: TinyOptions = {}): Promise<Run> {
  const {
    task = tinyTask,
    strategy = tournament(),
    renderer = plain(),
    rounds = 1,
    seed = 7,
    harness = "full",
  } = options;
  const {
    model = tinyModel(),
    kernels = fakeKernels(),
    proposals = 6,
    parallel = 2,
    order = "as-proposed",
  } = options;
  const signal = options.signal ?? new AbortController().signal;
  const parts = {
    task,
    kernels,
    verifier: numberVerifier(),
    harness,
    tools: notebookTools(task, options.tools, harness),
    model,
    renderer,
    rounds,
    blobs: journal,
    seed,
    settings: {},
    signal,
    ...(options.descriptors !== undefined && { descriptors: options.descriptors }),
    ...(options.policy !== undefined && { policy: options.policy }),
    ...(options.askPerson !== undefined && { askPerson: options.askPerson }),
    inputFor: (notebook: Task["founder"]) => ({
      instructions: "Improve the notebook.",
      statement: task.statement,
      notebook,
      budgetTokens: task.limits.contextTokens,
      seesImages: false,
      countTokens: (text: string) => text.length,
    }),
  };
  const { members = [] } = options;
  const memberOf = (proposal: Proposal): LanguageModel | undefined =>
    members.find(({ name }) => name === proposal.model);
  return evolve(
    {
      strategy,
      journal,
      playFounder: () => playFounder(parts),
      ...(options.reproduce !== undefined && {
        reproduce: (branch, within) => reproduceNotebook(parts, branch, { signal: within }),
      }),
      playEpisode: (proposal, run, record, episodeSignal, purse) =>
        playEpisode(
          { ...parts, model: memberOf(proposal) ?? model },
          proposal,
          run,
          record,
          episodeSignal,
          purse,
        ),
      models: members.map(({ name }) => name),
      ...(options.inbox !== undefined && { inbox: options.inbox }),
    },
    {
      ...options,
      parallel,
      order,
      rounds,
      signal,
      budget: options.budget ?? { proposals, targetFitness: null },
    },
  );
}

/** Plans, adds a seeded number to `x` (or raises), and finishes. */
export function tinyModel() {
  return scriptedModel(tinyReply);
}

export function tinyReply(request: ModelRequest): Partial<ModelReply> {
  if (request.toolChoice === "none") return { text: "Add something to x." };
  const random = randomAt(request.seed);
  const results = roundMessages(request.messages).filter(({ role }) => role === "tool").length;
  const finish = { id: "", tool: "finish_round", arguments: { summary: "x was changed" } };
  if (request.toolChoice !== "auto" || results >= 2) return { calls: [finish] };
  const source = random.next() < 0.15 ? "raise ValueError" : `x = x + ${random.int(9) - 2}`;
  return { calls: [{ id: "", tool: "run_code", arguments: { source, comment: "a step" } }] };
}
