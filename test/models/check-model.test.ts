// A round in miniature with models of every kind: what is found, which protocol is chosen, and what it costs.
import { inflateSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { checkModel, type ProtocolRung, type ModelCheck } from "../../src/models/check-model.ts";
import { toProfileChanges } from "../../src/models/catalogue/profile-text.ts";
import type { Behaviour } from "../../src/testing/model-server.ts";
import { scriptedModel } from "../../src/testing/scripted-model.ts";
import * as kinds from "../support/checked-models.ts";
import { bench, running } from "./helpers.ts";

interface Expected {
  readonly usable: ModelCheck["usable"];
  /** The protocols that were tried. */
  readonly tried: string;
  /** The one that was chosen, and how a close is demanded in it. */
  readonly chosen: string | null;
  readonly requests: number;
  readonly losses?: RegExp;
}

const KINDS: readonly (readonly [string, kinds.Kind, Expected])[] = [
  ["does all", kinds.able, { usable: "yes", tried: "native", chosen: "native named", requests: 4 }],
  [
    "is deaf to a demanded name",
    kinds.deafToNames,
    { usable: "yes", tried: "native", chosen: "native auto", requests: 5 },
  ],
  [
    "never closes on demand",
    kinds.neverCloses,
    {
      ...{ usable: "losses", tried: "native text fence grammar", chosen: "native auto", requests: 8 },
      losses: /not closed when that is demanded/,
    },
  ],
  [
    "writes code in fences",
    kinds.fenced,
    { usable: "yes", tried: "native fence", chosen: "fence named", requests: 6 },
  ],
  [
    "writes blocks under a grammar alone",
    kinds.held,
    { usable: "yes", tried: "native text fence grammar", chosen: "grammar named", requests: 7 },
  ],
  [
    "writes calls into its text",
    kinds.textual,
    { usable: "yes", tried: "native text", chosen: "text named", requests: 5 },
  ],
  [
    "has a server that refuses tools",
    kinds.toolless,
    { usable: "yes", tried: "text", chosen: "text named", requests: 5 },
  ],
  [
    "breaks code in JSON",
    kinds.breaksCode,
    { usable: "no", tried: "native text fence grammar", chosen: null, requests: 6 },
  ],
  ["is mute", kinds.mute, { usable: "no", tried: "native text fence grammar", chosen: null, requests: 6 }],
  [
    "writes without end",
    kinds.endless,
    { usable: "no", tried: "native text fence grammar", chosen: null, requests: 6 },
  ],
];

function nameRung({ tools, constraint }: ProtocolRung): string {
  return constraint === "none" ? tools : constraint;
}

describe("a model that", () => {
  test.for(KINDS)("%s", async ([, kind, expected]) => {
    await using b = await bench(kind);
    const check = await checkModel(b.model, running);
    expect({
      usable: check.usable,
      tried: check.protocols.map(nameRung).join(" "),
      chosen: check.protocol && `${nameRung(check.protocol)} ${check.protocol.toolChoice}`,
      requests: b.server.requests.length,
    }).toEqual({ ...expected, losses: undefined });
    expect(check.losses.join("; ")).toMatch(expected.losses ?? /^$/);
    for (const { code, closes } of check.protocols) if (code !== true) expect(closes).toBe("no cell came");
    if (expected.tried === "native fence")
      expect(check.protocols[0]?.closes).toBe("not tried: it goes on in another protocol");
  });

  test.for([
    ["writes code in fences", kinds.fenced],
    ["writes blocks under a grammar alone", kinds.held],
    ["writes calls into its text", kinds.textual],
    ["is deaf to a demanded name", kinds.deafToNames],
  ] as const)("%s does all at once with the profile that is printed", async ([, kind]) => {
    await using b = await bench(kind);
    const { model, cachedTokens } = await checkModel(b.model, running);
    if (model === null) throw new Error("it has an endpoint");
    const seen = { seesImages: false, cachedTokens, isAble: false };
    const profile = toProfileChanges(b.model.learnt.profile, model.learnt, seen);
    expect(profile).toMatchObject({
      ...{ harness: "lean", contextTokens: null },
      cache: { matching: "prefix", minimumTokens: 40 },
    });
    await using again = await bench(kind, { profile });
    const second = await checkModel(again.model, running);
    expect(second.protocols).toMatchObject([{ code: true, closes: true, repairs: 0 }]);
    expect(again.server.requests).toHaveLength(4);
    expect(again.notices.map(({ type }) => type)).not.toContain("adapted");
  });
});

describe("checkModel", () => {
  test("what else an able model does", async () => {
    await using b = await bench(kinds.able, { profile: { seesImages: true } });
    expect(await checkModel(b.model, running)).toMatchObject({
      ...{ text: true, images: true, cachedTokens: 40, streams: true, reportsUsage: true },
    });
    // A small model that rambles must not take minutes.
    expect(b.server.requests.every(({ body }) => body["max_tokens"] === 1_024)).toBe(true);
    expect(JSON.stringify(b.server.requests[1]?.body["messages"])).toContain("sum of squares:\\n385");
  });

  test("a prompt is as long as the cache of a known model needs it", async () => {
    await using b = await bench(kinds.able, { model: "claude-sonnet-5" });
    await checkModel(b.model, running);
    expect(JSON.stringify(b.server.requests[0]?.body).length).toBeGreaterThan(4_096 * 4);
    expect(b.server.requests[0]?.body).not.toHaveProperty("max_tokens");
  });

  test("what fails is said in the server's words", async () => {
    const refusal: Behaviour = { type: "error", status: 400, body: { error: { message: "too hard" } } };
    await using b = await bench([refusal]);
    expect(await checkModel(b.model, running)).toMatchObject({
      ...{ usable: "no", text: "400: too hard", images: "400: too hard" },
      protocols: Array.from({ length: 4 }, () => ({ code: "400: too hard" })),
    });
  });

  test("a server that neither streams nor counts", async () => {
    const bare: Behaviour = { type: "raw", body: '{"choices": [{"message": {"content": "grey"}}]}' };
    await using b = await bench([bare]);
    expect(await checkModel(b.model, running)).toMatchObject({ streams: false, reportsUsage: false });
  });

  test("a refusal is an error", async () => {
    await using b = await bench([{ type: "error", status: 401 }]);
    await expect(checkModel(b.model, running)).rejects.toMatchObject({ code: "model-refused" });
  });

  test("a model without an endpoint has its own way alone", async () => {
    const model = scriptedModel(() => ({ text: "no" }));
    expect(await checkModel(model, running)).toMatchObject({ usable: "no", streams: null, model: null });
    expect(model.requests).toHaveLength(3);
  });

  test("the picture is red", async () => {
    await using b = await bench(kinds.able, { profile: { seesImages: true } });
    await checkModel(b.model, running);
    const [, base64 = ""] = /base64,([^"]+)"/.exec(JSON.stringify(b.server.requests[3]?.body)) ?? [];
    const png = Buffer.from(base64, "base64");
    const at = png.indexOf("IDAT");
    const pixels = inflateSync(png.subarray(at + 4, at + 4 + png.readUInt32BE(at - 4)));
    expect([...pixels.subarray(0, 4)]).toEqual([0, 255, 0, 0]);
  });
});
