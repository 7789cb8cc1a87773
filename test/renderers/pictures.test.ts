import { describe, expect, test } from "vitest";
import { imageTokens } from "../../src/models/catalogue/count-tokens.ts";
import type { ImagePart, Message, PromptEvent, Renderer } from "../../src/contracts/index.ts";
import { sampleNotebook, sampleInput } from "../../src/testing/conformance/renderer.ts";
import { logStructured, plain, positional } from "../../renderers/index.ts";
import { callEvent } from "./played.ts";

const picture = (base64: string): ImagePart => ({ type: "image", mime: "image/png", base64 });
const input = sampleInput(sampleNotebook([]), { budgetTokens: 50_000 });

/** A turn whose one call gave these pictures. */
function shown(...pictures: readonly ImagePart[]): PromptEvent {
  const event = callEvent("run_code", {}, "ran", []);
  if (event.type !== "turn-ended") return event;
  return {
    ...event,
    results: event.results.map((result) => ({ ...result, content: [...result.content, ...pictures] })),
  };
}

function played(renderer: Renderer, events: readonly PromptEvent[]): readonly Message[] {
  const log = [{ type: "round-started", header: "go" } as const, ...events].reduce(
    (sofar, one) => renderer.append(sofar, one, input),
    renderer.open(input),
  );
  return renderer.prompt(log, input).messages;
}

const partsOf = (messages: readonly Message[]) =>
  messages.flatMap((message) => (message.role === "assistant" ? [] : message.content));
const picturesOf = (messages: readonly Message[]) =>
  partsOf(messages).flatMap((part) => (part.type === "image" ? [part.base64] : []));

describe.each([logStructured(), positional(), plain()] as readonly Renderer[])("$name", (renderer) => {
  test("shows a picture once, and says where else it was", () => {
    const messages = played(renderer, [shown(picture("aaaa"), picture("bbbb")), shown(picture("aaaa"))]);
    expect(picturesOf(messages)).toEqual(["aaaa", "bbbb"]);
    expect(JSON.stringify(messages.at(-1))).toContain("a picture as above, not sent again");
  });
});

test("a fold takes pictures out; after it one is shown again", () => {
  const folding = logStructured({ bounds: { least: 1, most: 1 } });
  const ended: PromptEvent = { type: "round-ended" };
  expect(picturesOf(played(folding, [shown(picture("aaaa")), ended]))).toEqual([]);
  expect(picturesOf(played(folding, [shown(picture("aaaa")), ended, shown(picture("aaaa"))]))).toEqual([
    "aaaa",
  ]);
});

test("what a picture takes is asked of the input", () => {
  const counting = { ...input, countImageTokens: () => 5000 };
  const renderer = logStructured();
  const [plainly, counted] = [input, counting].map(
    (one) => renderer.append(renderer.open(one), shown(picture("aaaa")), one).eventTokens,
  );
  expect((counted ?? 0) - (plainly ?? 0)).toBe(5000 - 800);
});

test.each([
  ["gpt-4o", 85 + 2 * 170],
  ["gpt-5.6", 70 + 2 * 140],
  ["openai/gpt-5-mini", Math.ceil(24 * 16 * 1.7)],
  ["claude-sonnet-5", Math.ceil((768 * 512) / 750)],
  ["gemini-2.5-pro", 258],
  ["one-of-ours", Math.ceil((768 * 512) / 750)],
])("a picture of 768x512 pixels takes %s %i tokens", (model, tokens) => {
  const header = Buffer.alloc(33);
  header.set(Buffer.from("89504e470d0a1a0a", "hex"));
  header.writeUInt32BE(768, 16);
  header.writeUInt32BE(512, 20);
  expect(imageTokens(model, picture(header.toString("base64")))).toBe(tokens);
});
