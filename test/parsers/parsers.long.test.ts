// Ten million characters of every class take no parser of foreign text longer than two seconds.
// Long: each of a hundred parsers is tried with hundreds of texts, and with the slowest of them in each size up to that.
import { expect, test } from "vitest";
import { findSlowText, type Ladder } from "./measure.ts";
import { PARSERS } from "./table.ts";

const LADDER: Ladder = [
  { size: 1_000, kept: Infinity },
  { size: 30_000, kept: 12 },
  { size: 300_000, kept: 4 },
  { size: 10_000_000, kept: 2 },
];

/** What is no Python takes its parser longest, until its steps are used up. Longer texts than the third are not parsed. */
const LADDER_OF_TREES: Ladder = [
  { size: 1_000, kept: Infinity },
  { size: 30_000, kept: 6 },
  { size: 400_000, kept: 2 },
  { size: 10_000_000, kept: 1 },
];

test.each(PARSERS.map((parser) => [parser.name, parser] as const))("%s", async (_, parser) => {
  expect(await findSlowText(parser, parser.trees === undefined ? LADDER : LADDER_OF_TREES)).toBeNull();
});
