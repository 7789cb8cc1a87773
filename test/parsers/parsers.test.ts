// Every parser of foreign text takes time in proportion to the text, or looks at no more than its bound. What is measured is
// time of the processor. parsers.long.test.ts tries more texts, and all the ten million characters.
import { expect, test } from "vitest";
import { NUMBERED } from "./hostile-texts.ts";
import { findSlowText, type Ladder } from "./measure.ts";
import { PARSERS } from "./table.ts";

const LADDER: Ladder = [
  { size: 1_000, kept: Infinity },
  { size: 30_000, kept: 4 },
];

const rows = PARSERS.map((parser) => [parser.name, parser] as const);
const plain = rows.filter(([, { trees }]) => trees === undefined);
const ofPython = rows.filter(([, { trees }]) => trees !== undefined);

test.each(plain)("%s", async (_, parser) => {
  expect(await findSlowText(parser, LADDER)).toBeNull();
});

// Python's parser takes most of their time, above all for what is no Python; that it is bounded is tried in the long test.
test.each(ofPython)("%s", async (_, parser) => {
  expect(await findSlowText(parser, [{ size: 30_000, kept: Infinity }], NUMBERED)).toBeNull();
});

test("what takes the square of its text is found", async () => {
  const read = (text: string): number => {
    let same = 0;
    for (let at = 0; at < text.length; at++)
      for (let other = 0; other < text.length; other++) if (text[at] === text[other]) same++;
    return same;
  };
  expect(await findSlowText({ name: "a square", read }, LADDER, NUMBERED.slice(0, 2))).toMatch(
    /ms for 30000 characters of/,
  );
});
