// Owns: the list of models that a table names, with all that is known of each. Asks nobody.
import { PRICED } from "./prices.ts";
import { profileOf, type ModelProfile } from "./profiles.ts";

export interface KnownModel {
  readonly model: string;
  /** The host whose price it is. */
  readonly provider: string;
  readonly profile: ModelProfile;
}

/** By provider, in the order of the table. */
export function knownModels(): readonly KnownModel[] {
  return PRICED.map(({ model, provider }) => ({
    model,
    provider,
    profile: profileOf(model, `https://${provider}/v1`),
  }));
}
