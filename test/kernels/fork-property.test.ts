import fc from "fast-check";
import { expect, it } from "vitest";
import { run, step, useRealKernels, value, within } from "./real-kernels.ts";

const linux = process.platform === "linux";
const { lease } = useRealKernels({ fork: true, templates: { count: 4 } });

/** The digest of everything that user code named, as the kernel's own module makes it. */
const digest =
  "__import__('nbevolve_fork.digest').digest.digest({k: v for k, v in globals().items() if k != 'open'})";

const name = fc.constantFrom("a", "b", "c", "d");
const line = fc.oneof(
  fc.tuple(name, fc.integer()).map(([to, n]) => `${to} = ${n}`),
  fc.tuple(name, fc.double()).map(([to, x]) => `${to} = float(${JSON.stringify(String(x))})`),
  fc.tuple(name, fc.string()).map(([to, text]) => `${to} = ${JSON.stringify(text)}`),
  fc.tuple(name, name).map(([to, from]) => `${to} = [globals().get("${from}"), random.random()]`),
  name.map((to) => `${to} = {i: random.gauss(0, 1) for i in range(20)}`),
  name.map((to) => `${to} = rng.normal(size=(30, 40)); ${to} = ${to} @ ${to}.T`),
  name.map((to) => `${to} = np.random.rand(5)`),
  name.map((to) => `${to} = random.Random(3); ${to}.random()`),
  name.map((to) => `${to} = {str(random.random()) for _ in range(9)}`),
  name.map((to) => `del ${to}`),
  fc.constant("random.shuffle(deck); rng.shuffle(deck)"),
  fc.constant("1 / 0"),
);
const cell = fc.array(line, { minLength: 1, maxLength: 4 }).map((lines) => lines.join("\n"));
const FIRST =
  "import random, numpy as np\nrandom.seed(1); np.random.seed(2); rng = np.random.default_rng(3); deck = list(range(9))";

it.skipIf(!linux)("a fork holds what a replay of the same cells holds", { timeout: 300_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(cell, { minLength: 1, maxLength: 4 }), cell, async (cells, later) => {
      const sources = [FIRST, ...cells];
      await using parent = await lease();
      const recipe = [];
      for (const source of sources) recipe.push(step(source, (await run(parent, source)).status));
      await using replayed = await lease(recipe);
      expect(replayed.restored).toMatchObject({ tier: "replay", differences: [] });
      await parent.checkpoint({ recipe }, within(5_000));
      const expected = await value(replayed, digest);
      await run(parent, later);
      await using forked = await lease(recipe);
      expect(forked.restored).toMatchObject({ tier: "fork", differences: [] });
      expect(await value(forked, digest)).toEqual(expected);
      await run(forked, later);
      expect(await value(forked, digest)).toEqual(await value(parent, digest));
    }),
    { numRuns: 6 },
  );
});
