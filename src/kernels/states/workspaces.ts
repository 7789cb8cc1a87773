// Owns: the workspaces of the leases, where each lies among what kernels can write, and what a copy of one may hold. Cells
// write in them: all that is done there is done by the porter.
import { randomBytes } from "node:crypto";
import { basename, join, relative } from "node:path";
import type { Bounds, FolderPlace, Porter } from "../../machine/files/porter.ts";
import { findStale, ownFolder } from "../../machine/private-folder.ts";
import type { Area } from "../jupyter/contracts.ts";

/** Beyond these a copy for every checkpoint costs more than it can bring. */
export const KEPT: Bounds = { bytes: 2 ** 30, files: 20_000 };
/** What is copied once, for a kernel that goes on in another workspace. */
const CARRIED: Bounds = { bytes: 2 ** 40, files: 1_000_000 };
/** Beyond this a forked kernel shares its parent's area: the system shuts a process in 16 times at most. */
const MOST_NESTED = 14;
/** Below the root: what the boxes of each pool can write on this machine's disk, in a folder of the pool's. */
const BOXES = ".boxes";

export class Workspaces {
  /** Absolute. */
  readonly root: string;
  readonly porter: Porter;
  readonly #onClear: ((name: string) => void)[] = [];
  /** Where each workspace lies, by its name. */
  readonly #areas = new Map<string, Area>();
  readonly #whole: Area;
  /** Folders of areas in which forked kernels have, or may yet have, parts of their own. */
  readonly #parted = new Set<string>();
  /** Null where there are none. */
  #boxes: string | null = null;

  constructor(root: string, porter: Porter) {
    this.root = root;
    this.porter = porter;
    this.#whole = { folder: "", inside: root };
  }

  /** As the porter needs it. @throws RangeError unless `name` is one plain directory name. */
  place(name: string): FolderPlace {
    return { root: this.root, name: join(this.#areaOf(name).folder, name) };
  }

  /** Everything that a kernel of this workspace can write on disk. How many workspaces share it. */
  area(name: string): { readonly place: FolderPlace; readonly workspaces: number } {
    const { folder } = this.#areaOf(name);
    if (folder === "") return { place: this.place(name), workspaces: 1 };
    const inIt = [...this.#areas.values()].filter((one) => `${one.folder}/`.startsWith(`${folder}/`));
    return { place: { root: this.root, name: folder }, workspaces: inIt.length };
  }

  /** Calls `listener` with a workspace's name just before its files are removed. */
  onClear(listener: (name: string) => void): void {
    this.#onClear.push(listener);
  }

  /** An empty directory in that area, whatever was there before. Resolves to its path as a kernel sees it. */
  async clear(name: string, area: Area): Promise<string> {
    await this.porter.clear(await this.#give(name, area));
    return join(area.inside, name);
  }

  /** Removes it with all that is in it. Its area stays: kernels that come of its frozen ones have no other. */
  async remove(name: string): Promise<void> {
    for (const listener of this.#onClear) listener(name);
    await this.porter.remove(this.place(name));
    if (this.#areaOf(name).folder !== "") await this.porter.remove({ root: this.root, name });
    this.#areas.delete(name);
  }

  /** Removes what pools of dead processes left in their boxes, but for workspaces that are shown. */
  async pruneDead(): Promise<void> {
    // What cannot be removed is in nobody's way.
    for (const folder of await findStale(join(this.root, BOXES)))
      await this.porter.prune({ root: this.root, name: relative(this.root, folder) }).catch(() => undefined);
  }

  /** A folder for this pool's boxes, below the root. While this process lives, no other removes it. */
  async openBoxes(): Promise<string> {
    this.#boxes = relative(this.root, await ownFolder(join(this.root, BOXES)));
    return this.#boxes;
  }

  /** Only workspaces that are shown stay of the boxes: nobody lives there any more. */
  async closeBoxes(): Promise<void> {
    if (this.#boxes !== null) await this.porter.prune({ root: this.root, name: this.#boxes });
    this.#boxes = null;
  }

  /**
   * The files of another folder below the root, in place of what the workspace held. Resolves to its path as a kernel sees
   * it. @throws Error.
   */
  async fill(name: string, area: Area, from: string): Promise<string> {
    const place = await this.#give(name, area);
    const trouble = await this.porter.copy({ root: this.root, name: from }, place.name, CARRIED);
    if (trouble !== null) throw new Error(`the files of ${name} cannot be copied: ${trouble}`);
    return join(area.inside, name);
  }

  /** Where a kernel that is forked from one of this area may write: in a part of it that is its own. */
  areaOfChild(name: string, { folder, inside }: Area): Area {
    this.part({ folder, inside });
    if (folder === "" || folder.split("~").length > MOST_NESTED) return { folder, inside };
    // Landlock refuses what is done with files, not with their modes and times: siblings must not know the path either.
    const part = `${name}-${randomBytes(8).toString("hex")}~`;
    return { folder: `${folder}/${part}`, inside: `${inside}/${part}` };
  }

  /** A kernel that is kept frozen may have children, with parts of its area. */
  part({ folder }: Area): void {
    if (folder !== "") this.#parted.add(folder);
  }

  /** Whether who works in this area reaches the files of others. */
  isParted({ folder }: Area): boolean {
    return this.#parted.has(folder);
  }

  async #give(name: string, area: Area): Promise<FolderPlace> {
    this.#areaOf(name);
    for (const listener of this.#onClear) listener(name);
    this.#areas.set(name, area);
    const place = this.place(name);
    // For people, who look for it by its name.
    if (area.folder !== "") await this.porter.show({ root: this.root, name }, place.name);
    return place;
  }

  #areaOf(name: string): Area {
    if (name === "" || name === "." || name === ".." || basename(name) !== name || name.includes("\0"))
      throw new RangeError(`not a name for a workspace: ${JSON.stringify(name)}`);
    return this.#areas.get(name) ?? this.#whole;
  }
}
