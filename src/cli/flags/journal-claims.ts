// Owns: which files and addresses a journal names for the parts of its run, and what would be done with each. Uses none of them.
import { recordOf } from "../../core/untrusted.ts";
import { partClaims } from "../../run/parts/journalled-parts.ts";
import type { Claim } from "../../run/received.ts";
import type { RunStarted } from "../../run/run-settings.ts";
import type { JsonObject } from "../../contracts/index.ts";
import type { ModelFlags } from "./model-flags.ts";
import type { ServerFlags } from "./server-flags.ts";

/** What a resume would do on the word of the journal alone: what a flag names is the user's own word. */
export function journalClaims(started: RunStarted, flags: ModelFlags & ServerFlags): readonly Claim[] {
  const origin = recordOf(started.settings["origin"]);
  return [
    ...partClaims(started, {}),
    ...(flags.model === undefined ? modelClaims(origin, flags) : []),
    ...claimOf("read keys from", flags.envFile === undefined ? textAt(origin, "envFile") : undefined),
    ...claimOf(
      "run cells, with your token, on",
      flags.server === undefined ? textAt(origin, "server") : undefined,
    ),
  ];
}

function modelClaims(origin: JsonObject, flags: ModelFlags): readonly Claim[] {
  const model = textAt(origin, "model");
  const profile = flags.profile === undefined ? textAt(origin, "profile") : undefined;
  return [
    ...claimOf("read replies from", model?.trimStart().startsWith("recorded:") === true ? model : undefined),
    ...claimOf(
      "send prompts and your API key to",
      flags.baseUrl === undefined ? textAt(origin, "baseUrl") : undefined,
    ),
    // What the command line wrote there is JSON: anything else would be a path.
    ...claimOf("read the profile", profile?.trimStart().startsWith("{") === false ? profile : undefined),
  ];
}

function claimOf(act: string, what: string | undefined): readonly Claim[] {
  return what === undefined ? [] : [{ act, what }];
}

export function textAt(settings: JsonObject, name: string): string | undefined {
  const value = settings[name];
  return typeof value === "string" ? value : undefined;
}
