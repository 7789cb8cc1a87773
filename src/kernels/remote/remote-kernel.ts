// Owns: preparing a kernel on a server that is not ours: our modules are sent to it as text before any cell runs.
// Leaves the user's names alone, and writes no file there.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { KernelLost } from "../../core/errors.ts";
import { kernelPackages } from "../jupyter/kernel-environment.ts";
import { waitFor } from "../../machine/deadline.ts";
import type { LiveKernel } from "../jupyter/contracts.ts";
import { recordOf, mimeText } from "../../core/untrusted.ts";

const PREPARE_MS = 60_000;
const PACKAGES = ["nbevolve_guard", "nbevolve_kernel", "nbevolve_fork", "nbevolve_thaw"];
/** Each after the ones that it imports. */
const MODULES = [
  ...["nbevolve_guard.submission", "nbevolve_fork.preload", "nbevolve_fork.description"],
  ...["nbevolve_kernel.generators", "nbevolve_kernel.place"],
  ...["nbevolve_kernel.settings", "nbevolve_kernel.sketch"],
  ...["nbevolve_kernel.kernel_side", "nbevolve_kernel.remote_workspace"],
];

/** Runs in a namespace of its own; `packages`, `modules` and `run` are given. */
const INSTALL = `
import sys, types
for name in [*packages, *modules]:
    module = types.ModuleType(name)
    module.__path__ = []
    sys.modules[name] = module
    parent, _, child = name.rpartition(".")
    if parent:
        setattr(sys.modules[parent], child, module)
    exec(compile(modules.get(name, ""), f"<{name}>", "exec"), module.__dict__)
from IPython.core.getipython import get_ipython
from nbevolve_kernel import kernel_side, remote_workspace
open_workspace, enter = remote_workspace.make_opener(run), kernel_side.enter
kernel_side.enter = lambda directory: enter(open_workspace(directory))
shell = get_ipython()
shell.history_manager.enabled = False
if hasattr(shell, "enable_tip"):
    shell.enable_tip = False
`;

/** `run`: a plain name, under which its workspaces are kept there. @throws KernelLost when the kernel cannot be used. */
export async function prepareRemoteKernel(
  kernel: LiveKernel,
  run: string,
  signal: AbortSignal,
): Promise<void> {
  const modules = Object.fromEntries(MODULES.map((name) => [name, sourceOf(name)]));
  // JSON of strings, lists and objects is valid Python.
  const given = JSON.stringify({ packages: PACKAGES, modules, run });
  const code = `exec(${JSON.stringify(INSTALL)}, {"__name__": "nbevolve_start", **${given}})`;
  const request = kernel.request(
    { code: "", silent: true, store_history: false, user_expressions: { answer: code } },
    () => undefined,
  );
  const said = await waitFor(request, PREPARE_MS, signal);
  if (said.how === "aborted") throw new KernelLost("the connection to its server was given up");
  if (said.how !== "settled") throw new KernelLost(`it did not answer within ${PREPARE_MS / 1000} s`);
  const reply = said.value;
  const answer = recordOf(reply.status === "ok" ? recordOf(reply.user_expressions)["answer"] : {});
  if (answer["status"] === "ok") return;
  const { ename = "it is no IPython kernel", evalue = "" } = answer;
  throw new KernelLost(`it cannot be used: ${mimeText(ename)} ${mimeText(evalue)}`.trim());
}

/** @throws Error when a file of the package is missing. */
function sourceOf(module: string): string {
  const name = `${module.replaceAll(".", "/")}.py`;
  const file = kernelPackages()
    .map((folder) => join(folder, name))
    .find(existsSync);
  if (file === undefined) throw new Error(`nbevolve lacks its file ${name}; install the package whole`);
  return readFileSync(file, "utf8");
}
