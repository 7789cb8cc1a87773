// What a run was begun with is what `startRun({ dir })` goes on with: every shipped strategy and renderer.
// Long: each is two sessions on real kernels.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startRun } from "../../../src/run/start-run.ts";
import { SHIPPED_RENDERERS, shippedRenderer } from "../../../renderers/shipped.ts";
import { SHIPPED_STRATEGIES, shippedStrategy } from "../../../strategies/index.ts";
import { numbersModel } from "../../support/numbers-model.ts";
import { numbersTask } from "../../support/numbers-task.ts";
import { testSandbox } from "../../support/sandbox.ts";

let root = "";
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "nbevolve-parts-"));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const task = numbersTask();
const goOn = (name: string) => ({
  ...{ dir: join(root, name), model: numbersModel(), sandbox: testSandbox, parallel: 1 },
});
// Each strategy with one of the renderers in turn, so that each of both is there.
const renderers = SHIPPED_RENDERERS.map((make) => make().name);
const table = SHIPPED_STRATEGIES.map(
  ({ declaration }, at) => [declaration.name, renderers[at % renderers.length] ?? ""] as const,
);

test.each(table)(
  "startRun({ dir }) of a run with the strategy %s and the renderer %s goes on with both",
  async (name, seen) => {
    const options = goOn(name);
    const parts = { strategy: shippedStrategy(name), renderer: shippedRenderer(seen) };
    await startRun({ ...options, task, ...parts, proposals: 1 }).done;
    const result = await startRun({ ...options, proposals: 2 }).done;
    expect(result).toMatchObject({ proposals: 2, stopped: "budget" });
  },
);
