// Owns: a plain Jupyter Server as a stranger would run it: no configuration of ours, a base path, a token.
import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { spawnGuarded } from "../../src/machine/guarded-process.ts";
import { testPython } from "./python.ts";

export interface PlainJupyter extends AsyncDisposable {
  readonly url: string;
  readonly token: string;
  /** Where its kernels start. */
  readonly root: string;
  /** Ids of the kernels that it has. */
  kernels(): Promise<readonly string[]>;
  /** Ends it as a crash does. */
  kill(): Promise<void>;
}

const BASE = "/user/alice/";
const TOKEN = "a-token-of-the-test";
const START_MS = 60_000;

/** `token` empty: it lets everybody in. */
export async function plainJupyter(token = TOKEN): Promise<PlainJupyter> {
  const folder = await mkdtemp(join(tmpdir(), "nbe-jupyter-"));
  const [root, runtime] = [join(folder, "root"), join(folder, "runtime")];
  await mkdir(root);
  const options = { base_url: BASE, root_dir: root, port: "0", open_browser: "False", allow_root: "True" };
  const server = spawnGuarded({
    python: testPython,
    command: [
      ...([testPython, "-m", "jupyter_server", `--IdentityProvider.token=${token}`] as const),
      ...Object.entries(options).map(([name, value]) => `--ServerApp.${name}=${value}`),
    ],
    cwd: root,
    env: {
      PATH: process.env["PATH"] ?? "",
      HOME: folder,
      JUPYTER_CONFIG_DIR: join(folder, "config"),
      JUPYTER_DATA_DIR: join(folder, "data"),
      JUPYTER_RUNTIME_DIR: runtime,
      IPYTHONDIR: join(folder, "ipython"),
    },
    stdio: ["ignore", "ignore", "ignore"],
  });
  let over = false;
  void server.ended.then(() => (over = true));
  const url = await urlIn(runtime, () => over);
  const ask = (path: string): Promise<Response> =>
    fetch(`${url}${path}`, { headers: { Authorization: `token ${token}` } });
  const until = Date.now() + START_MS;
  while (
    !(await ask("api/status").then(
      ({ ok }) => ok,
      () => false,
    ))
  ) {
    if (over || Date.now() > until) throw new Error("the plain Jupyter server does not answer");
    await delay(50);
  }
  return {
    url,
    token,
    root,
    async kernels() {
      const found: unknown = await (await ask("api/kernels")).json();
      return Array.isArray(found) ? found.map(({ id }) => String(id)) : [];
    },
    kill: async () => void (await server.kill()),
    async [Symbol.asyncDispose]() {
      await server.kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The address, from the file that the server leaves for others to find it. */
async function urlIn(runtime: string, over: () => boolean): Promise<string> {
  const until = Date.now() + START_MS;
  while (!over() && Date.now() < until) {
    const names = await readdir(runtime).catch(() => []);
    const name = names.find((one) => /^jpserver-\d+\.json$/.test(one));
    const text = name === undefined ? "" : await readFile(join(runtime, name), "utf8");
    if (text.trimEnd().endsWith("}")) {
      const { port, base_url }: { port: number; base_url: string } = JSON.parse(text);
      return `http://127.0.0.1:${port}${base_url}`;
    }
    await delay(50);
  }
  throw new Error("the plain Jupyter server did not start");
}
