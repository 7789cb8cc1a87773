// Owns: a model that passes as the one inside it, with another way to get a reply.
import type { LanguageModel } from "../../contracts/index.ts";

/** The model under its own name and pricing, with the given `reply`. */
export function wrapModel(model: LanguageModel, reply: LanguageModel["reply"]): LanguageModel {
  return {
    name: model.name,
    pricing: model.pricing,
    get seesImages() {
      return model.seesImages;
    },
    reply,
  };
}
