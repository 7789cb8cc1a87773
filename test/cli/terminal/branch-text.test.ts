// One branch in words: what was dropped on its way is named, long values are bounded, and its commands can be pasted.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { branchText, type BranchToTell } from "../../../src/cli/terminal/branch-text.ts";
import { applyEdits, codeCell, emptyNotebook } from "../../../src/core/notebook/notebook.ts";
import { sampleBranch } from "../../../src/testing/conformance/journal-samples.ts";
import type { Edit, Notebook } from "../../../src/contracts/index.ts";

const MARK = { role: "code", round: 1 } as const;
const PICTURE = { output_type: "display_data", data: { "image/png": "iVBORw0KGgo=" }, metadata: {} } as const;
const cellOf = (number: number) => codeCell(`c${number}`, `x = ${number}`, MARK);

function notebookOf(count: number, dropped: readonly number[]): Notebook {
  const numbers = Array.from({ length: count }, (_, at) => at + 1);
  const added = numbers.map((number): Edit => ({ type: "cell-added", cell: cellOf(number) }));
  const gone = dropped.map((number): Edit => ({ type: "cell-dropped", id: `c${number}` }));
  return applyEdits(emptyNotebook(), [...added, ...gone]);
}

const told = (notebook: Notebook, more: Partial<BranchToTell> = {}): BranchToTell => ({
  ...{
    dir: "my run",
    file: "my run/branches/b1.ipynb",
    branch: sampleBranch(1, 2).branch,
    operator: "improve",
  },
  ...{ episode: undefined, reproduction: undefined, submission: [1, 2] },
  notebook,
  ...more,
});
const text = (branch: BranchToTell, options = {}): string =>
  branchText(branch, { full: false, verbose: false, ...options });

describe("a branch in words", () => {
  test("names every cell that is not in it any more", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.uniqueArray(fc.nat(11)), (count, some) => {
        const dropped = some.map((at) => at + 1).filter((number) => number <= count);
        const said = /^\(not here: ((?:c\d+, )*c\d+): tried on the way and dropped; /m.exec(
          text(told(notebookOf(count, dropped))),
        );
        const names = dropped.toSorted((a, b) => a - b).map((number) => `c${number}`);
        expect(said?.[1]).toBe(dropped.length === 0 ? undefined : names.join(", "));
      }),
    );
    const many = told(
      notebookOf(
        40,
        Array.from({ length: 30 }, (_, at) => at + 1),
      ),
    );
    expect(text(many)).toMatch(/: c1, .*, c12 and 18 more: tried/);
    // What a notebook of somebody else says of itself is not counted up.
    const lies = { ...emptyNotebook(), metadata: { nbevolve: { cells: Number.MAX_SAFE_INTEGER } } };
    expect(text(told(lies))).toMatch(/and 99988 more: tried/);
  });

  test("has its submission, as far as it is read, and the command that takes it out", () => {
    const long = told(notebookOf(1, []), { submission: Array.from({ length: 500 }, (_, at) => at) });
    expect(text(long)).toMatch(/^submission: \[0,1,.{200,320} \(\d+ more characters\); --full shows all$/m);
    expect(text(long, { full: true })).toMatch(/^submission: \[0,.*,499\]$/m);
    expect(text(told(notebookOf(1, [])))).toContain(
      "\nas files of yours: npx nbevolve export 'my run' --branch b1=b1.json --branch b1=b1.py\n",
    );
    const drawn = { ...emptyNotebook(), cells: [{ ...cellOf(1), outputs: [PICTURE] }] };
    expect(text(told(drawn))).toMatch(/--branch b1=b1\.png$/m);
  });

  test("says what it cost, and how its kernel was restored only where that was asked for", () => {
    const { branch } = sampleBranch(1, 2);
    const episode: BranchToTell["episode"] = {
      outcome: {
        ok: true,
        branch,
        proposal: { id: "p1", number: 1, operator: "improve", parents: ["b0"], island: 0 },
      },
      ...{ madeMs: null, endedMs: null, rounds: [], tokens: 12_345, costUsd: 0.5, cells: 1 },
      restores: [{ tier: "fork", durationMs: 60, differences: [] }],
    };
    const made = told(notebookOf(1, []), { episode });
    expect(text(made)).toMatch(/^made with 12,345 tokens; \$0\.5000$/m);
    expect(text(made)).not.toContain("kernel:");
    expect(text(made, { verbose: true })).toMatch(/^kernel: fork in 0\.06 s$/m);
  });
});
