// Owns: the README's picture of the page: `node src/dev/page-picture.mjs <run directory> <file.png>` writes a report of the run and
// takes a picture of it with the system's Chromium. `--view lineage --dark` are the ways to look.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { chromium } from "playwright-core";
import { ensure, ROOT, runScript } from "./ensure.mjs";

await runScript(async () => {
  await ensure();
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { view: { type: "string", default: "run" }, dark: { type: "boolean", default: false } },
  });
  const [dir, file] = positionals;
  if (dir === undefined || file === undefined)
    throw new Error("say which run and which file: node src/dev/page-picture.mjs <run directory> <file.png>");
  const { writeReport } = await import(pathToFileURL(join(ROOT, "dist/src/index.js")).href);
  const folder = mkdtempSync(join(tmpdir(), "nbevolve-picture-"));
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox"],
  });
  try {
    const report = await writeReport(dir, { file: join(folder, "report.html") });
    const context = await browser.newContext({
      viewport: { width: 1280, height: 760 },
      colorScheme: values.dark ? "dark" : "light",
    });
    const page = await context.newPage();
    const name = encodeURIComponent(dir.replace(/\/+$/, "").split("/").at(-1));
    await page.goto(`${pathToFileURL(report.file).href}#/${name}/${values.view}`);
    await page.locator("main").waitFor();
    // Its curves are drawn in the frames after their data are there.
    await page.evaluate(
      "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))",
    );
    await page.screenshot({ path: file });
  } finally {
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
