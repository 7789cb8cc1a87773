// Owns: building the page: one script, one style sheet and its document, and a second script that draws maths, without anything that is loaded from elsewhere.
// The script is no module, since a report's file may hold none that the browser would load.
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const source = fileURLToPath(new URL("../dashboard", import.meta.url));

/** Builds the page into `folder`. @throws Error with the bundler's words. */
async function buildPage(folder) {
  await build({
    entryPoints: [
      { in: join(source, "main.tsx"), out: "page" },
      { in: join(source, "style", "page.css"), out: "page" },
      { in: join(source, "notebook", "maths-script.ts"), out: "maths" },
    ],
    outdir: folder,
    bundle: true,
    minify: true,
    charset: "utf8",
    format: "iife",
    platform: "browser",
    target: ["chrome123", "firefox121", "safari17.5"],
    tsconfig: join(source, "tsconfig.json"),
    legalComments: "linked",
    logLevel: "warning",
  });
  copyFileSync(join(source, "index.html"), join(folder, "index.html"));
}

await buildPage(process.argv[2]);
