// Owns: the fork tier: kernels as forks of templates, each in a copy of the state's files, and what became of those
// that hung. Whatever it cannot do, a replay does. Never starts a fresh kernel.
import { join } from "node:path";
import { KernelLost, messageOf } from "../../../core/errors.ts";
import type { ExecuteOptions, RecipeStep } from "../../../contracts/kernel.ts";
import type { KernelSource } from "../kernel-source.ts";
import type { LiveKernel } from "../../jupyter/live-kernel.ts";
import type { Step } from "../recipes.ts";
import type { Base, RestoreOptions, Way } from "../restore.ts";
import { describe, digestDifferences } from "../state-digest.ts";
import type { TemplateLimits } from "./template-limits.ts";
import { TEMPLATE_LIMITS } from "./template-limits.ts";
import type { Template } from "./templates.ts";
import { Templates } from "./templates.ts";
import { copyWorkspace, workspacePath } from "../workspaces.ts";

/** Directory of the files of checkpoints, beside the workspaces. */
const STATES = ".states";
export const HUNG = "a kernel that was forked after it hung";
/** An estimate; measured by `nbevolve bench kernels`. */
const FORK_MS = 60;

export class ForkTier {
  readonly #rootDir: string;
  readonly #source: KernelSource;
  readonly #templates: Templates;

  constructor(rootDir: string, source: KernelSource, limits: Partial<TemplateLimits> | undefined) {
    this.#rootDir = rootDir;
    this.#source = source;
    this.#templates = new Templates(join(rootDir, STATES), { ...TEMPLATE_LIMITS, ...limits });
  }

  /** A fork of the nearest template, as an offer; null when there is none. */
  offer(steps: readonly RecipeStep[], options: RestoreOptions): Way | null {
    const template = this.#templates.nearest(steps);
    if (template === null) return null;
    const holds = template.steps.length;
    return { tier: "fork", holds, costMs: FORK_MS, take: () => this.#fork(template, steps, options) };
  }

  /** In a copy of the template's files. One of which no kernel comes that works is given up, and the next is tried. */
  async #fork(
    template: Template,
    steps: readonly RecipeStep[],
    options: RestoreOptions,
  ): Promise<Base | null> {
    const directory = workspacePath(this.#rootDir, options.workspace);
    const use = this.#templates.used(template.name);
    try {
      await copyWorkspace(template.files, directory);
      const kernel = await this.#source.forked(template, directory, options.signal);
      return { tier: "fork", kernel, holds: template.steps, template: template.name };
    } catch (problem) {
      options.signal.throwIfAborted();
      // Either the fork did not answer, or there was none: its template is gone.
      const why = messageOf(problem);
      if (problem instanceof KernelLost)
        this.#templates.distrust(template.name, `a kernel that was forked after it did not answer: ${why}`);
      else this.#templates.forget(template.name, `the fork failed: ${why}`);
      return (await this.offer(steps, options)?.take()) ?? null;
    } finally {
      use.over();
    }
  }

  /** Keeps what the kernel holds now as a template, where that can be had. */
  async keep(
    kernel: LiveKernel,
    steps: readonly Step[],
    workspace: string,
    options: ExecuteOptions,
  ): Promise<void> {
    const directory = workspacePath(this.#rootDir, workspace);
    await this.#templates.make(kernel, await this.#source.server(), steps, directory, options);
  }

  /** Whether the state with this key (see `stateKey`) can be forked. */
  holds(key: string): boolean {
    return this.#templates.holds(key);
  }

  /** What was forked from this template hung. */
  distrust(template: string): void {
    this.#templates.distrust(template, HUNG);
  }

  refusal(steps: readonly Step[], holds: number): string | null {
    const reason = this.#templates.refusal(steps, holds);
    return reason === null ? null : `not forked: ${reason}`;
  }

  /** What the kernel's names hold now that they did not when this state was checkpointed. */
  async compare(
    kernel: LiveKernel,
    steps: readonly Step[],
    { signal, timeoutMs }: RestoreOptions,
  ): Promise<readonly string[]> {
    const before = this.#templates.digest(steps);
    if (before === null) return [];
    const now = await describe(kernel, { signal, timeoutMs });
    return now === null ? [] : digestDifferences(before, now);
  }

  close(): Promise<void> {
    return this.#templates.close();
  }
}
