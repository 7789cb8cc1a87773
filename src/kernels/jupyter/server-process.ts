// Owns: how our server is started: on Linux by the keeper, who starts each kernel's box too; elsewhere by itself. What each of
// them sees and is told. Never starts anything.
import { dirname, join } from "node:path";
import { platform } from "node:process";
import { type BoxFolders, makeArguments, searchPath } from "../../machine/sandbox/boxed-process.ts";
import { proxyEnvironment, PROXY_PORT } from "../../machine/sandbox/egress-proxy.ts";
import { type KernelLimits, resourceLimits } from "../../machine/sandbox/limits.ts";
import type { Sandbox } from "../../machine/sandbox/sandbox.ts";
import { seccompFilter } from "../../machine/sandbox/seccomp.ts";
import { shippedPath } from "../../shipped.ts";
import { kernelEnvironment, kernelPackages } from "./kernel-environment.ts";

/** Whether kernels have boxes, or at least a keeper that ends all that comes of them. */
export const HAS_KEEPER = platform === "linux";
/**
 * A kernel's own folder in its box, whatever that is called outside. A name that no machine has: what lies below a folder of
 * this name outside, such as Python or this package, could not be seen in the box.
 */
export const WORK = "/nbevolve-work";

export interface ServerSettings {
  readonly token: string;
  readonly root_dir: string;
  readonly private_dir: string;
  /** Absent where the server listens on a port. */
  readonly socket?: string;
}

export interface ServerPlan {
  readonly command: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string>>;
  /** A line of JSON for its standard input. */
  readonly settings: object;
}

export interface PlanOptions {
  readonly python: string;
  readonly rootDir: string;
  readonly privateDir: string;
  readonly sandbox: Sandbox | null;
  readonly boxes: string | null;
  readonly limits: KernelLimits;
  readonly readOnly: readonly string[];
  /** That the user hands in. */
  readonly variables: Readonly<Record<string, string>>;
  /** Where the proxy listens; null where kernels need none. */
  readonly proxySocket: string | null;
}

/** See nbevolve_boxes/box.py. */
interface Shape {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly box?: { readonly program: string; readonly arguments: readonly string[]; readonly filter: string };
}

const SERVER = ["-m", "nbevolve_kernel.server"] as const;
const KEEPER = "import sys; sys.path[:0] = sys.argv[1:]; from nbevolve_boxes.keeper import main; main()";
const BOX = "{box}";
const PROXY_IN_BOX = "/run/nbevolve-proxy";
const HOME = join(WORK, "~home");

export async function planServer(options: PlanOptions, told: ServerSettings): Promise<ServerPlan> {
  const { python, privateDir } = options;
  if (!HAS_KEEPER)
    return {
      command: [python, ...SERVER],
      env: { ...kernelEnvironment(privateDir), ...options.variables },
      settings: told,
    };
  const packages = kernelPackages();
  const forward = options.proxySocket === null ? {} : { forward: [PROXY_IN_BOX, PROXY_PORT] };
  const limits = options.sandbox === null ? {} : { limits: resourceLimits(options.limits) };
  return {
    command: [python, "-I", "-S", "-c", KEEPER, ...packages],
    env: { LANG: "C.UTF-8", JUPYTER_RUNTIME_DIR: privateDir },
    settings: {
      server: await serverShape(options),
      kernel: await kernelShape(options),
      launcher: [python, "-m", "nbevolve_fork.launcher"],
      options: { packages, ...limits, ...forward },
      boxes_dir: join(options.rootDir, options.boxes ?? ""),
      to_server: told,
    },
  };
}

function serverShape(options: PlanOptions): Promise<Shape> {
  const { python, privateDir, rootDir } = options;
  const folders = {
    readOnly: kernelPackages(),
    writable: [privateDir],
    hidden: [dirname(rootDir)],
    network: false,
  };
  const env = { ...kernelEnvironment(privateDir), ...(options.sandbox && boxUser(join(privateDir, "home"))) };
  return shapeOf(options, { command: [python, ...SERVER], env, cwd: privateDir }, folders);
}

function kernelShape(options: PlanOptions): Promise<Shape> {
  const { python, privateDir, rootDir, sandbox, proxySocket } = options;
  const readOnly = [...kernelPackages(), ...options.readOnly];
  const proxy = proxySocket === null ? [] : [{ from: proxySocket, to: PROXY_IN_BOX, writable: false }];
  const folders = {
    readOnly,
    writable: [],
    moved: [{ from: BOX, to: WORK, writable: true }, ...proxy],
    hidden: [dirname(rootDir)],
  };
  const env =
    sandbox === null
      ? { ...kernelEnvironment(privateDir), ...options.variables }
      : {
          ...kernelEnvironment(HOME),
          ...options.variables,
          ...boxUser(HOME),
          NBEVOLVE_SEES: readOnly.join(":"),
          ...cpuLimit(options.limits),
          ...proxyEnvironment(sandbox.network),
        };
  const stem = shippedPath("src/kernels/python/nbevolve_boxes/stem.py");
  return shapeOf(options, { command: [python, "-I", "-S", stem], env, cwd: "/" }, folders);
}

async function shapeOf(
  { sandbox, python }: PlanOptions,
  shape: Shape,
  folders: Omit<BoxFolders, "sandbox">,
): Promise<Shape> {
  if (sandbox === null) return shape;
  const made = await makeArguments({ sandbox, ...folders }, { python, cwd: shape.cwd });
  const filter = seccompFilter().toString("hex");
  return {
    ...shape,
    env: { ...shape.env, PATH: searchPath(python) },
    box: { program: sandbox.program, arguments: [...made, "--as-pid-1"], filter },
  };
}

const boxUser = (home: string): Readonly<Record<string, string>> => ({
  USER: "nbevolve",
  LOGNAME: "nbevolve",
  HOME: home,
  TMPDIR: "/tmp",
  NBEVOLVE_BOX: "1",
});

/** Read by the kernels themselves: see cell_time.py. */
function cpuLimit({ cellCpuSeconds }: KernelLimits): Readonly<Record<string, string>> {
  return cellCpuSeconds === null ? {} : { NBEVOLVE_CELL_CPU_S: `${cellCpuSeconds}` };
}
