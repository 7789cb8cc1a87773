// Owns: the folder of a run's durable states: files named by their content, and one record for each state. A cache,
// which may be deleted at any time. Never reads a pickle: only kernels do.
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { lstat, mkdir, open, readdir, readFile, rename, rm, stat, statfs, utimes } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { Added } from "../../../machine/files/porter.ts";
import type { DurableLimits } from "../../kernel-options.ts";
import { filesOf, readState } from "./saved-state.ts";
import type { SavedState } from "./saved-state.ts";

/** This much of the disk stays free. */
const SPARE_BYTES = 1 << 30;

export class StateStore {
  /** Folder of the contents, each named by its SHA-256. Kernels may read it. */
  readonly files: string;
  readonly #states: string;
  readonly #limits: DurableLimits;
  /** Bytes of all contents; null until they were measured. */
  #bytes: number | null = null;
  #syncing: Promise<void> = Promise.resolve();

  constructor(folder: string, limits: DurableLimits) {
    this.files = join(folder, "files");
    this.#states = join(folder, "states");
    this.#limits = limits;
  }

  async open(): Promise<void> {
    await mkdir(this.files, { recursive: true });
    await mkdir(this.#states, { recursive: true });
  }

  /** The state with this key, or null. */
  async read(key: string): Promise<SavedState | null> {
    const file = this.#stateFile(key);
    const text = await readFile(file, "utf8").catch(() => null);
    if (text === null) return null;
    const now = new Date();
    await utimes(file, now, now).catch(() => undefined);
    return readState(text);
  }

  /** Bytes that one more state may take; 0 when the disk is full. */
  async room(): Promise<number> {
    const { bavail, bsize } = await statfs(this.files);
    return Math.max(0, Math.min(this.#limits.stateBytes, bavail * bsize - SPARE_BYTES));
  }

  /** Files were put there by the porter: what they take is counted, and they come to the disk in time. */
  grow(added: Added): void {
    for (const [name, bytes] of Object.entries(added)) {
      if (this.#bytes !== null) this.#bytes += bytes;
      this.#sync(join(this.files, name));
    }
  }

  /** Keeps the record of a state; the files that it names must be in the store. */
  async write(key: string, state: SavedState): Promise<void> {
    const file = this.#stateFile(key);
    await writeWhole(file, JSON.stringify(state));
    this.#sync(file);
  }

  /** Removes only the record: the files that it names go when room is needed. */
  async forget(key: string): Promise<void> {
    await rm(this.#stateFile(key), { force: true });
  }

  /** Removes the contents that are not what their names say. */
  async removeDamaged(names: Iterable<string>): Promise<void> {
    for (const name of names) {
      const file = join(this.files, name);
      const hash = createHash("sha256");
      const read = await pipeline(createReadStream(file), hash).then(
        () => hash.digest("hex"),
        () => null,
      );
      if (read !== null && read !== name) await rm(file, { force: true });
    }
  }

  /** Forgets states until the rest is within the limits. Not while one is being kept: its contents look unneeded. */
  async makeRoom(): Promise<void> {
    this.#bytes ??= await this.#measure();
    if (this.#bytes <= this.#limits.runBytes) return;
    const needed = new Set<string>();
    const sizes = new Map<string, number>();
    let bytes = 0;
    // Those that were used last stay, as many as there is room for.
    for (const key of await this.#byUse()) {
      const state = readState(await readFile(this.#stateFile(key), "utf8"));
      const files = state === null ? [] : [...filesOf(state)].filter((name) => !needed.has(name));
      const more = await this.#sizes(files, sizes);
      if (state === null || bytes + more > this.#limits.runBytes) {
        await this.forget(key);
        continue;
      }
      for (const name of files) needed.add(name);
      bytes += more;
    }
    for (const name of await readdir(this.files))
      if (!needed.has(name)) await rm(join(this.files, name), { force: true });
    this.#bytes = await this.#measure();
  }

  /** Resolves when what was kept would survive a power cut. */
  close(): Promise<void> {
    return this.#syncing;
  }

  #stateFile(key: string): string {
    return join(this.#states, `${key}.json`);
  }

  /** In the background: what a power cut takes is found missing or damaged, and replayed. */
  #sync(file: string): void {
    const sync = async (): Promise<void> => {
      const opened = await open(file, "r");
      try {
        await opened.sync();
      } finally {
        await opened.close();
      }
    };
    this.#syncing = this.#syncing.then(() => sync().catch(() => undefined));
  }

  async #byUse(): Promise<readonly string[]> {
    const keys = (await readdir(this.#states)).filter((name) => name.endsWith(".json"));
    const used = await Promise.all(
      keys.map(async (name) => {
        const { mtimeMs: at } = await stat(join(this.#states, name));
        return { key: name.slice(0, -".json".length), at };
      }),
    );
    return used.toSorted((a, b) => b.at - a.at).map(({ key }) => key);
  }

  async #sizes(names: readonly string[], known: Map<string, number>): Promise<number> {
    let sum = 0;
    for (const name of names) {
      const size = known.get(name) ?? (await lstat(join(this.files, name)).catch(() => null))?.size ?? 0;
      known.set(name, size);
      sum += size;
    }
    return sum;
  }

  async #measure(): Promise<number> {
    return this.#sizes(await readdir(this.files), new Map());
  }
}

/** The whole text or none of it, unless the power goes. */
async function writeWhole(file: string, text: string): Promise<void> {
  const handle = await open(`${file}.part`, "w");
  try {
    await handle.writeFile(text);
  } finally {
    await handle.close();
  }
  await rename(`${file}.part`, file);
}
