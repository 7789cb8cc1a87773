import { inflateSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { checkModel } from "../../src/models/check-model.ts";
import type { Json } from "../../src/contracts/index.ts";
import type { Behaviour, SeenRequest } from "../../src/testing/model-server.ts";
import { bench, running } from "./helpers.ts";

const add = (a: number, b: number) => ({ tool: "add", arguments: { a, b }, id: "" });
const says = (text: string): Behaviour => ({ type: "reply", reply: { text } });

/** A model that can do everything. */
function able({ body }: SeenRequest): Behaviour {
  const choice: Json | undefined = body["tool_choice"];
  if (choice === "auto") return { type: "reply", reply: { calls: [add(1, 2), add(3, 4)] } };
  if (choice !== "none") return { type: "reply", reply: { calls: [{ tool: "done", arguments: {} }] } };
  return says(JSON.stringify(body).includes("image_url") ? "Red." : "three and seven");
}

describe("checkModel", () => {
  test("finds out what an able model can do", async () => {
    await using b = await bench(able, { profile: { seesImages: true } });
    expect(await checkModel(b.model, running)).toMatchObject({
      text: true,
      calls: true,
      parallelCalls: true,
      namedTool: true,
      images: true,
      cachedTokens: 40,
      streams: true,
      reportsUsage: true,
    });
    expect(b.server.requests).toHaveLength(4);
    const results = JSON.stringify(b.server.requests[1]?.body["messages"]);
    expect(results).toContain('"content":"3"');
    expect(results).toContain('"content":"7"');
  });

  test("says what another cannot, and why", async () => {
    const refusal: Behaviour = { type: "error", status: 400, body: { error: { message: "too hard" } } };
    await using b = await bench(({ body }) => (body["tool_choice"] === "auto" ? refusal : says("grey")));
    expect(await checkModel(b.model, running)).toMatchObject({
      calls: "400: too hard",
      parallelCalls: "400: too hard",
      namedTool: false,
      images: false,
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

  test("the picture is red", async () => {
    await using b = await bench(able, { profile: { seesImages: true } });
    await checkModel(b.model, running);
    const [, base64 = ""] = /base64,([^"]+)"/.exec(JSON.stringify(b.server.requests[3]?.body)) ?? [];
    const png = Buffer.from(base64, "base64");
    const at = png.indexOf("IDAT");
    const pixels = inflateSync(png.subarray(at + 4, at + 4 + png.readUInt32BE(at - 4)));
    expect([...pixels.subarray(0, 4)]).toEqual([0, 255, 0, 0]);
  });
});
