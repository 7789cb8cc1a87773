// Owns: the templates of a pool: frozen processes, found by the state that they hold, with the files of that state.
// A cache: it may forget any of them at any time, and what it lacks is replayed. Never restores a lease by itself.
import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { freemem } from "node:os";
import { join } from "node:path";
import { messageOf } from "../../../core/errors.ts";
import type { ExecuteOptions } from "../../../contracts/kernel.ts";
import { callKernelHelper } from "../../jupyter/kernel-helper.ts";
import { endTemplate, privateBytes } from "./fork-api.ts";
import type { JupyterServer } from "../../jupyter/jupyter-server.ts";
import type { LiveKernel } from "../../jupyter/live-kernel.ts";
import { recordOf } from "../../jupyter/untrusted-message.ts";
import type { Step } from "../recipes.ts";
import { prefixKeys, stateKey } from "../recipes.ts";
import type { StateDigest } from "../state-digest.ts";
import { readDigest } from "../state-digest.ts";
import { remember } from "../step-times.ts";
import type { TemplateLimits } from "./template-limits.ts";
import { copyWorkspace, workspaceTrouble } from "../workspaces.ts";
import { reasonsOf } from "./zygote.ts";

/** A kernel that takes longer to be forked is not worth it. */
const CHECKPOINT_MS = 15_000;
/** Digests and refusals are remembered for so many states. */
const MOST_REMEMBERED = 2_000;
/** No template is made while the machine has less memory than this. */
const SPARE_BYTES = 512 << 20;
/** What a template needs for itself at least: it is measured only after it was made. */
const LEAST_BYTES = 12 << 20;

export interface Template {
  readonly name: string;
  readonly server: JupyterServer;
  readonly steps: readonly Step[];
  /** Directory of the state's files; only read. */
  readonly files: string;
}

interface Held extends Template {
  readonly key: string;
  readonly replayMs: number;
  bytes: number;
  uses: number;
  /** By the count of uses of all templates: a clock that stands still when nothing happens. */
  lastUse: number;
  /** So many kernels are being forked from it now. */
  forking: number;
}

export class Templates {
  readonly #folder: string;
  readonly #limits: TemplateLimits;
  readonly #held = new Map<string, Held>();
  readonly #digests = new Map<string, StateDigest>();
  /** Why a state has no template. */
  readonly #refusals = new Map<string, string>();
  /** States after which a forked kernel hung: nothing that comes of them is forked again. */
  readonly #unsafe = new Map<string, string>();
  #uses = 0;
  #closed = false;

  /** `folder`: for the files of states; this object's alone. */
  constructor(folder: string, limits: TemplateLimits) {
    this.#folder = folder;
    this.#limits = limits;
  }

  /** The one that holds most of the steps, from the first on. It counts as used only when it is: see `used`. */
  nearest(steps: readonly Step[]): Template | null {
    for (const key of prefixKeys(steps).toReversed()) {
      const held = this.#held.get(key);
      if (held === undefined) continue;
      if (held.server.running()) return held;
      this.#drop(held, "its server ended");
    }
    return null;
  }

  /** A kernel is about to be forked from it: it does not make room for others until the fork is `over`. */
  used(name: string): { readonly over: () => void } {
    const held = this.#named(name);
    if (held === undefined) return { over: () => undefined };
    held.uses += 1;
    held.lastUse = this.#uses += 1;
    held.forking += 1;
    return { over: () => void (held.forking -= 1) };
  }

  /** Whether there is one for the state with this key (see `stateKey`). */
  holds(key: string): boolean {
    return [...this.#held.values()].some((held) => stateKey(held.steps) === key && held.server.running());
  }

  /** What the state held when it was checkpointed. */
  digest(steps: readonly Step[]): StateDigest | null {
    return this.#digests.get(lastKey(steps)) ?? null;
  }

  /**
   * Why there is no template for this state, or for one before it; the nearest first. `holds`: so many of the steps are
   * in a kernel already, what came before has no say.
   */
  refusal(steps: readonly Step[], holds = 0): string | null {
    for (const key of prefixKeys(steps).slice(holds).toReversed()) {
      const reason = this.#unsafe.get(key) ?? this.#refusals.get(key);
      if (reason !== undefined) return reason;
    }
    return null;
  }

  /** Makes a template of what the kernel holds now, unless there is one. False when it cannot be had. */
  async make(
    kernel: LiveKernel,
    server: JupyterServer,
    steps: readonly Step[],
    workspace: string,
    options: ExecuteOptions,
  ): Promise<boolean> {
    const key = lastKey(steps);
    const present = this.#held.get(key);
    if (present !== undefined && present.server.running()) return true;
    const reason = await this.#try(key, kernel, server, steps, workspace, options);
    if (reason !== null) remember(this.#refusals, key, reason, MOST_REMEMBERED);
    else this.#refusals.delete(key);
    return reason === null;
  }

  /** A kernel forked from it cannot be trusted: it is given up, and its lineage is never forked again. */
  distrust(name: string, reason: string): void {
    const held = this.#named(name);
    if (held === undefined) return;
    remember(this.#unsafe, held.key, reason, MOST_REMEMBERED);
    this.#drop(held, reason);
  }

  forget(name: string, reason: string): void {
    const held = this.#named(name);
    if (held !== undefined) this.#drop(held, reason);
  }

  /** The processes end with their server; the files are removed here. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#held.clear();
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 3 });
  }

  /** Null when it was made; else why not. */
  async #try(
    key: string,
    kernel: LiveKernel,
    server: JupyterServer,
    steps: readonly Step[],
    workspace: string,
    options: ExecuteOptions,
  ): Promise<string | null> {
    const unsafe = prefixKeys(steps).find((prefix) => this.#unsafe.has(prefix));
    if (unsafe !== undefined) return this.#unsafe.get(unsafe) ?? "a kernel forked before it hung";
    const trouble = await workspaceTrouble(workspace);
    if (trouble !== null) return trouble;
    if (freemem() < SPARE_BYTES) return "the machine has too little memory left";
    const name = `fork-${randomBytes(5).toString("hex")}`;
    const answer = await callKernelHelper(kernel, "checkpoint", name, {
      ...options,
      timeoutMs: Math.max(options.timeoutMs, CHECKPOINT_MS),
    });
    if (answer.how !== "answered") return "the kernel did not answer";
    const said = recordOf(answer.value);
    const digest = readDigest(said["digest"]);
    if (digest !== null) remember(this.#digests, key, digest, MOST_REMEMBERED);
    if (said["ok"] !== true) return reasonsOf(said["reasons"]);
    const files = join(this.#folder, name);
    try {
      await copyWorkspace(workspace, files);
    } catch (problem) {
      void endTemplate(server, name);
      return `its workspace cannot be copied: ${messageOf(problem)}`;
    }
    const replayMs = steps.reduce((sum, step) => sum + (step.durationMs ?? 0), 0);
    const made = { name, server, steps, files, key, replayMs, bytes: LEAST_BYTES, uses: 0, forking: 0 };
    if (this.#closed) return "the pool is closed";
    this.#held.set(key, { ...made, lastUse: (this.#uses += 1) });
    this.#makeRoom();
    void this.#measure(server);
    return null;
  }

  /** Memory becomes a template's own when the kernel that it was forked from changes or ends: it is looked at again. */
  async #measure(server: JupyterServer): Promise<void> {
    const sizes = await privateBytes(server).catch(() => null);
    if (sizes === null) return;
    for (const held of this.#held.values()) {
      if (held.server === server) held.bytes = Math.max(LEAST_BYTES, sizes.get(held.name) ?? 0);
    }
    this.#makeRoom();
  }

  #makeRoom(): void {
    const held = [...this.#held.values()].toSorted((one, other) => this.#worth(one) - this.#worth(other));
    let bytes = held.reduce((sum, one) => sum + one.bytes, 0);
    let count = held.length;
    for (const one of held) {
      // The newest has not had its chance yet.
      if (one.lastUse === this.#uses || one.forking > 0) continue;
      if (count <= this.#limits.count && bytes <= this.#limits.bytes) return;
      this.#drop(one, "its frozen process had to make room for others");
      bytes -= one.bytes;
      count -= 1;
    }
  }

  /** Replay cost x expected reuse / private bytes. What was used often, and lately, is expected to be used again. */
  #worth({ replayMs, uses, lastUse, bytes }: Held): number {
    const expectedReuse = (1 + uses) / (1 + this.#uses - lastUse);
    return ((100 + replayMs) * expectedReuse) / bytes;
  }

  #named(name: string): Held | undefined {
    return [...this.#held.values()].find((held) => held.name === name);
  }

  #drop(held: Held, reason: string): void {
    if (this.#held.get(held.key) === held) this.#held.delete(held.key);
    remember(this.#refusals, held.key, reason, MOST_REMEMBERED);
    void endTemplate(held.server, held.name);
    void rm(held.files, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
  }
}

function lastKey(steps: readonly Step[]): string {
  return prefixKeys(steps).at(-1) ?? "";
}
