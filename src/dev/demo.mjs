// Owns: `npm run demo`: everything set up, then the main job, as anyone would type it. Further arguments are passed on.
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ensure, ROOT, runScript } from "./ensure.mjs";

// ---- What the demo runs: `nbevolve` with these arguments. ------------------------------------------------------
const stamp = new Date().toISOString().slice(0, 19).replace(/[:T]/g, "-");
const DEMO = `run circles-square-26 --model offline --strategy tournament --proposals 24 --target best-known --parallel 2 --seed 1 --order as-proposed --dir runs/demo-${stamp} --report`;
// ----------------------------------------------------------------------------------------------------------------

await runScript(async () => {
  await ensure();
  const main = join(ROOT, "dist/src/cli/main.js");
  const given = process.argv.slice(2);
  const typed = [...defaults(given), ...(await sandbox()), ...given];
  process.stderr.write(`nbevolve ${typed.join(" ")}\n`);
  // In this process, so that Ctrl-C and the exit code are the command's own.
  process.argv = [process.execPath, main, ...typed];
  await import(pathToFileURL(main).href);
});

/** Without the flags that are given: what is printed is what somebody would type. */
function defaults(given) {
  return DEMO.replace(/ (--[\w-]+) \S+/g, (whole, flag) =>
    given.some((one) => one.split("=")[0] === flag) ? "" : whole,
  ).split(" ");
}

/** The demo's cells are written by the offline model, not by a stranger: it may go on where there is no sandbox. */
async function sandbox() {
  const module = pathToFileURL(join(ROOT, "dist/src/machine/sandbox/probe.js")).href;
  const probe = await (await import(module)).probeSandbox();
  if (probe.ok) return [];
  process.stderr.write(`NO SANDBOX for this demo: ${probe.reason}. ${probe.remedy}\n`);
  return ["--sandbox", "off"];
}
