// Owns: the environment variables that kernels see. An allow-list: no secret of the controller's environment gets in.
import { join } from "node:path";
import { guardPath } from "../../machine/guarded-process.ts";
import { shippedPath } from "../../shipped.ts";

const PASSED_ON = ["PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR"] as const;

/** Makes the same cells give the same values again, and keeps one kernel from taking every core. */
export const REPEATABLE = {
  PYTHONHASHSEED: "0",
  OPENBLAS_NUM_THREADS: "1",
  OMP_NUM_THREADS: "1",
  MKL_NUM_THREADS: "1",
  NUMEXPR_NUM_THREADS: "1",
} as const;

const FIXED = {
  ...REPEATABLE,
  PYTHONDONTWRITEBYTECODE: "1",
  PYTHONUNBUFFERED: "1",
  PYTHONUTF8: "1",
  // Packages in a user's home must not reach into a run.
  PYTHONNOUSERSITE: "1",
  JUPYTER_PLATFORM_DIRS: "0",
  PYDEVD_DISABLE_FILE_VALIDATION: "1",
} as const;

/** The whole environment of a server and its kernels; Jupyter's and IPython's own files go to `privateDir`. */
export function kernelEnvironment(privateDir: string): Record<string, string> {
  const passed = PASSED_ON.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    ...Object.fromEntries(passed),
    ...FIXED,
    PYTHONPATH: kernelPackages().join(":"),
    JUPYTER_CONFIG_DIR: join(privateDir, "config"),
    JUPYTER_DATA_DIR: join(privateDir, "data"),
    JUPYTER_RUNTIME_DIR: join(privateDir, "r"),
    IPYTHONDIR: join(privateDir, "ipython"),
    MPLCONFIGDIR: join(privateDir, "matplotlib"),
  };
}

/** Absolute folders, for PYTHONPATH: our modules in a kernel, and the search tools that cells may import. */
export const kernelPackages = (): readonly string[] => [
  guardPath(),
  shippedPath("src/kernels/python"),
  shippedPath("src/models/offline/python"),
];
