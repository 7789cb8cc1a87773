// Owns: what a model that stands for others says of itself in their place. Never replies.
import type { Harness, LanguageModel } from "../../contracts/index.ts";

/** What any of the models can handle, since each may be asked: `lean` where one of them is. */
export function harnessOf(models: readonly LanguageModel[]): Harness {
  return models.some(({ harness }) => harness === "lean") ? "lean" : "full";
}

/** The model under its own name and pricing, with the given `reply`. */
export function wrapModel(model: LanguageModel, reply: LanguageModel["reply"]): LanguageModel {
  return {
    name: model.name,
    harness: model.harness,
    pricing: model.pricing,
    asks: [model],
    get seesImages() {
      return model.seesImages;
    },
    reply,
  };
}
