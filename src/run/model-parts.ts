// Owns: what of an episode depends on its model: which of several competing models it is, and what its renderer knows.
import { HARNESSES } from "../environment/harness.ts";
import { isCode } from "../core/notebook/notebook.ts";
import { namesIn } from "../core/python/python-names.ts";
import { withImprove } from "../environment/tools/improve.ts";
import { hasRead } from "../environment/tools/index.ts";
import { writeInstructions } from "../loop/prompt/instructions.ts";
import { imageTokens, tiktokenCounter } from "../models/catalogue/count-tokens.ts";
import { pricingFor } from "../models/catalogue/pricing.ts";
import type {
  Harness,
  ImagePart,
  LanguageModel,
  Pricing,
  Proposal,
  RenderInput,
  Task,
  Tool,
} from "../contracts/index.ts";
import type { RunOptions } from "./run-options.ts";

export interface ModelParts {
  readonly model: LanguageModel;
  readonly tools: readonly Tool[];
  readonly inputFor: (notebook: RenderInput["notebook"]) => RenderInput;
}

/** The parts for a proposal's model; without a proposal, for the whole run's. Each model's are made once. */
export function modelParts(
  task: Task,
  tools: readonly Tool[],
  { model, pricing, harness }: Pick<RunOptions, "model" | "pricing"> & { readonly harness: Harness },
): (proposal: Proposal | null) => ModelParts {
  const made = new Map<LanguageModel, ModelParts>();
  return (proposal) => {
    const own = proposal === null ? model : modelOf(proposal, model);
    const parts = made.get(own) ?? makeParts(task, tools, own, { pricing, harness });
    made.set(own, parts);
    return parts;
  };
}

/** The proposal's own model where several compete; the first of them, where the list has changed since. */
function modelOf({ model: name }: Proposal, model: LanguageModel): LanguageModel {
  const { members = [] } = model;
  return members.find((member) => member.name === name) ?? members[0] ?? model;
}

/** Whether a task says what is to be searched: defines `problem`, in its setup or after. */
export function declaresProblem({ founder }: Task): boolean {
  return founder.cells.some((cell) => isCode(cell) && namesIn(cell.source).defines.includes("problem"));
}

/** The offline model has the verifier look for numbers where the task does not say what is to be searched. */
function makeParts(
  task: Task,
  shared: readonly Tool[],
  model: LanguageModel,
  { pricing, harness }: { readonly pricing: Pricing | undefined; readonly harness: Harness },
): ModelParts {
  const asksVerifier = model.name === "offline" && !declaresProblem(task);
  const tools = asksVerifier ? withImprove(shared, task.submission) : shared;
  const fixed = {
    instructions: writeInstructions(task, tools, harness),
    statement: task.statement,
    budgetTokens: Math.min(task.limits.contextTokens, HARNESSES[harness].contextTokens ?? Infinity),
    seesImages: model.seesImages,
    canRead: hasRead(tools),
    pricing: pricing ?? model.pricing ?? pricingFor(model.name),
    countTokens: tiktokenCounter(),
    countImageTokens: (image: ImagePart) => imageTokens(model.name, image),
  };
  return { model, tools, inputFor: (notebook) => ({ ...fixed, notebook }) };
}
