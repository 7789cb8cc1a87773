// Owns: the workspaces of the leases, one directory each below one root, and what a copy of one may hold. Cells write in
// them: all that is done there is done by the porter.
import { basename, join } from "node:path";
import type { Bounds, FolderPlace, Porter } from "../../machine/files/porter.ts";

/** Beyond these a copy for every checkpoint costs more than it can bring. */
export const KEPT: Bounds = { bytes: 2 ** 30, files: 20_000 };
/** What is copied once, for a kernel that goes on in another workspace. */
const CARRIED: Bounds = { bytes: 2 ** 40, files: 1_000_000 };

export class Workspaces {
  /** Absolute. */
  readonly root: string;
  readonly porter: Porter;
  readonly #onClear: ((name: string) => void)[] = [];

  constructor(root: string, porter: Porter) {
    this.root = root;
    this.porter = porter;
  }

  /** Absolute. @throws RangeError unless `name` is one plain directory name. */
  path(name: string): string {
    if (name === "" || name === "." || name === ".." || basename(name) !== name || name.includes("\0"))
      throw new RangeError(`not a name for a workspace: ${JSON.stringify(name)}`);
    return join(this.root, name);
  }

  /** As the porter needs it. @throws RangeError as `path`. */
  place(name: string): FolderPlace {
    this.path(name);
    return { root: this.root, name };
  }

  /** Calls `listener` with a workspace's name just before its files are removed. */
  onClear(listener: (name: string) => void): void {
    this.#onClear.push(listener);
  }

  /** An empty directory, whatever was there before. Resolves to its path. */
  async clear(name: string): Promise<string> {
    const place = this.#give(name);
    await this.porter.clear(place);
    return this.path(name);
  }

  /** Removes it with all that is in it. */
  async remove(name: string): Promise<void> {
    await this.porter.remove(this.#give(name));
  }

  /** The files of another folder below the root, in place of what the workspace held. Resolves to its path. @throws Error. */
  async fill(name: string, from: string): Promise<string> {
    const place = this.#give(name);
    const trouble = await this.porter.copy({ root: this.root, name: from }, place.name, CARRIED);
    if (trouble !== null) throw new Error(`the files of ${name} cannot be copied: ${trouble}`);
    return this.path(name);
  }

  #give(name: string): FolderPlace {
    const place = this.place(name);
    for (const listener of this.#onClear) listener(name);
    return place;
  }
}
