// Owns: which files and addresses a journal names for the parts of its run, and what would be done with each. Uses none of them.
import { recordOf, textsOf } from "../../core/untrusted.ts";
import type { Claim } from "../../run/received.ts";
import type { RunStarted } from "../../run/run-settings.ts";
import type { Json, JsonObject } from "../../contracts/index.ts";
import type { ModelFlags } from "./model-flags.ts";
import { isPartFile } from "./part-file.ts";
import type { ServerFlags } from "./server-flags.ts";

export type RunStart = RunStarted;

/** What a resume would do on the word of the journal alone: what a flag names is the user's own word. */
export function journalClaims(started: RunStart, flags: ModelFlags & ServerFlags): readonly Claim[] {
  const origin = recordOf(started.settings["origin"]);
  const renderer = rendererIn(started.settings);
  return [
    ...strategyClaims(started),
    ...(isPartFile(renderer) ? [{ act: "load the renderer", what: renderer, isCode: true }] : []),
    ...toolClaims(started),
    ...(flags.model === undefined ? modelClaims(origin, flags) : []),
    ...claimOf("read keys from", flags.envFile === undefined ? textAt(origin, "envFile") : undefined),
    ...claimOf(
      "run cells, with your token, on",
      flags.server === undefined ? textAt(origin, "server") : undefined,
    ),
  ];
}

export function strategyClaims({ settings }: RunStart): readonly Claim[] {
  const name = strategyIn(settings);
  return isPartFile(name) ? [{ act: "load the strategy", what: name, isCode: true }] : [];
}

export function toolClaims({ settings }: RunStart): readonly Claim[] {
  const files = textsOf(recordOf(settings["origin"])["tools"]);
  return files.map((what) => ({ act: "load the tool", what, isCode: true }));
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

/** A name that ships, or the path of a file. */
export function strategyIn(settings: JsonObject): string {
  return textOf(recordOf(settings["origin"])["strategy"] ?? recordOf(settings["strategy"])["name"]);
}

/** A name that ships, or the path of a file. */
export function rendererIn(settings: JsonObject): string {
  return textAt(recordOf(settings["origin"]), "renderer") ?? textOf(settings["renderer"]);
}

export function textAt(settings: JsonObject, name: string): string | undefined {
  const value = settings[name];
  return typeof value === "string" ? value : undefined;
}

function textOf(value: Json | undefined): string {
  return typeof value === "string" ? value : JSON.stringify(value ?? null);
}
