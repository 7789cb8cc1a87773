// Owns: choosing the Python that an environment is made from, and whether uv or pip makes it. Installs nothing,
// except that uv may fetch a Python of its own where the machine has none.
import { RunError } from "../../core/errors.ts";
import { type BasePython, ask, inspectBase, lastLine, OLDEST_MINOR } from "./inspect.ts";

/** Tried in this order; the first that runs, is recent enough and has venv (or uv) is taken. */
const PYTHON_COMMANDS = [
  "python3.13",
  "python3.12",
  "python3.11",
  "python3.10",
  "python3",
  "python",
] as const;

/** What uv fetches where there is no Python at all. */
const FETCHED_VERSION = "3.12";

export interface Maker {
  readonly base: BasePython;
  readonly uv: boolean;
}

interface Options {
  readonly env: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal | undefined;
  readonly say: (line: string) => void;
}

/** @throws RunError `python-unavailable` with the remedy; the signal's reason when aborted. */
export async function chooseMaker(options: Options): Promise<Maker> {
  const maker = await lookForMaker(options);
  return maker === "uv alone" ? { base: await fetchWithUv(options), uv: true } : maker;
}

/**
 * As `chooseMaker`, but fetches nothing: `uv alone` where uv would have to fetch a Python first.
 * @throws RunError `python-unavailable` with the remedy; the signal's reason when aborted.
 */
export async function lookForMaker(options: Pick<Options, "env" | "signal">): Promise<Maker | "uv alone"> {
  const uv = (await ask("uv", ["--version"], options)).code === 0;
  const seen: BasePython[] = [];
  for (const command of PYTHON_COMMANDS) {
    const base = await inspectBase(command, options);
    if (base?.accepted && (uv || base.hasVenv)) return { base, uv };
    if (base) seen.push(base);
  }
  if (uv) return "uv alone";
  throw noMakerError(seen);
}

async function fetchWithUv(options: Options): Promise<BasePython> {
  options.say(`no Python here: uv fetches Python ${FETCHED_VERSION}`);
  const fetched = await ask("uv", ["python", "install", FETCHED_VERSION], options);
  const found = await ask("uv", ["python", "find", FETCHED_VERSION], options);
  const base = found.code === 0 ? await inspectBase(found.stdout.trim(), options) : null;
  if (base) return base;
  throw new RunError(
    "python-unavailable",
    `There is no Python 3.${OLDEST_MINOR} or newer, and uv cannot fetch one: ${lastLine(fetched.stderr)}. ${INSTALL_PYTHON}`,
  );
}

const INSTALL_PYTHON =
  "Install one (Debian, Ubuntu: apt-get install python3 python3-venv; Fedora: dnf install python3; " +
  "macOS: brew install python), or uv, or set NBEVOLVE_PYTHON to an interpreter that has the packages.";

function noMakerError(seen: readonly BasePython[]): RunError {
  const withoutVenv = seen.find((base) => base.accepted);
  if (withoutVenv) {
    return new RunError(
      "python-unavailable",
      `${withoutVenv.executable} (Python ${withoutVenv.version}) has no venv module, so no environment can be made. ` +
        "Debian, Ubuntu: apt-get install python3-venv. Elsewhere: install uv, or set NBEVOLVE_PYTHON.",
    );
  }
  const [old] = seen;
  const found = old
    ? `${old.executable} is Python ${old.version}`
    : `none of ${PYTHON_COMMANDS.join(", ")} runs`;
  return new RunError(
    "python-unavailable",
    `Python 3.${OLDEST_MINOR} or newer is needed, but ${found}. ${INSTALL_PYTHON}`,
  );
}
