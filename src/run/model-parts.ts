// Owns: what of an episode depends on its model: which of several competing models it is, and what its renderer knows.
import { writeInstructions } from "../loop/prompt-text.ts";
import { imageTokens, tiktokenCounter } from "../models/catalogue/count-tokens.ts";
import { pricingFor } from "../models/catalogue/pricing.ts";
import type {
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
  readonly inputFor: (notebook: RenderInput["notebook"]) => RenderInput;
}

/** The parts for a proposal's model; without a proposal, for the whole run's. Each model's are made once. */
export function modelParts(
  task: Task,
  tools: readonly Tool[],
  { model, pricing }: Pick<RunOptions, "model" | "pricing">,
): (proposal: Proposal | null) => ModelParts {
  const made = new Map<LanguageModel, ModelParts>();
  return (proposal) => {
    const own = proposal === null ? model : modelOf(proposal, model);
    const parts = made.get(own) ?? makeParts(task, tools, own, pricing);
    made.set(own, parts);
    return parts;
  };
}

/** The proposal's own model where several compete; the first of them, where the list has changed since. */
function modelOf({ model: name }: Proposal, model: LanguageModel): LanguageModel {
  const { members = [] } = model;
  return members.find((member) => member.name === name) ?? members[0] ?? model;
}

function makeParts(
  task: Task,
  tools: readonly Tool[],
  model: LanguageModel,
  pricing: Pricing | undefined,
): ModelParts {
  const fixed = {
    instructions: writeInstructions(task.submission, tools),
    statement: task.statement,
    budgetTokens: task.limits.contextTokens,
    seesImages: model.seesImages,
    pricing: pricing ?? model.pricing ?? pricingFor(model.name),
    countTokens: tiktokenCounter(),
    countImageTokens: (image: ImagePart) => imageTokens(model.name, image),
  };
  return { model, inputFor: (notebook) => ({ ...fixed, notebook }) };
}
