// A notebook that means harm, on the page: each thing is shown or withheld with a note, nothing of it runs or is loaded.
// Long: a real browser draws it.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { blobOf } from "../../src/loop/json-blob.ts";
import { serveRuns } from "../../src/server/serve-runs.ts";
import { openRunStore } from "../../src/store/index.ts";
import { noBrowser, openPage } from "../support/browser.ts";
import { tinyTask } from "../support/tiny-task.ts";

const page = resolve(process.env["NBEVOLVE_TEST_BUILD"] ?? "dist", "dashboard");
const PNG =
  "iVBORw0KGgoAAAANSUhEUgAAAAIAAAADCAYAAAC56t6BAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const HARM = "window.top.__pwned = window.__pwned = 1";
const AWAY = "http://127.0.0.1:9/away";

const shown = (data: object) => ({ output_type: "display_data", data, metadata: {} });
const code = (id: string, source: string, outputs: readonly object[] = []) => ({
  ...{ cell_type: "code", id, metadata: {}, execution_count: 1, outputs, source },
});
const text = (id: string, source: string, attachments = {}) => ({
  ...{ cell_type: "markdown", id, metadata: {}, source, attachments },
});

const HARMFUL = [
  code("html", "1", [
    shown({
      "text/html": `<p>from html</p><script>${HARM}</script><img src=x onerror="${HARM}"><img src="${AWAY}"><meta http-equiv="refresh" content="0;url=${AWAY}"><a href="javascript:${HARM}" target="_top">x</a><iframe srcdoc="<script>${HARM}</script>"></iframe>`,
    }),
  ]),
  code("svg", "2", [
    shown({
      "image/svg+xml": `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9" onload="${HARM}"><script>${HARM}</script><image href="${AWAY}"/></svg>`,
    }),
  ]),
  code("script", "3", [shown({ "application/javascript": HARM })]),
  code("widget", "4", [shown({ "application/vnd.jupyter.widget-view+json": { model_id: "x" } })]),
  text(
    "markdown",
    `# Said in markdown\n<script>${HARM}</script><img src=x onerror="${HARM}">\n\n[a link](javascript:${HARM}) [data](data:text/html,x)\n\n![away](${AWAY})\n\n<style>body{display:none}</style><form action="${AWAY}"><input name=a></form><div style="position:fixed;inset:0" onclick="${HARM}" id="page">still here</div>\n\n<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=${HARM}&gt;">`,
  ),
  text(
    "maths",
    `$\\href{javascript:${HARM}}{x} + \\htmlData{a=b}{y} + \\includegraphics{${AWAY}} + \\frac{1}{2}$`,
  ),
  text("attached", "![good](attachment:a.png) ![bad](attachment:b.svg) ![none](attachment:__proto__)", {
    "a.png": { "image/png": PNG },
    "b.svg": { "image/svg+xml": `" onerror="${HARM}` },
  }),
  code("lone", "lone \uD800 surrogate", [
    { output_type: "stream", name: "stdout", text: "\uDFFF\u001B[31mred" },
  ]),
  code("odd", "5", [{ output_type: "odd" }, shown({ "x/<img onerror=1>": 1 }), [7]]),
];

/** A run whose founder has this notebook, served, on the page of its branch. */
async function openNotebook(cells: readonly object[]) {
  const runs = await mkdtemp(join(tmpdir(), "nbevolve-hostile-"));
  onTestFinished(() => rm(runs, { recursive: true, force: true }));
  const blobs = [
    blobOf(JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells })),
    blobOf(JSON.stringify(tinyTask)),
    blobOf(JSON.stringify({ $float: "nan" })),
  ];
  const [notebook = "", task = "", submission = ""] = blobs.map(({ hash }) => hash);
  // A journal keeps no NaN and no Infinity: JSON says null, and a stranger's says anything.
  const metrics: Record<string, number> = JSON.parse(
    '{ "score": 1, "none": null, "odd": "NaN", "<img src=x onerror=1>": 2 }',
  );
  const founder = {
    ...{ id: "b0", number: 0, parents: [], generation: 0, descriptor: [] },
    score: { valid: true, fitness: 1, metrics, message: `<script>${HARM}</script>` } as const,
    ...{ notebook, kernel: submission, context: submission, submission },
  };
  await using store = await openRunStore(join(runs, "harm"), { mode: "write" });
  await store.append([{ type: "run-started", version: 2, seed: 1, task, settings: {}, founder }], blobs);
  const served = await serveRuns(runs, { page });
  onTestFinished(() => served[Symbol.asyncDispose]());
  const { page: tab, complaints } = await openPage();
  const asked: string[] = [];
  const { origin } = new URL(served.url);
  tab.on("request", (request) => {
    if (/^https?:/.test(request.url()) && !request.url().startsWith(origin)) asked.push(request.url());
  });
  await tab.goto(served.url);
  await tab.evaluate("location.hash = '#/harm/branch'");
  await tab.getByRole("heading", { name: "Branch b0" }).waitFor();
  return { tab, asked, complaints };
}

describe.skipIf(noBrowser !== null)("a hostile notebook", () => {
  test("is shown or withheld with a note, and nothing of it runs or is loaded", async () => {
    const { tab, asked, complaints } = await openNotebook(HARMFUL);
    for (const cell of HARMFUL) {
      const article = tab.getByRole("article", { name: `Cell ${cell.id}`, exact: true });
      await article.waitFor({ state: "attached" });
      await article.scrollIntoViewIfNeeded();
    }
    for (const note of [
      "Its scripts are not run here.",
      "JavaScript is not run here.",
      "A widget is not shown: it needs a live kernel.",
      'The picture "away" is not shown: it is not inside the notebook.',
      'The picture "bad" is not shown: it is not inside the notebook.',
      "still here",
    ])
      expect(await tab.getByText(note).count(), note).toBe(1);
    await tab.locator("x-maths math").first().waitFor({ state: "attached" });
    expect(await tab.locator('img[alt="good"]').count()).toBe(1);
    expect(
      await tab.evaluate(
        "document.querySelectorAll('main a[href^=javascript], main [onerror], main form, main [style*=fixed], main math [href]').length",
      ),
    ).toBe(0);
    expect(await tab.frameLocator("iframe.html-frame").getByText("from html").count()).toBe(1);
    expect(await tab.evaluate("window.__pwned")).toBeUndefined();
    expect(asked).toEqual([]);
    // The browser itself says what the page's policy held back, and nothing else goes wrong.
    expect(complaints.filter((one) => !/Content Security Policy|sandboxed|Blocked script/.test(one))).toEqual(
      [],
    );
  });

  test("of fifty megabytes of text and ten thousand pictures is drawn in part, and the page answers", async () => {
    const stream = {
      output_type: "stream",
      name: "stdout",
      text: "all work and no play\n".repeat(2_500_000),
    };
    const pictures = Array.from({ length: 10_000 }, () => shown({ "image/png": PNG }));
    const { tab, complaints } = await openNotebook([
      code("long", "print", [stream]),
      code("many", "show", pictures),
      code("wide", "x = 1\n".repeat(100_000)),
    ]);
    await tab.getByText("Show 40 more of 10000 outputs").waitFor();
    expect(await tab.locator("main img").count()).toBe(40);
    await tab
      .getByRole("button", { name: /^Show all/ })
      .first()
      .click();
    const startedMs = performance.now();
    await tab.getByRole("link", { name: "Difference" }).click();
    await tab.getByText("is the same on both sides").waitFor();
    expect(performance.now() - startedMs).toBeLessThan(10_000);
    expect(complaints).toEqual([]);
  });
});
