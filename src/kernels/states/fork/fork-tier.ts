// Owns: the fork tier: kernels forked from frozen processes, each in a copy of the state's files. What hangs is given
// up with what it was forked from. Never starts a fresh kernel.
import { KernelLost, messageOf } from "../../../core/errors.ts";
import type { RecipeStep } from "../../../contracts/kernel.ts";
import type { LiveKernel } from "../../jupyter/contracts.ts";
import type { TemplateLimits } from "../../kernel-options.ts";
import { TEMPLATE_LIMITS } from "../../kernel-options.ts";
import type { KernelSource } from "../kernel-source.ts";
import { HUNG } from "../kernel-source.ts";
import type { ExecutedStep } from "../recipes.ts";
import { stateKey } from "../recipes.ts";
import type { DescribedNames } from "../state-description.ts";
import type { KeepOptions, KernelOffer, RestoreOptions, StartingKernel, Tier } from "../tier.ts";
import type { Workspaces } from "../workspaces.ts";
import type { Template } from "./templates.ts";
import { Templates } from "./templates.ts";

/** An estimate; measured by `nbevolve bench kernels`. */
const FORK_MS = 60;

export class ForkTier implements Tier {
  readonly name = "fork";
  readonly #workspaces: Workspaces;
  readonly #source: KernelSource;
  readonly #templates: Templates;
  /** The name of the template from which each kernel was forked. */
  readonly #origins = new WeakMap<LiveKernel, string>();

  constructor(workspaces: Workspaces, source: KernelSource, limits: Partial<TemplateLimits> = {}) {
    this.#workspaces = workspaces;
    this.#source = source;
    this.#templates = new Templates(workspaces, { ...TEMPLATE_LIMITS, ...limits });
  }

  async offer(steps: readonly RecipeStep[], options: RestoreOptions): Promise<KernelOffer | null> {
    const template = this.#templates.nearest(steps);
    if (template === null) return null;
    const take = (): Promise<StartingKernel | null> => this.#fork(template, steps, options);
    return { tier: this.name, holds: template.steps.length, costMs: FORK_MS, take };
  }

  async keep(kernel: LiveKernel, steps: readonly ExecutedStep[], options: KeepOptions): Promise<void> {
    // What a replay was made for is kept when its round has ended.
    if (options.after === "replay") return;
    if (options.after === "cell" && !this.#templates.isWorth(steps)) return;
    const server = await this.#source.server();
    await this.#templates.make(kernel, server, steps, options);
    if (this.#templates.holds(stateKey(steps))) this.#workspaces.part(kernel.area);
  }

  /** A state that can be forked needs no live kernel of its own. */
  async takeOver(kernel: LiveKernel, steps: readonly ExecutedStep[]): Promise<boolean> {
    const key = stateKey(steps);
    if (!this.#templates.holds(key)) return false;
    // What was forked at the checkpoint carries the kernel's connections with it for ever: what is forked at its end does not.
    const end = (): Promise<void> => this.#source.end(kernel, "It was given back.");
    await this.#templates.replace(key, kernel, end);
    return true;
  }

  refusal(steps: readonly ExecutedStep[], held: number): string | null {
    const reason = this.#templates.refusal(steps, held);
    return reason === null ? null : `not forked: ${reason}`;
  }

  async describe(steps: readonly ExecutedStep[]): Promise<DescribedNames | null> {
    return this.#templates.describe(steps);
  }

  distrust(kernel: LiveKernel): boolean {
    const template = this.#origins.get(kernel);
    if (template === undefined) return false;
    this.#templates.distrust(template, HUNG);
    return true;
  }

  close(): Promise<void> {
    return this.#templates.close();
  }

  /** A template that gives no working kernel is given up, and the next nearest is tried. */
  async #fork(
    template: Template,
    steps: readonly RecipeStep[],
    options: RestoreOptions,
  ): Promise<StartingKernel | null> {
    const use = this.#templates.beginUse(template.name);
    try {
      const area = this.#workspaces.areaOfChild(options.workspace, template.area);
      const directory = await this.#workspaces.fill(options.workspace, area, template.files);
      const kernel = await this.#source.fork(template, area, directory, options.signal);
      this.#origins.set(kernel, template.name);
      return { kernel, holds: template.steps };
    } catch (problem) {
      options.signal.throwIfAborted();
      // Either the fork did not answer, or there was none: its template is gone.
      const why = messageOf(problem);
      if (problem instanceof KernelLost)
        this.#templates.distrust(template.name, `a kernel that was forked after it did not answer: ${why}`);
      else this.#templates.forget(template.name, `the fork failed: ${why}`);
      const next = await this.offer(steps, options);
      return next === null ? null : await next.take();
    } finally {
      use.end();
    }
  }
}
