// Owns: what a Python environment is to the rest of nbevolve, and what one of our own is made of. Types only.

export interface PythonEnvironment {
  /** Absolute path of the interpreter. */
  readonly python: string;
  readonly origin: "NBEVOLVE_PYTHON" | "cache";
  readonly version: string;
  /** Installed distributions: normalised name -> version. */
  readonly packages: Readonly<Record<string, string>>;
  /** `sys.prefix`: what a sandbox must show so that the packages are there. */
  readonly root: string;
  /** `sys.base_prefix`: what a sandbox must show besides, the standard library; equals `root` without a venv. */
  readonly base: string;
}

/** What an environment of our own is made of. */
export interface Requirements {
  /** Path of the requirements file. */
  readonly requirements: string;
  /** Modules that must be importable. */
  readonly modules: readonly string[];
}
