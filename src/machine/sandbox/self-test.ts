// Owns: finding out, from inside a box, what holds on this machine: nothing is believed because it was asked for.
// Leaves nothing behind.
import { readdir, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { homedir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { guardPath } from "../guarded-process.ts";
import { makeTemporaryFolder } from "../temporary-folder.ts";
import { spawnBoxed } from "./boxed-process.ts";
import type { Sandbox } from "./sandbox.ts";

const LIMIT_MS = 20_000;

/** What was tried in a box, in words, and whether it was refused. Empty when the box could not be asked. */
export async function testSandboxHolds(
  sandbox: Sandbox,
  python: string,
): Promise<Readonly<Record<string, boolean>>> {
  const folder = await makeTemporaryFolder("nbevolve-box-");
  const socket = join(folder, "s");
  const servers = [createServer(), createServer()] as const;
  try {
    const secret = await findSecretFile(folder);
    await listenOn(servers[0], socket);
    await listenOn(servers[1], 0);
    const address = servers[1].address();
    const port = typeof address === "object" ? (address?.port ?? 0) : 0;
    const run = await spawnBoxed(
      { sandbox, readOnly: [guardPath()], writable: [] },
      {
        python,
        command: [python, "-m", "nbevolve_guard.box_check", secret, socket, `${port}`],
        cwd: "/tmp",
        env: { LANG: "C.UTF-8", PYTHONPATH: guardPath(), PYTHONDONTWRITEBYTECODE: "1" },
        wallMs: LIMIT_MS,
      },
    );
    const [said, { ended, status }] = await Promise.all([
      run.stdout === null ? "" : text(run.stdout),
      run.ended,
    ]);
    return ended === "exit" && status === 0 ? JSON.parse(said) : {};
  } finally {
    for (const server of servers) server.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** A file of the user's home; where there is none, one beside the box's own folders. */
async function findSecretFile(folder: string): Promise<string> {
  const entries = await readdir(homedir(), { withFileTypes: true }).catch(() => []);
  const file = entries.find((entry) => entry.isFile());
  if (file !== undefined) return join(homedir(), file.name);
  await writeFile(join(folder, "secret"), "secret");
  return join(folder, "secret");
}

function listenOn(server: Server, where: string | number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    if (typeof where === "string") server.listen(where, resolve);
    else server.listen(where, "127.0.0.1", resolve);
  });
}
