// Owns: the flags that `run` and `resume` share.
import { type Command, Option } from "commander";
import type { ReproduceMode } from "../../loop/types.ts";
import { appendValue, readTarget } from "./flag-values.ts";
import { addKernelFlags, type KernelFlags } from "./kernel-flags.ts";
import { addModelFlags, type ModelFlags } from "./model-flags.ts";
import { addSandboxFlags, type SandboxFlags } from "./sandbox-flags.ts";
import { addServerFlags, type ServerFlags } from "./server-flags.ts";
import { addTrustFlag, type TrustFlag } from "./trust-flag.ts";

export interface SessionFlags extends ModelFlags, ServerFlags, SandboxFlags, TrustFlag, KernelFlags {
  readonly approve: readonly string[];
  readonly json?: boolean;
  readonly ui?: boolean;
  readonly report?: boolean;
  readonly target?: string;
}

/** What differs between the two commands: a sentence each, and defaults where `run` has them. */
export interface SessionWords {
  readonly model: string;
  readonly defaultModel?: string;
  /** Whether what is not given is as the run was started. Default false. */
  readonly isResume?: boolean;
  readonly server: string;
  readonly defaultKernel: string;
  readonly approve: string;
  readonly defaultReproduce?: ReproduceMode;
}

export function addSessionFlags(command: Command, words: SessionWords): void {
  const reproduce = new Option(
    "--reproduce <which>",
    `Which branches are run again from top to bottom in a fresh kernel. A score that does not come again cannot be the best.${words.defaultReproduce === undefined ? " Default: the run's own." : ""}`,
  ).choices(["best", "all", "none"]);
  if (words.defaultReproduce !== undefined) reproduce.default(words.defaultReproduce);
  command
    .addOption(reproduce)
    .option(
      "--target <score>",
      `Stop once a score reaches this: a number, best-known (the task's best known score) or none. Default: ${words.isResume === true ? "the run's own" : "what the task says"}.`,
      readTarget,
    )
    .option("--approve <rule>", words.approve, appendValue, [])
    .option("--ui", "Serve the run's page while it goes on; the link is printed, and opened in the browser.")
    .option("--report", "Write the run's page as report.html in its directory when the session ends.")
    .option("--json", "Print the result as one JSON object on standard output.");
  addModelFlags(command, words.model, { model: words.defaultModel, isResume: words.isResume });
  addSandboxFlags(command, words.isResume);
  addTrustFlag(command);
  addKernelFlags(command, words.isResume);
  addServerFlags(command, words.server, words.defaultKernel);
}
