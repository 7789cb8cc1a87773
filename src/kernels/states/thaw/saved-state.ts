// Owns: the shape of a state's record on disk, and reading it. What a kernel answers to `freeze` is checked the same way.
// Never reads the files that the record names.
import { z } from "zod";
import { readForeignAnswer } from "../../../core/foreign-answer.ts";

const hash = z.string().regex(/^[0-9a-f]{64}$/);

/** Variables that are in one file because they share parts. */
const group = z.object({
  names: z.array(z.string()),
  pickle: hash,
  buffers: z.array(hash),
  /** All files in the store that the group needs: these and its arrays. */
  files: z.array(hash),
});

/** A variable that is not kept. */
const lost = z.object({
  name: z.string(),
  reason: z.string(),
  /** It could have been kept, but making it again is cheaper. */
  chosen: z.boolean(),
  /** Variables that share parts with it. */
  with: z.array(z.string()),
});

/** What a kernel answers to `freeze`. */
export const frozenKernel = z.object({
  python: z.string(),
  groups: z.array(group),
  lost: z.array(lost),
  settings: z.record(z.string(), hash),
  names: z.array(z.string()),
  figures: z.array(z.number()),
  count: z.number(),
  sizes: z.record(hash, z.number()),
});

const savedFile = z.object({
  path: z.string(),
  mode: z.number(),
  modifiedMs: z.number(),
  content: z.union([hash, z.object({ link: z.string() }), z.null()]),
});

const savedState = z.object({
  version: z.literal(2),
  /** What each step took, in order. */
  durationsMs: z.array(z.number()),
  /** Name to type and hash, as the kernel described them. */
  description: z.record(z.string(), z.tuple([z.string(), z.string().nullable()]).readonly()),
  /** Null: only described. Its files, folders (content null) and links, parents first. */
  files: z.array(savedFile).nullable(),
  kernel: frozenKernel.nullable(),
});

export type Group = z.infer<typeof group>;
export type FrozenKernel = z.infer<typeof frozenKernel>;
export type SavedState = z.infer<typeof savedState>;

/** A state may have very many files. */
const MOST_OF_A_STATE = { chars: 256 * 2 ** 20, items: 20_000_000 };

/** Null when the text is no record of a state, or one of another version. */
export function readState(text: string): SavedState | null {
  const read = readForeignAnswer(text, savedState, MOST_OF_A_STATE);
  return read.ok ? read.value : null;
}

/** The files of the store that a state needs. */
export function filesOf({ kernel, files }: SavedState): ReadonlySet<string> {
  const ofKernel = kernel === null ? [] : kernel.groups.flatMap((one) => one.files);
  const settings = Object.values(kernel?.settings ?? {});
  const ofWorkspace = (files ?? []).flatMap(({ content }) => (typeof content === "string" ? [content] : []));
  return new Set([...ofKernel, ...settings, ...ofWorkspace]);
}
