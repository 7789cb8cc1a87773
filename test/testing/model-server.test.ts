// The model server for tests is stopped by hand as well as by `await using`.
import { expect, test } from "vitest";
import { modelServer } from "../../src/testing/model-server.ts";

test("a server that was closed answers no more, and may be closed again", async () => {
  await using server = await modelServer({ behaviour: [{ type: "reply", reply: { text: "yes" } }] });
  expect((await fetch(`${server.baseURL}/models`)).status).toBe(200);
  await server.close();
  await expect(fetch(`${server.baseURL}/models`)).rejects.toThrow("fetch failed");
  await server.close();
});
