// A fork, what was thawed and a replay hold the same, over generated notebooks; none sees what another one does.
// NBEVOLVE_PROPERTY_RUNS: how many notebooks; 5.
// Long: generated notebooks are run in every tier.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { jupyterKernels } from "../../../src/kernels/kernel-pool.ts";
import type { KernelLease, KernelPool, RecipeStep } from "../../../src/contracts/kernel.ts";
import { settingLine, SETTINGS_IMPORTS } from "../../support/settings-programs.ts";
import { testPython } from "../../support/python.ts";
import { run, step, within } from "../real-kernels.ts";

const linux = process.platform === "linux";
const RUNS = Number(process.env["NBEVOLVE_PROPERTY_RUNS"] ?? 5);

let root: string;
/** Forks, and keeps every state. */
let keeping: KernelPool;
/** Thaws what the other kept. */
let thawing: KernelPool;
/** Replays everything. */
let replaying: KernelPool;
let leases = 0;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "nbe-property-"));
  const pool = (name: string, fork: boolean, durable: boolean): Promise<KernelPool> =>
    jupyterKernels({
      python: { python: testPython },
      workspacesDir: join(root, name),
      sandbox: "off",
      keepLive: 0,
      fork,
      ...(durable && { durable: { dir: join(root, "kernels"), worthMs: 0 } }),
    });
  keeping = await pool("keeping", true, true);
  thawing = await pool("thawing", false, true);
  replaying = await pool("replaying", false, false);
});
afterAll(async () => {
  for (const pool of [keeping, thawing, replaying]) await pool[Symbol.asyncDispose]();
  await rm(root, { recursive: true, force: true });
});

const lease = (pool: KernelPool, recipe: readonly RecipeStep[] = []): Promise<KernelLease> =>
  pool.lease({ recipe }, { ...within(30_000), workspace: `w${(leases += 1)}` });

const described = async (kernel: KernelLease): Promise<unknown> => kernel.describe?.(within(30_000));

const name = fc.constantFrom("a", "b", "c", "d");
const line = fc.oneof(
  { arbitrary: settingLine, weight: 4 },
  fc.tuple(name, fc.integer()).map(([to, n]) => `${to} = ${n}`),
  fc.tuple(name, fc.double()).map(([to, x]) => `${to} = float(${JSON.stringify(String(x))})`),
  fc.tuple(name, fc.string()).map(([to, text]) => `${to} = ${JSON.stringify(text)}`),
  fc.tuple(name, name).map(([to, from]) => `${to} = [globals().get("${from}"), random.random()]`),
  fc.tuple(name, name).map(([to, from]) => `${to} = (globals().get("${from}"), deck)`),
  name.map((to) => `${to} = np.arange(20_000.0); ${to}_view = ${to}[3:7]; ${to}_view += 1`),
  name.map((to) => `${to} = rng.normal(size=(30, 40)); ${to} = ${to} @ ${to}.T`),
  name.map((to) => `${to} = np.random.rand(5)`),
  name.map((to) => `${to} = random.Random(3); ${to}.random()`),
  name.map((to) => `${to} = iter(deck[:]); next(${to})`),
  name.map((to) => `${to} = (x for x in range(9)); next(${to})`),
  name.map((to) => `${to} = Thing(deck)`),
  name.map((to) => `def ${to}(n=[1]): n.append(random.random()); return n\n${to}()`),
  name.map((to) => `${to} = {str(random.random()) for _ in range(9)}`),
  name.map((to) => `globals().pop("${to}", None)`),
  fc.constant("random.shuffle(deck); rng.shuffle(deck)"),
  fc.constant("count()"),
  fc.constant("open('notes', 'a').write(str(random.random()))"),
  fc.constant("1 / 0"),
);
const cell = fc.array(line, { minLength: 1, maxLength: 4 }).map((lines) => lines.join("\n"));
const FIRST = `${SETTINGS_IMPORTS}
random.seed(1); np.random.seed(2); rng = np.random.default_rng(3); deck = list(range(9))
class Thing:
    made = []
    def __init__(self, deck): self.deck = deck; self.number = len(Thing.made); Thing.made.append(self)
def counter():
    n = 0
    def count():
        nonlocal n
        n += 1
        return n
    return count
count = counter()`;
/** Everything that could be seen of a state. */
const LOOK = `seen = [random.random(), random.gauss(0, 1), float(np.random.rand()), float(rng.random()), deck, count(),
  [thing.number for thing in Thing.made], [thing.deck is deck for thing in Thing.made],
  open("notes").read() if __import__("os").path.exists("notes") else None]
deck.append(0)`;

it.skipIf(!linux)("a fork, a thawed state and a replay are the same", { timeout: 600_000 }, async () => {
  const tiers: string[] = [];
  await fc.assert(
    fc.asyncProperty(fc.array(cell, { minLength: 1, maxLength: 3 }), cell, async (cells, later) => {
      await using parent = await lease(keeping);
      const recipe: RecipeStep[] = [];
      for (const source of [FIRST, ...cells]) recipe.push(step(source, (await run(parent, source)).status));
      const before = await described(parent);
      await parent.checkpoint({ recipe }, within(30_000));
      await run(parent, later);
      await using forked = await lease(keeping, recipe);
      await using thawed = await lease(thawing, recipe);
      await using replayed = await lease(replaying, recipe);
      tiers.push(thawed.restored.tier);
      expect(forked.restored.tier).toBe("fork");
      const kernels = [forked, thawed, replayed];
      for (const kernel of kernels) {
        expect(kernel.restored.differences).toEqual([]);
        expect(await described(kernel)).toEqual(before);
      }
      for (const kernel of kernels) for (const source of [later, LOOK]) await run(kernel, source);
      await run(parent, LOOK);
      const after = await described(parent);
      for (const kernel of kernels) expect(await described(kernel)).toEqual(after);
    }),
    { numRuns: RUNS, seed: 7 },
  );
  if (RUNS > 20) console.log(tiers.join(" "));
  // Where everything had to be made again, the state is replayed instead.
  expect(tiers).toContain("thaw");
});
