import fc from "fast-check";
import { execFileSync } from "node:child_process";
import { deflateSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { imageSize } from "../../../src/core/output/pictures.ts";
import { fitPictures } from "../../../src/environment/pictures/fitted.ts";
import { readPng, writePng } from "../../../src/environment/pictures/png.ts";
import { shrinkPixels } from "../../../src/environment/pictures/smaller.ts";
import { findPython } from "../../../src/machine/python/find-python.ts";
import type { Part } from "../../../src/contracts/index.ts";

const side = fc.integer({ min: 1, max: 40 });
const pixels = fc
  .record({ width: side, height: side })
  .chain(({ width, height }) =>
    fc
      .uint8Array({ minLength: width * height * 3, maxLength: width * height * 3 })
      .map((rgb) => ({ width, height, rgb })),
  );

async function pngOf(width: number, height: number): Promise<string> {
  const rgb = Uint8Array.from({ length: width * height * 3 }, (_, i) => (i >> 5) % 256);
  return Buffer.from(await writePng({ width, height, rgb })).toString("base64");
}
const image = (base64: string, mime = "image/png"): Part => ({ type: "image", mime, base64 });

describe("PNG files", () => {
  test("what is written is read again; what is cut off is none", async () => {
    await fc.assert(
      fc.asyncProperty(pixels, fc.nat(), async (picture, at) => {
        const file = await writePng(picture);
        expect(await readPng(file)).toEqual(picture);
        const cut = await readPng(file.subarray(0, at % (file.length - 16)));
        expect(cut).toBeNull();
      }),
      { numRuns: 40 },
    );
  });

  test("one that unpacks to more than its header says is none", async () => {
    const file = Buffer.from(await writePng({ width: 2, height: 2, rgb: new Uint8Array(12) }));
    const data = deflateSync(Buffer.alloc(50_000_000));
    const at = file.indexOf("IDAT") - 4;
    const length = Buffer.alloc(4);
    length.writeUInt32BE(data.length);
    const bomb = Buffer.concat([file.subarray(0, at), length, Buffer.from("IDAT"), data, Buffer.alloc(16)]);
    expect(await readPng(bomb)).toBeNull();
  });

  test("every kind that Pillow writes is read as Pillow reads it", async () => {
    const { python } = await findPython();
    const files: { mode: string; file: string; rgb: string }[] = JSON.parse(
      execFileSync(python, ["-c", PILLOW], { encoding: "utf8" }),
    );
    expect(files.map(({ mode }) => mode)).toEqual(["L", "LA", "P", "RGB", "RGBA"]);
    for (const { file, rgb } of files) {
      const read = await readPng(Buffer.from(file, "base64"));
      expect(read?.rgb).toHaveLength(37 * 23 * 3);
      const off = Buffer.from(rgb, "base64").map((value, i) => Math.abs(value - (read?.rgb[i] ?? 0)));
      expect(Math.max(...off)).toBeLessThanOrEqual(1);
    }
  });
});

/** Pictures with structure, so that every way of guessing a byte by its neighbours is used. */
const PILLOW = `
import base64, io, json
from PIL import Image
import numpy as np
x, y = np.meshgrid(np.arange(37), np.arange(23))
planes = np.stack([x * 6, y * 11, (x * y) % 256, (x * 7 + y * 3) % 256], -1).astype("uint8")
whole = Image.fromarray(planes, "RGBA")
out = []
for mode in ["L", "LA", "P", "RGB", "RGBA"]:
    image = whole.convert("RGB").convert("P") if mode == "P" else whole.convert(mode)
    file = io.BytesIO()
    image.save(file, "PNG")
    white = Image.new("RGBA", image.size, "white")
    white.alpha_composite(image.convert("RGBA"))
    rgb = white.convert("RGB").tobytes()
    text = lambda data: base64.b64encode(data).decode()
    out.append({"mode": mode, "file": text(file.getvalue()), "rgb": text(rgb)})
print(json.dumps(out))
`;

test("a smaller picture has the same shape, and the same colour on the whole", () => {
  fc.assert(
    fc.property(pixels, fc.integer({ min: 1, max: 40 }), (picture, most) => {
      const small = shrinkPixels(picture, most);
      expect(Math.max(small.width, small.height)).toBeLessThanOrEqual(
        Math.max(most, 1, Math.min(picture.width, picture.height)),
      );
      expect(small.rgb).toHaveLength(small.width * small.height * 3);
      const mean = (values: Uint8Array): number =>
        values.reduce((sum, value) => sum + value, 0) / values.length;
      expect(Math.abs(mean(small.rgb) - mean(picture.rgb))).toBeLessThan(1);
      expect(shrinkPixels(small, most)).toBe(small);
    }),
  );
});

describe("the pictures of a result", () => {
  test("a large one is sent with 768 pixels on its longer side, and says so; a small one as it is", async () => {
    const [large, small] = await Promise.all([pngOf(900, 600), pngOf(640, 480)]);
    const parts = await fitPictures([{ type: "text", text: "c3 ok" }, image(large), image(small)]);
    expect(parts.map(({ type }) => type)).toEqual(["text", "image", "text", "image"]);
    const [, sent, note, kept] = parts;
    expect(sent?.type === "image" && imageSize(sent.base64)).toEqual({ width: 768, height: 512 });
    expect(note).toEqual({ type: "text", text: "(sent as 768x512 of 900x600 pixels)" });
    expect(kept).toEqual(image(small));
  });

  test("one with more pixels than a notebook shows is sent as it is shown", async () => {
    const fine = await pngOf(500, 400);
    const [sent, ...others] = await fitPictures([{ ...image(fine), shownWidth: 250 } as Part]);
    expect(others).toEqual([]);
    expect(sent?.type === "image" && imageSize(sent.base64)).toEqual({ width: 250, height: 200 });
    for (const shownWidth of [500, 1e9, Number.NaN])
      expect(await fitPictures([{ ...image(fine), shownWidth } as Part])).toEqual([image(fine)]);
  });

  test("the same picture is made the same", async () => {
    const large = await pngOf(900, 30);
    expect(await fitPictures([image(large)])).toEqual(await fitPictures([image(large)]));
  });

  test("data that are no picture, and one that is too large, are named instead", async () => {
    expect(await fitPictures([image(Buffer.from("hello world").toString("base64"))])).toEqual([
      { type: "text", text: "[picture not sent: its data are no image/png]" },
    ]);
    const jpeg = Buffer.concat([Buffer.from("ffd8ffe0", "hex"), Buffer.alloc(900_000)]).toString("base64");
    expect(await fitPictures([image(jpeg, "image/jpeg")])).toEqual([
      { type: "text", text: "[picture not sent: over 750 kB]" },
    ]);
  });

  test("go by what they are, not by what they are called", async () => {
    const small = await pngOf(8, 8);
    expect(await fitPictures([image(small, "image/jpeg")])).toEqual([image(small)]);
  });
});
