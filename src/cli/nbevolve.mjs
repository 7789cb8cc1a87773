#!/usr/bin/env node
// Owns: `nbevolve` as npm links it. It is there before anything is built: npm links what exists, and remembers what did not.
import { existsSync } from "node:fs";

const main = new URL("../../dist/src/cli/main.js", import.meta.url);
if (existsSync(main)) await import(main.href);
else {
  process.stderr.write(
    "nbevolve is not built in this clone yet. Build it once: npm run build (npm run demo and npm test do so, too)\n",
  );
  process.exitCode = 3;
}
