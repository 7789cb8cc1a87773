import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  fitCamera,
  panCamera,
  pointOf,
  showInCamera,
  stepFrom,
  zoomCamera,
} from "../../src/dashboard/lineage/camera.ts";
import { layOut, lineOf } from "../../src/dashboard/lineage/layout.ts";
import { lineageNodes } from "../../src/dashboard/lineage/nodes.ts";
import { fitnessRange, SCORE_COLOURS, shadeOf } from "../../src/dashboard/lineage/scale.ts";
import { madeEpisodes, madeHistory, type MadeEpisode } from "./made-run.ts";

const ALL = { most: Infinity, always: [], unfolded: new Set<string>() };
const wanted = fc.record({
  most: fc.nat(70),
  always: fc.array(
    fc.nat(60).map((number) => `b${number}`),
    { maxLength: 3 },
  ),
  unfolded: fc
    .array(
      fc.nat(60).map((number) => `b${number}`),
      { maxLength: 3 },
    )
    .map((ids) => new Set(ids)),
});

describe("the nodes of a lineage", () => {
  it("are the founder and each proposal once, below something earlier, and add up", () => {
    fc.assert(
      fc.property(madeEpisodes, fc.nat(3), (episodes, open) => {
        const history = madeHistory(episodes, open);
        const nodes = lineageNodes(history);
        expect(nodes.map(({ number }) => number)).toEqual([...Array(history.proposals + 1).keys()]);
        const byId = new Map(nodes.map((node) => [node.id, node]));
        expect(byId.size).toBe(nodes.length);
        for (const { parent, number, promise } of nodes) {
          const above = byId.get(parent ?? "");
          expect(above === undefined).toBe(parent === null);
          if (above === undefined) continue;
          expect(above.number).toBeLessThan(number);
          expect(above.promise).toBeGreaterThanOrEqual(promise);
        }
        const below = nodes.filter(({ parent }) => parent === null).map(({ descendants }) => descendants + 1);
        expect(below.reduce((sum, one) => sum + one, 0)).toBe(nodes.length);
      }),
    );
  });
});

describe("the layout of a lineage", () => {
  it("shows every node once, in its generation's column, and lets no two of a column meet", () => {
    fc.assert(
      fc.property(madeEpisodes, (episodes) => {
        const nodes = lineageNodes(madeHistory(episodes, 2));
        const layout = layOut(nodes, ALL);
        expect(layout.nodes.map(({ node }) => node)).toEqual(nodes);
        for (let column = 0; column <= layout.columns; column += 1) {
          const rows = layout.nodes
            .flatMap(({ depth, row }) => (depth === column ? [row] : []))
            .toSorted((a, b) => a - b);
          for (const [at, row] of rows.entries())
            expect(row - (rows[at - 1] ?? -Infinity)).toBeGreaterThanOrEqual(1 - 1e-6);
        }
        for (const { node, depth, parent, hidden } of layout.nodes) {
          expect(layout.nodes[parent]?.node.id ?? null).toBe(node.parent);
          expect(depth).toBe(parent < 0 ? 0 : (layout.nodes[parent]?.depth ?? NaN) + 1);
          expect(hidden).toBe(0);
        }
      }),
    );
  });

  it("shows no node without its parent, what was asked for always, and counts what it leaves out", () => {
    fc.assert(
      fc.property(madeEpisodes, wanted, (episodes, asked) => {
        const nodes = lineageNodes(madeHistory(episodes));
        const layout = layOut(nodes, asked);
        const shown = layout.nodes.map(({ node }) => node);
        for (const { parent } of shown) expect(parent === null || layout.byId.has(parent)).toBe(true);
        const known = new Set(nodes.map(({ id }) => id));
        for (const id of asked.always) expect(layout.byId.has(id)).toBe(known.has(id));
        for (const node of nodes)
          if (node.parent !== null && asked.unfolded.has(node.parent))
            expect(layout.byId.has(node.id)).toBe(true);
        const roots = nodes.filter(({ parent }) => parent === null);
        const lost = roots.filter(({ id }) => !layout.byId.has(id)).map(({ descendants }) => descendants + 1);
        const hidden = layout.nodes.map((one) => one.hidden);
        const missing = [...lost, ...hidden].reduce((sum, one) => sum + one, 0);
        expect(missing).toBe(nodes.length - shown.length);
        if (asked.always.length + asked.unfolded.size === 0)
          expect(shown.length).toBe(Math.min(asked.most, nodes.length));
      }),
    );
  });

  it("is there at once for a long run: what grows with the square of its length would take minutes", () => {
    const nodes = lineageNodes(madeHistory(longRun(20_000)));
    const began = performance.now();
    layOut(nodes, { ...ALL, most: 15_000 });
    expect(performance.now() - began).toBeLessThan(5000);
  }, 60_000);

  it("names the line of a node up to its root", () => {
    const { byId } = layOut(lineageNodes(madeHistory(longRun(50))), ALL);
    const line = [...lineOf(byId, "b50")];
    expect(line[0]).toBe("b50");
    expect(line.at(-1)).toBe("b0");
    expect([...lineOf(byId, "nothing")]).toEqual([]);
  });
});

function longRun(count: number): readonly MadeEpisode[] {
  return Array.from({ length: count }, (_, at) => ({
    operator: "improve" as const,
    parents: [Math.floor(at * 0.8)],
    fitness: at % 97,
    tokens: 1,
    isRefuted: false,
  }));
}

const frame = { width: 900, height: 600 };

describe("the camera", () => {
  it("fits the whole tree into the frame", () => {
    fc.assert(
      fc.property(madeEpisodes, (episodes) => {
        const layout = layOut(lineageNodes(madeHistory(episodes)), ALL);
        const camera = fitCamera(layout, frame);
        for (const node of layout.nodes) {
          const [x, y] = pointOf(camera, node);
          expect(x).toBeGreaterThanOrEqual(0);
          expect(x).toBeLessThanOrEqual(frame.width);
          expect(y).toBeGreaterThanOrEqual(0);
          expect(y).toBeLessThanOrEqual(frame.height);
        }
      }),
    );
  });

  it("keeps what is under the pointer there while it zooms", () => {
    const point = fc.tuple(fc.integer({ min: 0, max: 900 }), fc.integer({ min: 0, max: 600 }));
    fc.assert(
      fc.property(point, fc.double({ min: 0.2, max: 5, noNaN: true }), ([x, y], factor) => {
        const before = { left: 30, top: 40, column: 60, line: 12 };
        const place = { depth: (x - before.left) / before.column, row: (y - before.top) / before.line };
        const [after, top] = pointOf(zoomCamera(before, factor, x, y), place);
        expect(after).toBeCloseTo(x, 6);
        expect(top).toBeCloseTo(y, 6);
      }),
    );
  });

  it("brings a node that lies outside into the frame, and lets one that is inside be", () => {
    const layout = layOut(lineageNodes(madeHistory(longRun(40))), ALL);
    const [node] = layout.nodes;
    if (node === undefined) throw new Error("there is no founder");
    const fit = { left: 300, top: 300, column: 60, line: 12 };
    expect(showInCamera(fit, node, frame)).toBe(fit);
    const [x, y] = pointOf(showInCamera(panCamera(fit, -5000, 9000), node, frame), node);
    expect(x).toBeGreaterThan(0);
    expect(y).toBeLessThan(frame.height);
  });

  it("walks by arrows to the parent, to a child, and along a column", () => {
    fc.assert(
      fc.property(madeEpisodes, fc.nat(60), (episodes, at) => {
        const layout = layOut(lineageNodes(madeHistory(episodes)), ALL);
        const from = layout.nodes[at % layout.nodes.length];
        if (from === undefined) return;
        expect(stepFrom(layout, from, "left").node.id).toBe(from.node.parent ?? from.node.id);
        const right = stepFrom(layout, from, "right");
        expect(right === from || right.node.parent === from.node.id).toBe(true);
        const down = stepFrom(layout, from, "down");
        expect(down === from || stepFrom(layout, down, "up") === from).toBe(true);
      }),
    );
  });
});

describe("the colours of scores", () => {
  it("go from the worst to the best, whatever numbers there are", () => {
    const last = SCORE_COLOURS.length - 1;
    const score = fc.double({ min: -1e9, max: 1e9, noNaN: true });
    fc.assert(
      fc.property(fc.array(score), (all) => {
        const range = fitnessRange(all.map((fitness) => ({ fitness })));
        const shades = all.toSorted((a, b) => a - b).map((fitness) => shadeOf(fitness, range));
        expect(shades).toEqual(shades.toSorted((a, b) => a - b));
        expect(shades.every((shade) => Number.isInteger(shade) && shade >= 0 && shade <= last)).toBe(true);
        if (all.length > 0) expect(shades.at(-1)).toBe(last);
      }),
    );
  });
});
