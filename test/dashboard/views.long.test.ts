// The page's frame and its views of a run in a browser: keys, themes, what a person may do, and what a screen reader is given.
// Long: a real browser looks at a real run.
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { writeReport } from "../../src/exports/report/report.ts";
import { serveRuns } from "../../src/server/serve-runs.ts";
import { openRunStore } from "../../src/store/index.ts";
import { noBrowser, openPage, type BrowserOptions } from "../support/browser.ts";
import { tinyRun } from "../support/tiny-run.ts";

const page = resolve(process.env["NBEVOLVE_TEST_BUILD"] ?? "dist", "dashboard");
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** A folder of two runs on fakes, and a report of one, for all tests here. */
let runs = "";
beforeAll(async () => {
  runs = await mkdtemp(join(tmpdir(), "nbevolve-views-"));
  for (const name of ["one", "two"]) {
    await using store = await openRunStore(join(runs, name), { mode: "write" });
    await tinyRun(store, { proposals: 6, rounds: 1 });
  }
  await writeReport(join(runs, "one"), { file: join(runs, "one.html"), page });
  return () => rm(runs, { recursive: true, force: true });
});

async function openRuns(options: BrowserOptions = {}) {
  const served = await serveRuns(runs, { page });
  onTestFinished(() => served[Symbol.asyncDispose]());
  const { page: tab, complaints } = await openPage(options);
  await tab.goto(served.url);
  await tab.getByRole("link", { name: "one" }).waitFor();
  return { tab, complaints };
}

describe.skipIf(noBrowser !== null)("the page's frame and views", () => {
  test("are gone about by keys alone", async () => {
    const { tab, complaints } = await openRuns();
    await tab.getByRole("link", { name: "one" }).press("Enter");
    await tab.getByRole("heading", { level: 1, name: "one" }).waitFor();
    await tab.keyboard.press("?");
    await tab.getByRole("dialog", { name: "Keys" }).waitFor();
    await tab.keyboard.press("Escape");
    await tab.getByRole("dialog").waitFor({ state: "detached" });
    await tab.keyboard.press("2");
    const tree = tab.getByRole("application");
    await tree.waitFor();
    await tab.keyboard.press("/");
    await tab.keyboard.type("b1");
    await tab.waitForURL(/branch=b1/);
    await tree.focus();
    await tab.keyboard.press("ArrowLeft");
    await tab.waitForURL(/branch=b0/);
    // What is typed into a field is no key of the page.
    await tab.keyboard.press("/");
    await tab.keyboard.type("2?t");
    expect(await tab.getByRole("dialog").count()).toBe(0);
    expect(tab.url()).toContain("/lineage");
    expect(complaints).toEqual([]);
  });

  test("have the theme that was chosen, in the next session too", async () => {
    const { tab } = await openRuns({ scheme: "light" });
    const paper = (): Promise<string> => tab.evaluate("getComputedStyle(document.body).backgroundColor");
    const light = await paper();
    await tab.getByRole("button", { name: "Dark" }).click();
    const dark = await paper();
    expect(dark).not.toBe(light);
    await tab.reload();
    await tab.getByRole("link", { name: "one" }).waitFor();
    expect(await paper()).toBe(dark);
    await tab.getByRole("button", { name: "Auto" }).click();
    expect(await paper()).toBe(light);
  });

  test("let nobody act on a run at which nobody is at work, and say why", async () => {
    const { tab } = await openRuns();
    await tab.getByRole("link", { name: "one" }).click();
    await tab.getByText("it can be steered once it is resumed").waitFor();
    for (const name of ["Pause", "Stop", "Steer"])
      expect(await tab.getByRole("button", { name, exact: true }).isDisabled()).toBe(true);
  });

  test("have no actions in a report, and say so", async () => {
    const { page: tab } = await openPage({ offline: true });
    await tab.goto(pathToFileURL(join(runs, "one.html")).href);
    await tab.getByText("This is a report").waitFor();
    expect(await tab.getByRole("button", { name: "Stop" }).count()).toBe(0);
  });

  test("compare runs in one plot, and keep the choice in the address", async () => {
    const { tab, complaints } = await openRuns();
    await tab.getByRole("checkbox", { name: "Compare one" }).check();
    await tab.getByRole("checkbox", { name: "Compare two" }).check();
    await tab.waitForURL(/compare=one%2Ctwo/);
    const comparison = tab.getByRole("region", { name: "Comparison" });
    await comparison.locator("canvas").waitFor();
    await comparison.getByRole("link", { name: "two" }).waitFor();
    // A page that is left ends its streams, which would be complained about.
    expect(complaints).toEqual([]);
    await tab.reload();
    await comparison.getByRole("link", { name: "two" }).waitFor();
  });

  test.each(["light", "dark"] as const)(
    "have no serious fault for people with disabilities, %s",
    async (scheme) => {
      const { tab } = await openRuns({ scheme });
      const look = async (): Promise<void> => {
        await tab.evaluate(axe);
        const faults: readonly {
          readonly id: string;
          readonly impact: string;
          readonly nodes: readonly unknown[];
        }[] = await tab.evaluate(
          "axe.run().then(({ violations }) => JSON.parse(JSON.stringify(violations)))",
        );
        const serious = faults.filter(({ impact }) => impact === "serious" || impact === "critical");
        expect(serious.map(({ id, nodes }) => [id, nodes[0]])).toEqual([]);
      };
      await look();
      await tab.getByRole("link", { name: "one" }).click();
      await tab.locator(".headline").waitFor();
      await look();
      await tab.keyboard.press("2");
      await tab.locator(".tree canvas").waitFor();
      await look();
      await tab.getByRole("link", { name: "Log", exact: true }).click();
      await tab.locator(".rows li .words").first().waitFor();
      await look();
    },
  );
});
