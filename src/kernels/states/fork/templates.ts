// Owns: the templates of a pool: frozen processes, found by the state that they hold, with the files of that state.
// Any of them may be given up at any time. Never gives a kernel.
import { randomBytes } from "node:crypto";
import { freemem } from "node:os";
import { messageOf } from "../../../core/errors.ts";
import { findSurplus, type WeighedTemplate } from "./template-room.ts";
import { callKernelHelper, whyNot } from "../../jupyter/kernel-helper.ts";
import { endTemplate, hasTemplate, privateBytes } from "./fork-api.ts";
import type { Area, JupyterServer, LiveKernel } from "../../jupyter/contracts.ts";
import type { TemplateLimits } from "../../kernel-options.ts";
import type { ExecutedStep } from "../recipes.ts";
import { prefixKeys, stateKey } from "../recipes.ts";
import type { DescribedNames } from "../state-description.ts";
import { describedNames } from "../state-description.ts";
import { StateMemory } from "../state-memory.ts";
import type { KeepOptions } from "../tier.ts";
import type { Workspaces } from "../workspaces.ts";
import { KEPT } from "../workspaces.ts";

/** A kernel that takes longer to be forked is not worth it. */
const CHECKPOINT_MS = 15_000;
/** Folder of the files of templates, below the root of the workspaces. */
export const STATES = ".states";
/** Number of states for which descriptions and refusals are remembered. */
const MOST_REMEMBERED = 2_000;
/** No template is made while the machine has less memory than this. */
const SPARE_BYTES = 512 << 20;
/** In the middle of a round one is made after cells that took this long, and many times as long as the last one took. */
const PASSING_MS = 400;
const PASSING_RATIO = 10;
/** What a template needs for itself at least: it is measured only after it was made. */
const LEAST_BYTES = 12 << 20;

const MADE_ROOM = "its frozen process had to make room for others";

export interface Template {
  /** Another process takes its place when the kernel that it was forked from ends. */
  name: string;
  readonly server: JupyterServer;
  /** Where it could write; kernels that are forked from it write in parts of that. */
  readonly area: Area;
  readonly steps: readonly ExecutedStep[];
  /** Folder of the state's files, below the root of the workspaces; only read. */
  readonly files: string;
}

interface HeldTemplate extends Template, WeighedTemplate {
  readonly key: string;
  /** The name of the process that it took the place of. */
  formerName: string | null;
}

export class Templates {
  readonly #workspaces: Workspaces;
  readonly #limits: TemplateLimits;
  /** By the key of its state. */
  readonly #held = new Map<string, HeldTemplate>();
  readonly #descriptions = new StateMemory<DescribedNames>(MOST_REMEMBERED);
  /** Why a state has no template. */
  readonly #refusals = new StateMemory<string>(MOST_REMEMBERED);
  /** States after which a forked kernel hung: nothing that comes of them is forked again. */
  readonly #unsafe = new StateMemory<string>(MOST_REMEMBERED);
  #uses = 0;
  /** What making the last one took, in milliseconds. */
  #lastMs = 0;
  #closed = false;

  constructor(workspaces: Workspaces, limits: TemplateLimits) {
    this.#workspaces = workspaces;
    this.#limits = limits;
  }

  /** The one that holds most of the steps, from the first on. It counts as used only once it is: see `beginUse`. */
  nearest(steps: readonly ExecutedStep[]): Template | null {
    for (const key of prefixKeys(steps).toReversed()) {
      const held = this.#held.get(key);
      if (held === undefined) continue;
      if (held.server.running()) return held;
      this.#drop(held, "its server ended");
    }
    return null;
  }

  /** A kernel is about to be forked from it: it does not make room for others until that ends. */
  beginUse(name: string): { readonly end: () => void } {
    const held = this.#named(name);
    if (held === undefined) return { end: () => undefined };
    held.uses += 1;
    held.lastUse = this.#uses += 1;
    held.forking += 1;
    return { end: () => void (held.forking -= 1) };
  }

  /** Whether there is one for the state with this key (see `stateKey`). */
  holds(key: string): boolean {
    return this.#held.get(key)?.server.running() === true;
  }

  /** What the state held when it was checkpointed. */
  describe(steps: readonly ExecutedStep[]): DescribedNames | null {
    return this.#descriptions.get(stateKey(steps)) ?? null;
  }

  /**
   * Why there is no template for this state, or for one before it; the nearest first. `held`: how many of the steps a
   * kernel holds already: what was refused before them does not matter.
   */
  refusal(steps: readonly ExecutedStep[], held = 0): string | null {
    for (const key of prefixKeys(steps).slice(held).toReversed()) {
      const reason = this.#unsafe.get(key) ?? this.#refusals.get(key);
      if (reason !== undefined) return reason;
    }
    return null;
  }

  /** Whether a state in the middle of a round is worth a template: running its cells again would take much longer. */
  isWorth(steps: readonly ExecutedStep[]): boolean {
    const fresh = steps.slice(this.nearest(steps)?.steps.length ?? 0);
    const replayMs = fresh.reduce((sum, { durationMs = 0 }) => sum + durationMs, 0);
    const held = [...this.#held.values()];
    const bytes = held.reduce((sum, one) => sum + one.bytes, LEAST_BYTES);
    return replayMs >= Math.max(PASSING_MS, PASSING_RATIO * this.#lastMs) && bytes <= this.#limits.bytes;
  }

  /** Makes a template of what the kernel holds now, unless there is one. Where that cannot be had, `refusal` says why. */
  async make(
    kernel: LiveKernel,
    server: JupyterServer,
    steps: readonly ExecutedStep[],
    options: KeepOptions,
  ): Promise<void> {
    const key = stateKey(steps);
    const present = this.#held.get(key);
    if (present !== undefined && present.server.running()) {
      present.isPassing &&= options.after === "cell";
      return;
    }
    const began = performance.now();
    const reason = await this.#try(key, kernel, server, steps, options);
    this.#lastMs = performance.now() - began;
    if (reason !== null) this.#refusals.set(key, reason);
    else this.#refusals.delete(key);
  }

  /**
   * Ends a kernel in the state of this key. Where it works in the area of the template that there is, it leaves one behind that
   * takes its place; one of a part of that area could not make a part beside its own.
   */
  async replace(key: string, kernel: LiveKernel, end: () => Promise<void>): Promise<void> {
    if (this.#held.get(key)?.area.folder !== kernel.area.folder) return end();
    const name = newName();
    const within = { timeoutMs: CHECKPOINT_MS, signal: new AbortController().signal };
    const answer = await callKernelHelper(kernel, "retire", name, within).catch(() => null);
    await end();
    const held = this.#held.get(key);
    if (answer?.how !== "answered" || held === undefined) return;
    if (!(await hasTemplate(held.server, name))) return;
    void endTemplate(held.server, held.name);
    [held.formerName, held.name] = [held.name, name];
  }

  /** A kernel forked from it cannot be trusted: it is given up, and its lineage is never forked again. */
  distrust(name: string, reason: string): void {
    const held = this.#named(name);
    if (held === undefined) return;
    this.#unsafe.set(held.key, reason);
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
    await this.#remove(STATES);
  }

  /** Null when it was made; else why not. */
  async #try(
    key: string,
    kernel: LiveKernel,
    server: JupyterServer,
    steps: readonly ExecutedStep[],
    options: KeepOptions,
  ): Promise<string | null> {
    for (const prefix of prefixKeys(steps)) {
      const unsafe = this.#unsafe.get(prefix);
      if (unsafe !== undefined) return unsafe;
    }
    const { porter } = this.#workspaces;
    const place = this.#workspaces.place(options.workspace);
    const trouble = await porter.survey(place, KEPT).catch(messageOf);
    if (trouble !== null) return trouble;
    if (freemem() < SPARE_BYTES) return "the machine has too little memory left";
    const name = newName();
    const answer = await callKernelHelper(kernel, "checkpoint", name, {
      ...options,
      timeoutMs: Math.max(options.timeoutMs, CHECKPOINT_MS),
    });
    if (answer.how !== "answered") {
      // What cannot be read may have been made all the same.
      if (answer.how === "failed") void endTemplate(server, name);
      return whyNot(answer, "the kernel did not answer");
    }
    const { ok, reasons, description } = answer.value;
    if (description !== undefined) this.#descriptions.set(key, describedNames(description));
    if (!ok) return reasons;
    const files = `${STATES}/${name}`;
    const problem = await porter.copy(place, files, KEPT).catch(messageOf);
    if (problem !== null) {
      void endTemplate(server, name);
      return `its workspace cannot be copied: ${problem}`;
    }
    const replayMs = steps.reduce((sum, { durationMs = 0 }) => sum + durationMs, 0);
    const made = {
      name,
      formerName: null,
      server,
      area: kernel.area,
      steps,
      files,
      key,
      replayMs,
      isPassing: options.after === "cell",
      bytes: LEAST_BYTES,
      uses: 0,
      forking: 0,
    };
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
    const surplus = findSurplus([...this.#held.values()], this.#limits, this.#uses);
    for (const one of surplus) this.#drop(one, MADE_ROOM);
  }

  #named(name: string): HeldTemplate | undefined {
    return [...this.#held.values()].find((held) => held.name === name || held.formerName === name);
  }

  #drop(held: HeldTemplate, reason: string): void {
    if (this.#held.get(held.key) === held) this.#held.delete(held.key);
    this.#refusals.set(held.key, reason);
    void endTemplate(held.server, held.name);
    void this.#remove(held.files).catch(() => undefined);
  }

  #remove(name: string): Promise<void> {
    return this.#workspaces.porter.remove({ root: this.#workspaces.root, name });
  }
}

const newName = (): string => `fork-${randomBytes(5).toString("hex")}`;
