// Owns: a submission as plain JavaScript values, from the exact form that the verifier judges. Pure, linear in its size,
// and never throws: a run directory may be somebody else's. It also runs in a browser.
import { isRecord } from "../core/untrusted.ts";
import type { Json, Submission } from "../contracts/index.ts";

/**
 * A submission in JavaScript's own values. Floats are numbers (`3`, `-0`, `NaN`, `Infinity`), integers beyond 2^53 are bigints,
 * arrays are lists in lists. What JavaScript has no value for stays tagged: complex numbers, arrays of complex numbers or of
 * long doubles, and arrays of several dimensions without an element. JSON is a part of this type: it lacks NaN, the infinities and bigints.
 */
export type PlainSubmission =
  | string
  | number
  | bigint
  | boolean
  | null
  | readonly PlainSubmission[]
  | { readonly [key: string]: PlainSubmission };

/** More than a submission is nested; what lies deeper stays as it is. */
const MOST_LEVELS = 200;

/** What is no tag as the guard writes it stays as it is. */
export function plainSubmission(value: Submission, levels = MOST_LEVELS): PlainSubmission {
  if (typeof value !== "object" || value === null || levels === 0) return value;
  if (Array.isArray(value)) {
    const items: readonly Json[] = value;
    return items.map((item) => plainSubmission(item, levels - 1));
  }
  const entries = Object.entries(value);
  const [first] = entries;
  if (entries.length === 1 && first !== undefined && /^\$(?!\$)/.test(first[0]))
    return valueOfTag(first[0], first[1]) ?? value;
  return Object.fromEntries(
    entries.map(([key, item]) => [key.replace(/^\$\$/, "$$"), plainSubmission(item, levels - 1)]),
  );
}

/** Undefined: it has no value of JavaScript's own. */
function valueOfTag(tag: string, said: Json): PlainSubmission | undefined {
  if (tag === "$float") return typeof said === "string" ? floatOf(said) : undefined;
  if (tag === "$int") return typeof said === "string" ? integerOf(said) : undefined;
  return tag === "$array" ? arrayOf(said) : undefined;
}

const FLOATS: Readonly<Record<string, number>> = { nan: NaN, inf: Infinity, "-inf": -Infinity };

function floatOf(text: string): number | undefined {
  if (Object.hasOwn(FLOATS, text)) return FLOATS[text];
  return text.length <= 32 && /^-?\d+(?:\.\d+)?(?:e[+-]\d+)?$/.test(text) ? Number(text) : undefined;
}

/** Python's guard lets no larger one out. */
const MOST_DIGITS = 64 << 20;

function integerOf(text: string): bigint | undefined {
  if (text.length > MOST_DIGITS || !/^-?(?:0x[0-9a-f]+|[1-9][0-9]{0,616})$/.test(text)) return undefined;
  return text.startsWith("-") ? -BigInt(text.slice(1)) : BigInt(text);
}

type ReadItem = (view: DataView, at: number, little: boolean) => PlainSubmission;

/** By numpy's letter and size. */
const ITEMS: Readonly<Record<string, ReadItem>> = {
  b1: (view, at) => view.getUint8(at) !== 0,
  i1: (view, at) => view.getInt8(at),
  u1: (view, at) => view.getUint8(at),
  i2: (view, at, little) => view.getInt16(at, little),
  u2: (view, at, little) => view.getUint16(at, little),
  i4: (view, at, little) => view.getInt32(at, little),
  u4: (view, at, little) => view.getUint32(at, little),
  i8: (view, at, little) => exactInteger(view.getBigInt64(at, little)),
  u8: (view, at, little) => exactInteger(view.getBigUint64(at, little)),
  f2: (view, at, little) => halfOf(view.getUint16(at, little)),
  f4: (view, at, little) => view.getFloat32(at, little),
  f8: (view, at, little) => view.getFloat64(at, little),
};

const EXACT = 2n ** 53n;

function exactInteger(value: bigint): number | bigint {
  return value >= -EXACT && value <= EXACT ? Number(value) : value;
}

/** A float of 16 bits. */
function halfOf(bits: number): number {
  const [sign, exponent, fraction] = [bits >> 15 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
}

/** More dimensions than numpy has. */
const MOST_DIMENSIONS = 64;

/** Lists in lists; for an array without dimensions its one item. */
function arrayOf(said: Json): PlainSubmission | undefined {
  const { dtype, shape, npy } = isRecord(said) ? said : {};
  const [, order, letters] = /^([<>|])([a-z]\d)$/.exec(typeof dtype === "string" ? dtype : "") ?? [];
  const read = letters !== undefined && Object.hasOwn(ITEMS, letters) ? ITEMS[letters] : undefined;
  if (read === undefined || typeof dtype !== "string" || typeof npy !== "string" || !isShape(shape))
    return undefined;
  const count = shape.reduce((product, length) => product * length, 1);
  // Lists would not say the other dimensions, and a short text could ask for any number of them.
  if (count === 0 && shape.length > 1) return undefined;
  const file = bytesOf(npy);
  const data = file && dataOf(file, dtype, shape);
  const size = Number(letters?.slice(1));
  if (data === null || data.byteLength !== count * size) return undefined;
  let lists: readonly PlainSubmission[] = Array.from({ length: count }, (_, i) =>
    read(data, i * size, order !== ">"),
  );
  for (const length of shape.slice(1).toReversed()) lists = inLists(lists, length);
  return shape.length === 0 ? lists[0] : lists;
}

function isShape(shape: unknown): shape is readonly number[] {
  return (
    Array.isArray(shape) &&
    shape.length <= MOST_DIMENSIONS &&
    shape.every((length) => Number.isSafeInteger(length) && Number(length) >= 0)
  );
}

function inLists(items: readonly PlainSubmission[], length: number): readonly PlainSubmission[] {
  return Array.from({ length: items.length / length }, (_, i) => items.slice(i * length, (i + 1) * length));
}

/** The bytes of base64; null where it is none. */
function bytesOf(base64: string): Uint8Array | null {
  try {
    const letters = atob(base64);
    const bytes = new Uint8Array(letters.length);
    for (let at = 0; at < letters.length; at++) bytes[at] = letters.charCodeAt(at);
    return bytes;
  } catch {
    return null;
  }
}

/** The items of a .npy file of this kind, as numpy's format has them; null for a file of another kind. */
function dataOf(file: Uint8Array, dtype: string, shape: readonly number[]): DataView | null {
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  if (file.length < 12 || textOf(file, 0, 6) !== "\x93NUMPY") return null;
  const start = file[6] === 1 ? 10 : 12;
  const end = start + (file[6] === 1 ? view.getUint16(8, true) : view.getUint32(8, true));
  const [, kind, order, lengths] =
    /^\{'descr': '([^']{1,8})', 'fortran_order': (True|False), 'shape': \(([\d, ]*)\), \}\s*$/.exec(
      textOf(file, start, Math.min(end, start + 10_000)),
    ) ?? [];
  const said = (lengths ?? "")
    .split(",")
    .filter((length) => length.trim() !== "")
    .map(Number);
  if (kind !== dtype || order !== "False" || said.join() !== shape.join() || end > file.length) return null;
  return new DataView(file.buffer, file.byteOffset + end, file.length - end);
}

/** The bytes as characters of the same numbers. */
function textOf(file: Uint8Array, from: number, to: number): string {
  return String.fromCharCode(...file.subarray(from, to));
}
