// Replies of model families through the real HTTP server, streamed and whole: recorded ones of small models, and hand-made ones
// in the forms of the others. What they mean is carried out; what has two readings never is.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { notebookTools, specOf } from "../../../../src/environment/tools/index.ts";
import type { JsonObject, ModelReply } from "../../../../src/contracts/index.ts";
import { ask, bench, running } from "../../helpers.ts";

interface Fixture {
  readonly name: string;
  readonly text: readonly string[];
  /** Default `stop`. */
  readonly finish?: string;
  /** Default `native`. */
  readonly protocol?: "text" | "fence";
  /** The tool that is demanded. */
  readonly demand?: string;
  /** What is to be carried out; null: nothing, because it has two readings or none. */
  readonly expected: readonly { readonly tool: string; readonly arguments: JsonObject }[] | null;
  /** What the model is told of what was not carried out. */
  readonly says?: string;
}

const FOLDER = join(import.meta.dirname, "../../../fixtures/replies");
const TOOLS = notebookTools({ submission: "submission" }).map(specOf);

const FIXTURES = readdirSync(FOLDER).flatMap((file) => {
  const fixtures = JSON.parse(readFileSync(join(FOLDER, file), "utf8")) as readonly Fixture[];
  return fixtures.map((fixture) => ({ family: file.replace(".json", ""), fixture }));
});

async function replyTo({ text, finish, protocol, demand }: Fixture, stream: boolean): Promise<ModelReply> {
  const reply = { text: text.join("\n"), finish: finish ?? "stop" };
  await using b = await bench([{ type: "reply", reply, shape: { pieceChars: 3 } }], {
    stream,
    ...(protocol !== undefined && { profile: { dialect: { tools: protocol } } }),
  });
  return await b.model.reply(
    ask({ tools: TOOLS, ...(demand !== undefined && { toolChoice: { tool: demand } }) }),
    running,
  );
}

describe("replies of model families", () => {
  const outcomes: { readonly isMeant: boolean; readonly isClear: boolean }[] = [];

  test.for(FIXTURES)("$family: $fixture.name", async ({ fixture }) => {
    const { expected, says } = fixture;
    const replies = [await replyTo(fixture, true), await replyTo(fixture, false)];
    const [streamed, whole] = replies.map(({ calls }) =>
      calls.map(({ tool, arguments: args }) => ({ tool, arguments: args })),
    );
    outcomes.push({
      isMeant: JSON.stringify(streamed) === JSON.stringify(expected ?? []),
      isClear: expected !== null,
    });
    expect(streamed).toEqual(expected ?? []);
    expect(whole).toEqual(streamed);
    for (const { unread, text } of replies) {
      if (says !== undefined) expect(unread).toMatch(says);
      else expect(unread).toBeUndefined();
      // Nothing of what was said is lost where nothing was done.
      if (expected === null) expect(text).toBe(fixture.text.join("\n").trim());
    }
  });

  afterAll(() => {
    const share = outcomes.filter(({ isMeant }) => isMeant).length / FIXTURES.length;
    expect(share).toBeGreaterThanOrEqual(0.95);
    expect(outcomes.filter(({ isMeant, isClear }) => !isMeant && !isClear)).toEqual([]);
  });
});
