// The reader of what hostile processes say: whatever the text, the answer has its form and its bounds, or says why not.
import fc from "fast-check";
import { expect, test } from "vitest";
import { z } from "zod";
import { readForeignAnswer } from "../../src/core/foreign-answer.ts";

const FORM = z.object({ ok: z.boolean(), names: z.array(z.string()) });
const BOUNDS = { chars: 1_000_000, items: 1_000, depth: 10 };

test("takes what has the form", () => {
  expect(readForeignAnswer('{"ok": true, "names": ["a"]}', FORM, BOUNDS)).toEqual({
    ok: true,
    value: { ok: true, names: ["a"] },
  });
});

const deep = (levels: number): string => "[".repeat(levels) + "]".repeat(levels);

test.each<[string, unknown, RegExp]>([
  ["no text", 7, /no text/],
  ["nothing", undefined, /no text/],
  ["an empty text", "", /no JSON/],
  ["words", "garbage {", /no JSON, and begins "garbage \{"/],
  ["words with control characters", "\u001B]0;title\u0007", /no JSON/],
  ["Python's NaN", '{"ok": NaN}', /no JSON/],
  ["half an answer", '{"ok": true, "na', /no JSON/],
  ["a list", "[1, 2", /no JSON/],
  ["null", "null", /not the form/],
  ["another type", '{"ok": "yes", "names": []}', /`ok`/],
  ["a missing field", '{"ok": true}', /`names`/],
  ["a wrong item", '{"ok": true, "names": ["a", 7]}', /`names.1`/],
  ["depth", deep(11), /more than 10 levels/],
  ["a depth that no recursion survives", deep(200_000), /more than 10 levels/],
  ["depth in a field", `{"ok": true, "names": ${deep(50_000)}}`, /more than 10 levels/],
  ["many values", JSON.stringify({ ok: true, names: Array(1_001).fill("a") }), /more than 1000 values/],
  ["many wrong values", `[${"1,".repeat(400_000)}1]`, /more than 1000 values/],
  ["many characters", `"${"x".repeat(1_000_001)}"`, /1000003 characters/],
])("refuses %s in words", (_, text, why) => {
  const read = readForeignAnswer(text, FORM, BOUNDS);
  expect(read).toMatchObject({ ok: false });
  expect(read.ok ? "" : read.why).toMatch(why);
  expect(read.ok ? 0 : read.why.length).toBeLessThan(400);
});

test("never throws, and believes nothing that has not the form", () => {
  const anything = fc.oneof(fc.string({ unit: "binary" }), fc.json(), fc.anything());
  fc.assert(
    fc.property(anything, (text) => {
      const read = readForeignAnswer(text, FORM, BOUNDS);
      if (read.ok) expect(FORM.safeParse(read.value).success).toBe(true);
      else expect(read.why).not.toBe("");
    }),
  );
});

test("half of a character that Python wrote as an escape becomes U+FFFD", () => {
  const text = String.raw`{"ok": true, "names": ["a\ud83d", "\ud83d\ude00"]}`;
  expect(readForeignAnswer(text, FORM, BOUNDS)).toEqual({
    ok: true,
    value: { ok: true, names: ["a\uFFFD", "\u{1F600}"] },
  });
  expect(readForeignAnswer(String.raw`["\ud83d",${deep(50_000)}]`, FORM, BOUNDS)).toMatchObject({
    ok: false,
  });
});
