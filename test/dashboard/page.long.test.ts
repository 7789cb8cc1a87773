// The page in a browser: a run that grows before its eyes, a server that goes and comes back, and a report from a disk.
// Long: a real browser looks at a real run.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setImmediate } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { writeReport } from "../../src/exports/report/report.ts";
import { readHistory } from "../../src/history/index.ts";
import { serveRuns } from "../../src/server/serve-runs.ts";
import { openRunStore } from "../../src/store/index.ts";
import { noBrowser, openPage } from "../support/browser.ts";
import { CLI_ENV, MAIN } from "../support/cli.ts";
import { tinyRun } from "../support/tiny-run.ts";

const page = resolve(process.env["NBEVOLVE_TEST_BUILD"] ?? "dist", "dashboard");

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "nbevolve-page-"));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

/** A finished run on fakes. */
async function tinyRunIn(dir: string, proposals: number): Promise<void> {
  await using store = await openRunStore(dir, { mode: "write" });
  await tinyRun(store, { proposals, rounds: 2 });
}

describe.skipIf(noBrowser !== null)("the page", () => {
  test("shows a run of the command line from its beginning to its end", async () => {
    const dir = join(await folder(), "grows");
    const served = ["run", "circles-square-26", "--param", "n=4", "--proposals", "4", "--seed", "1"];
    const child = spawn(process.execPath, [MAIN, ...served, "--ui", "--dir", dir], {
      env: { ...CLI_ENV, BROWSER: "none" },
      stdio: ["ignore", "ignore", "pipe"],
    });
    const ended = once(child, "exit");
    onTestFinished(() => void child.kill("SIGKILL"));
    let said = "";
    const link = await new Promise<string>((found, lost) => {
      child.stderr.setEncoding("utf8").on("data", (text: string) => {
        said += text;
        const url = /the run's page: (\S+)/.exec(said)?.[1];
        if (url !== undefined) found(url);
      });
      child.once("exit", () => lost(new Error(`it ended without a link: ${said}`)));
    });
    const { page: tab, complaints } = await openPage();
    await tab.goto(link);
    // The token is in no address that is kept or shown.
    expect(tab.url()).not.toContain("token");
    await tab.getByRole("heading", { level: 1, name: "grows" }).waitFor();
    await tab.getByText("under way").first().waitFor();
    const slider = tab.getByRole("slider");
    await slider.waitFor();
    const before = Number(await slider.getAttribute("max"));
    await tab.locator(`input[type=range]:not([max="${before}"])`).waitFor();
    expect(await ended).toEqual([0, null]);
    expect(complaints.filter((text) => !/ERR_|stream/.test(text))).toEqual([]);
    expect((await readHistory(dir)).told).toBe(4);
  });

  test("steers, pauses and stops a run that another process plays", async () => {
    const dir = join(await folder(), "steered");
    const words = ["run", "circles-square-26", "--param", "n=4", "--proposals", "5000", "--seed", "1"];
    const child = spawn(process.execPath, [MAIN, ...words, "--dir", dir], { env: CLI_ENV, stdio: "ignore" });
    const ended = once(child, "exit");
    onTestFinished(() => void child.kill("SIGKILL"));
    // There is something to serve once the folder is there.
    while (!existsSync(join(dir, "run.db"))) await setImmediate();
    const served = await serveRuns(dir, { page });
    onTestFinished(() => served[Symbol.asyncDispose]());
    const { page: tab, complaints } = await openPage();
    await tab.goto(served.url);
    await tab.getByText("under way").first().waitFor();

    await tab.getByPlaceholder("A note for the model").fill("try hexagons");
    await tab.getByRole("button", { name: "Steer", exact: true }).click();
    await tab.getByText("The note is on its way").waitFor();
    await tab.getByText("try hexagons").first().waitFor();
    await tab.getByRole("button", { name: "Pause", exact: true }).click();
    await tab.getByRole("button", { name: "Go on", exact: true }).click();
    await tab.getByRole("button", { name: "Pause", exact: true }).waitFor();
    await tab.getByRole("button", { name: "Stop", exact: true }).click();
    await tab.getByRole("button", { name: /^Really stop/ }).click();
    expect(await ended).toEqual([0, null]);
    await tab.getByText("finished: a person stopped it").first().waitFor();
    const history = await readHistory(dir);
    expect([history.stopped, history.givenNotes.map(({ note }) => note)]).toEqual([
      "asked",
      ["try hexagons"],
    ]);
    expect(complaints).toEqual([]);
  });

  test("goes on where it was when its server comes back, and each event is there once", async () => {
    const dir = join(await folder(), "back");
    await tinyRunIn(dir, 3);
    const first = await serveRuns(dir, { page });
    const { port } = new URL(first.url);
    const token = new URL(first.url).searchParams.get("token") ?? "";
    const { page: tab } = await openPage();
    await tab.goto(first.url);
    const events = (await readHistory(dir)).events;
    await tab.locator(`input[type=range][max="${events}"]`).waitFor();
    await first[Symbol.asyncDispose]();
    await tab.getByRole("alert").getByText("The server does not answer").waitFor();
    {
      await using store = await openRunStore(dir, { mode: "write" });
      await tinyRun(store, { proposals: 6, rounds: 2 });
    }
    const again = await serveRuns(dir, { page, token, port: Number(port) });
    onTestFinished(() => again[Symbol.asyncDispose]());
    const more = (await readHistory(dir)).events;
    expect(more).toBeGreaterThan(events);
    await tab.locator(`input[type=range][max="${more}"]`).waitFor();
    expect(await tab.getByRole("alert").count()).toBe(0);
  });

  test("is the same in a report from a disk, with the network cut, in every view", async () => {
    const dir = join(await folder(), "report");
    await tinyRunIn(dir, 6);
    const file = join(dir, "report.html");
    await writeReport(dir, { file, page });
    const { page: tab, complaints } = await openPage({ offline: true });
    await tab.goto(pathToFileURL(file).href);
    await tab.getByRole("heading", { level: 1, name: "report" }).waitFor();
    const names = await tab.getByRole("navigation", { name: "Views" }).getByRole("link").allInnerTexts();
    expect(names.length).toBeGreaterThan(1);
    for (const name of names) {
      await tab.getByRole("navigation", { name: "Views" }).getByRole("link", { name, exact: true }).click();
      await tab.locator("main").getByText(/\S/).first().waitFor();
    }
    const address = tab.url();
    await tab.reload();
    await tab.locator("main").getByText(/\S/).first().waitFor();
    expect(tab.url()).toBe(address);
    // The slider goes back, and the address names the moment.
    await tab.getByRole("slider").first().fill("5");
    await tab.waitForURL(/[?&]at=5\b/);
    expect(complaints).toEqual([]);
  });
});
