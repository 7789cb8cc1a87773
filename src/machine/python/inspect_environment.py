"""Owns: saying what this interpreter is and what it can import, as one line of JSON. Changes nothing.

    python -I inspect_environment.py [--import] module...

`missing` names the modules that are not there; with `--import` each one is imported, and `broken` says why one
cannot be. Isolated mode (`-I`) is on purpose: the sandbox has no home directory and sets its own PYTHONPATH, so what
is found only there does not count.
"""

import importlib
import importlib.metadata
import importlib.util
import json
import sys


def missing(modules: list[str]) -> list[str]:
    """Those whose top-level package is not there; nothing is imported."""
    return [name for name in modules if importlib.util.find_spec(name.partition(".")[0]) is None]


def broken(modules: list[str]) -> dict[str, str]:
    """Module -> why its import fails, for those whose import fails."""
    problems: dict[str, str] = {}
    for name in modules:
        try:
            importlib.import_module(name)
        except Exception as problem:  # whatever a package raises while it is imported is the answer
            problems[name] = f"{type(problem).__name__}: {problem}"
    return problems


def packages() -> dict[str, str]:
    """Installed distributions, by normalised name."""
    found = ((d.metadata["Name"], d.version) for d in importlib.metadata.distributions())
    return {name.lower().replace("_", "-"): version for name, version in sorted(found) if name}


def main(arguments: list[str]) -> None:
    modules = [name for name in arguments if name != "--import"]
    absent = missing(modules)
    present = [name for name in modules if name not in absent]
    report = {
        "version": ".".join(map(str, sys.version_info[:3])),
        "executable": sys.executable,
        "prefix": sys.prefix,
        "base": sys.base_prefix,
        "missing": absent,
        "broken": broken(present) if "--import" in arguments else {},
        "packages": packages(),
    }
    print(json.dumps(report))


if __name__ == "__main__":
    main(sys.argv[1:])
