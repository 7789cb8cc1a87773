// Owns: bringing a checkout to where it can run: dependencies installed, `dist` built. Does nothing, in
// milliseconds, when both are up to date. Needs Node alone. By itself: `npm run build`.
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Interrupted, runChild, secondsSince } from "./child.mjs";

/** The checkout that this file is part of. */
export const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** A step that failed; its output has been shown. */
export class StepFailed extends Error {}

const say = (text) => process.stderr.write(text);

/** Installs and builds what is not up to date. @throws StepFailed | Interrupted. */
export async function ensure(root = ROOT) {
  refuseOldNode();
  await ensureDependencies(root);
  await ensureBuilt(root);
}

function refuseOldNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  say(`Node 20.19 or newer is needed; this is ${process.versions.node}.\n`);
  throw new StepFailed("node");
}

/** Runs `npm ci` unless what package-lock.json wants is there. */
export async function ensureDependencies(root = ROOT) {
  if (isInstalled(root)) return;
  const npm = process.env.npm_execpath; // npm tells the scripts that it runs where it lies
  const [command, ...args] = npm?.endsWith(".js") ? [process.execPath, npm] : ["npm"];
  await step("Installing the dependencies (npm ci)", () =>
    runChild(command, [...args, "ci", "--no-audit", "--no-fund"], { cwd: root, quiet: true }),
  );
}

/**
 * npm writes node_modules/.package-lock.json last, so an interrupted installation has none. What it says is not
 * enough, for npm writes it for `--package-lock-only` too: the packages themselves are asked for their versions.
 */
function isInstalled(root) {
  if (!existsSync(join(root, "node_modules/.package-lock.json"))) return false;
  const { packages } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
  return Object.entries(packages).every(([path, { version, optional, link }]) => {
    const manifest = join(root, path, "package.json");
    // An optional package may be for another system, and then it is not there.
    if (!existsSync(manifest)) return optional === true;
    return path === "" || link === true || JSON.parse(readFileSync(manifest, "utf8")).version === version;
  });
}

/** Compiles into `dist` unless it was made from exactly these sources. */
export async function ensureBuilt(root = ROOT) {
  const hash = sourcesHash(root);
  const dist = join(root, "dist");
  const mark = join(dist, ".made-from");
  if (existsSync(mark) && readFileSync(mark, "utf8") === hash) return;
  removeLeftovers(root);
  // Beside `dist`, and put in its place when it is whole: whoever runs from `dist` never sees half of it.
  const draft = `${dist}.new-${process.pid}`;
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  try {
    await step("Building dist (tsc)", () =>
      runChild(process.execPath, [tsc, "-p", "tsconfig.build.json", "--outDir", draft], {
        cwd: root,
        quiet: true,
      }),
    );
    if (existsSync(join(root, "src/dashboard")))
      await step("Building the page (esbuild)", () =>
        runChild(process.execPath, [join(root, "src/dev/build-page.mjs"), join(draft, "dashboard")], {
          cwd: root,
          quiet: true,
        }),
      );
    writeFileSync(join(draft, ".made-from"), hash);
    replace(dist, draft);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

/** Another build may do the same at this moment: then its `dist` stays, and the next call sees whether it is right. */
function replace(dist, draft) {
  const old = `${dist}.old-${process.pid}`;
  unless(["ENOENT"], () => renameSync(dist, old));
  unless(["ENOTEMPTY", "EEXIST"], () => renameSync(draft, dist));
  rmSync(old, { recursive: true, force: true });
}

/** Does it, and lets it fail for the given reasons alone. */
function unless(codes, act) {
  try {
    act();
  } catch (problem) {
    if (!codes.includes(problem.code)) throw problem;
  }
}

/** What builds that were killed have left. */
function removeLeftovers(root) {
  for (const name of readdirSync(root)) {
    const pid = /^dist\.(?:new|old)-(\d+)$/.exec(name)?.[1];
    if (pid && !lives(Number(pid))) rmSync(join(root, name), { recursive: true, force: true });
  }
}

function lives(pid) {
  try {
    return process.kill(pid, 0);
  } catch (problem) {
    return problem.code === "EPERM";
  }
}

const byName = (one, other) => (one < other ? -1 : 1);

/** A hash of all that the build reads: names, contents, settings and the compiler's version. */
function sourcesHash(root) {
  const settings = [
    ...["tsconfig.json", "tsconfig.build.json", "src/dashboard/tsconfig.json", "src/dev/build-page.mjs"],
    ...["typescript", "esbuild"].map((name) => `node_modules/${name}/package.json`),
  ].filter((name) => existsSync(join(root, name)));
  const folders = ["src", "strategies", "renderers", "benchmarks"].filter((name) =>
    existsSync(join(root, name)),
  );
  const sources = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true })
      .filter((name) => /\.(?:tsx?|css|html)$/.test(name))
      .map((name) => `${folder}/${name}`),
  );
  const hash = createHash("sha256");
  for (const file of [...settings, ...sources.sort(byName)])
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(root, file)))
      .update("\0");
  return hash.digest("hex");
}

const SHOWN_LINES = 30;

/** One line with the time it took; on failure the output besides. */
async function step(title, run) {
  const startedMs = performance.now();
  say(`${title} ... `);
  let ended;
  try {
    ended = await run();
  } catch (problem) {
    say("interrupted\n");
    throw problem;
  }
  say(`${ended.code === 0 ? "" : "failed, "}${secondsSince(startedMs)}\n`);
  if (ended.code === 0) return;
  const lines = ended.output.trimEnd().split("\n");
  say(`${lines.slice(0, SHOWN_LINES).join("\n")}\n`);
  if (lines.length > SHOWN_LINES) say(`... and ${lines.length - SHOWN_LINES} more lines\n`);
  throw new StepFailed(title);
}

/** Runs a script's main function; a failure that has been shown, or an interruption, becomes the exit code. */
export async function runScript(main) {
  try {
    await main();
  } catch (problem) {
    if (problem instanceof Interrupted) process.exitCode = problem.exitCode;
    else if (problem instanceof StepFailed) process.exitCode = 1;
    else throw problem;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await runScript(() => ensure());
