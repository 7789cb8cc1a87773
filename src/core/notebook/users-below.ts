// Owns: who below a place in a notebook uses what a cell there provides; found for all places of a notebook in one pass.
import type { CellId } from "../../contracts/index.ts";
import type { CellNames } from "../python/python-names.ts";

/** A cell that needs another, and the names it needs it for (`*`: it cannot be known). */
export interface Dependent {
  readonly id: CellId;
  readonly names: readonly string[];
}

/** A cell, and those further down that do the same. */
interface User {
  readonly id: CellId;
  /** How many cells are below it. */
  readonly height: number;
  readonly next: User | null;
}

/** What becomes of a name's value further down. */
interface NameBelow {
  /** Who reads or changes it, the nearest first, until a cell binds the name anew. */
  readonly users: User | null;
  /** The height of that cell; -1 where the value lasts to the end. */
  readonly endsAt: number;
}

const UNUSED: NameBelow = { users: null, endsAt: -1 };

/** The cells below a place. They are put in from the last to the first; between two of them `find` may be asked. */
export class UsersBelow {
  #height = 0;
  #all: User | null = null;
  #opaque: User | null = null;
  readonly #names = new Map<string, NameBelow>();

  /** Puts a cell above all others. */
  put(id: CellId, names: CellNames): void {
    const height = this.#height++;
    this.#all = { id, height, next: this.#all };
    for (const name of boundAnew(names)) this.#names.set(name, { users: null, endsAt: height });
    if (names.opaque) this.#opaque = { id, height, next: this.#opaque };
    else for (const name of new Set([...names.uses, ...names.mutates])) this.#use(name, id, height);
  }

  /**
   * Who uses what a cell right above all others provides, and that no cell in between provides again; at most `most` of them,
   * the nearest first. Default: all.
   */
  find(provided: CellNames, most = Infinity): readonly Dependent[] {
    if (provided.opaque) return firstOf(this.#all, most).map(({ id }) => ({ id, names: ["*"] }));
    const found = new Map<number, { readonly id: CellId; readonly names: string[] }>();
    let end = Infinity;
    for (const name of new Set([...provided.defines, ...provided.mutates])) {
      const { users, endsAt } = this.#names.get(name) ?? UNUSED;
      end = Math.min(end, endsAt);
      for (const { id, height } of firstOf(users, most)) {
        const user = found.get(height) ?? { id, names: [] };
        user.names.push(name);
        found.set(height, user);
      }
    }
    for (const { id, height } of firstOf(this.#opaque, most))
      if (height >= end) found.set(height, { id, names: ["*"] });
    const nearestFirst = [...found].toSorted(([a], [b]) => b - a);
    return nearestFirst.slice(0, most).map(([, user]) => user);
  }

  #use(name: string, id: CellId, height: number): void {
    const { users, endsAt } = this.#names.get(name) ?? UNUSED;
    this.#names.set(name, { users: { id, height, next: users }, endsAt });
  }
}

/** What a cell gives a value of its own: nothing of the name's earlier one is left. */
export function boundAnew({ defines, mutates }: CellNames): readonly string[] {
  const changed = new Set(mutates);
  return defines.filter((name) => !changed.has(name));
}

function firstOf(user: User | null, most: number): readonly User[] {
  const users: User[] = [];
  for (let next = user; next !== null && users.length < most; next = next.next) users.push(next);
  return users;
}
