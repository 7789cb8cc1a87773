// Owns: PNG files as pixels and back, as far as plots are written: 8 bits a channel, whole rows. Bounded in memory: what a
// file unpacks to is never more than its header says. Source: Portable Network Graphics, third edition (W3C, 2025).
import { crc32, deflate, inflate } from "node:zlib";
import { promisify } from "node:util";

export interface Pixels {
  readonly width: number;
  readonly height: number;
  /** Red, green, blue of each pixel, row by row. */
  readonly rgb: Uint8Array;
}

interface Header {
  readonly width: number;
  readonly height: number;
  readonly colour: number;
}

const SIGNATURE = Buffer.from("89504e470d0a1a0a", "hex");
/** Bytes a pixel by colour type: grey, colour, palette, grey and alpha, colour and alpha. */
const CHANNELS: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

const inflateAsync = promisify(inflate);
const deflateAsync = promisify(deflate);

/** The pixels on white; null for what is no PNG, is broken, or is of a kind that is not read here. */
export async function readPng(bytes: Uint8Array): Promise<Pixels | null> {
  const chunks = chunksOf(Buffer.from(bytes));
  const header = headerOf(chunks.find(({ type }) => type === "IHDR")?.data);
  if (header === null) return null;
  const { width, height, colour } = header;
  const channels = CHANNELS[colour] ?? 0;
  const packed = Buffer.concat(chunks.filter(({ type }) => type === "IDAT").map(({ data }) => data));
  const length = height * (1 + width * channels);
  const rows = await inflateAsync(packed, { maxOutputLength: length }).catch(() => null);
  if (rows?.length !== length || !unfilter(rows, width * channels, channels)) return null;
  const data = (kind: string): Buffer => chunks.find(({ type }) => type === kind)?.data ?? Buffer.alloc(0);
  return { width, height, rgb: onWhite(rows, header, data("PLTE"), data("tRNS")) };
}

export async function writePng({ width, height, rgb }: Pixels): Promise<Uint8Array> {
  const stride = 3 * width;
  const rows = Buffer.alloc(height * (1 + stride));
  for (let y = 0; y < height; y++) rows.set(rgb.subarray(y * stride, (y + 1) * stride), y * (1 + stride) + 1);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2], 8);
  const parts = [
    chunk("IHDR", header),
    chunk("IDAT", await deflateAsync(rows)),
    chunk("IEND", Buffer.alloc(0)),
  ];
  return new Uint8Array(Buffer.concat([SIGNATURE, ...parts]));
}

function chunksOf(file: Buffer): readonly { readonly type: string; readonly data: Buffer }[] {
  const chunks = [];
  if (!file.subarray(0, 8).equals(SIGNATURE)) return [];
  for (let at = 8; at + 12 <= file.length;) {
    const end = at + 8 + file.readUInt32BE(at);
    chunks.push({ type: file.toString("latin1", at + 4, at + 8), data: file.subarray(at + 8, end) });
    at = end + 4;
  }
  return chunks;
}

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

function headerOf(data: Buffer | undefined): Header | null {
  if (data?.length !== 13) return null;
  const [depth = 0, colour = 0, , , interlaced = 0] = data.subarray(8);
  if (depth !== 8 || interlaced !== 0 || CHANNELS[colour] === undefined) return null;
  return { width: data.readUInt32BE(0), height: data.readUInt32BE(4), colour };
}

/** In place: each byte was stored as its difference from a guess by its neighbours. False for an unknown guess. */
function unfilter(rows: Uint8Array, stride: number, channels: number): boolean {
  for (let start = 0; start < rows.length; start += stride + 1) {
    const filter = rows[start] ?? 0;
    if (filter > 4) return false;
    for (let i = 0; i < stride && filter !== 0; i++) {
      const at = start + 1 + i;
      const left = i < channels ? 0 : (rows[at - channels] ?? 0);
      const up = start === 0 ? 0 : (rows[at - stride - 1] ?? 0);
      const corner = start === 0 || i < channels ? 0 : (rows[at - stride - 1 - channels] ?? 0);
      rows[at] = (rows[at] ?? 0) + guess(filter, left, up, corner);
    }
  }
  return true;
}

function guess(filter: number, left: number, up: number, corner: number): number {
  if (filter === 1) return left;
  if (filter === 2) return up;
  if (filter === 3) return (left + up) >> 1;
  const [a, b, c] = [Math.abs(up - corner), Math.abs(left - corner), Math.abs(left + up - 2 * corner)];
  if (a <= b && a <= c) return left;
  return b <= c ? up : corner;
}

function onWhite(rows: Uint8Array, header: Header, palette: Uint8Array, alphas: Uint8Array): Uint8Array {
  const { width, height, colour } = header;
  const rgb = new Uint8Array(width * height * 3);
  const channels = CHANNELS[colour] ?? 0;
  const step = colour === 0 || colour === 4 ? 0 : 1;
  const stride = 1 + width * channels;
  for (let pixel = 0; pixel < width * height; pixel++) {
    const from = Math.floor(pixel / width) * stride + 1 + (pixel % width) * channels;
    const index = rows[from] ?? 0;
    const [colours, at] = colour === 3 ? [palette, 3 * index] : [rows, from];
    const alpha = colour === 3 ? alphas[index] : colour >= 4 ? rows[from + channels - 1] : 255;
    const share = (alpha ?? 255) / 255;
    for (let i = 0; i < 3; i++)
      rgb[3 * pixel + i] = Math.round((colours[at + i * step] ?? 0) * share + 255 * (1 - share));
  }
  return rgb;
}
