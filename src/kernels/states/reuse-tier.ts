// Owns: live kernels that were given back in a known state and wait for a lease from exactly that state. It may forget
// any of them at any time.
import type { RecipeStep } from "../../contracts/kernel.ts";
import type { LiveKernel } from "../jupyter/contracts.ts";
import type { KernelSource } from "./kernel-source.ts";
import { enterDirectory } from "./kernel-source.ts";
import type { ExecutedStep } from "./recipes.ts";
import { stateKey } from "./recipes.ts";
import type { KernelOffer, RestoreOptions, Tier } from "./tier.ts";
import type { Workspaces } from "./workspaces.ts";

interface IdleKernel {
  readonly key: string;
  readonly kernel: LiveKernel;
  /** Name of the workspace that holds its files. */
  readonly workspace: string;
}

export class ReuseTier implements Tier {
  readonly name = "reuse";
  readonly #room: number;
  readonly #source: Pick<KernelSource, "end">;
  readonly #workspaces: Workspaces;
  #idle: readonly IdleKernel[] = [];

  /** `room`: number of kernels that may wait. */
  constructor(room: number, source: Pick<KernelSource, "end">, workspaces: Workspaces) {
    this.#room = room;
    this.#source = source;
    this.#workspaces = workspaces;
    // A kernel whose files go has lost a part of its state.
    workspaces.onClear((name) => this.#drop(this.#idle.filter(({ workspace }) => workspace === name)));
  }

  async offer(steps: readonly RecipeStep[], options: RestoreOptions): Promise<KernelOffer | null> {
    const key = stateKey(steps);
    if (!this.#idle.some((one) => one.key === key && one.kernel.lost() === null)) return null;
    const take: KernelOffer["take"] = async () => {
      const kernel = await this.#take(key, options);
      return kernel === null ? null : { kernel, holds: steps };
    };
    return { tier: this.name, holds: steps.length, costMs: 0, take };
  }

  /** Makes room for it, oldest first. */
  async takeOver(kernel: LiveKernel, steps: readonly ExecutedStep[], workspace: string): Promise<boolean> {
    // It would reach what its forks left and do: they and the next user are siblings.
    if (this.#workspaces.isParted(kernel.area)) return false;
    this.#idle = [...this.#idle, { key: stateKey(steps), kernel, workspace }];
    this.#drop(this.#idle.slice(0, Math.max(0, this.#idle.length - this.#room)));
    return true;
  }

  /** Their processes end with the server. */
  async close(): Promise<void> {
    this.#idle = [];
  }

  /**
   * The newest kernel of this state. It goes on in a copy of its workspace: the old directory stays as it was, for
   * people who look at the branch. A replay never needs that directory, since it makes its files again.
   */
  async #take(key: string, { workspace, signal }: RestoreOptions): Promise<LiveKernel | null> {
    this.#drop(this.#idle.filter(({ kernel }) => kernel.lost() !== null));
    const found = this.#idle.findLast((one) => one.key === key);
    if (found === undefined) return null;
    this.#idle = this.#idle.filter((one) => one !== found);
    try {
      if (found.workspace !== workspace) {
        const from = this.#workspaces.place(found.workspace).name;
        const directory = await this.#workspaces.fill(workspace, found.kernel.area, from);
        await enterDirectory(found.kernel, directory, signal);
      }
      return found.kernel;
    } catch {
      // Whatever is wrong with it, a replay is right.
      await this.#source.end(found.kernel, "It could not be taken over.");
      signal.throwIfAborted();
      return null;
    }
  }

  #drop(unwanted: readonly IdleKernel[]): void {
    for (const { kernel } of unwanted) void this.#source.end(kernel, "There was no room for it.");
    this.#idle = this.#idle.filter((one) => !unwanted.includes(one));
  }
}
