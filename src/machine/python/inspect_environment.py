"""Owns: saying what this interpreter is and what it can import, as one line of JSON. Changes nothing.

    python -I inspect_environment.py [--package requirement]... [--import] module...

`missing` names the modules that are not there; with `--import` each one is imported, and `broken` says why one
cannot be. `unmet` are the requirements (`pandas>=2`) that no installed package meets. Isolated mode (`-I`) is on purpose: the sandbox has no home directory and sets its own PYTHONPATH, so what
is found only there does not count.
"""

import argparse
import importlib
import importlib.metadata
import importlib.util
import json
import re
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
    return {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in sorted(found) if name}


def unmet(requirements: list[str], found: dict[str, str]) -> list[str]:
    """Those that are not there, or not in that version: with the version that is."""
    if not requirements:
        return []
    from packaging.requirements import Requirement  # ours bring it; a bare interpreter is asked for no packages

    def problem(text: str) -> str | None:
        wish = Requirement(text)
        version = found.get(wish.name)
        if version is None:
            return text
        return None if wish.specifier.contains(version, prereleases=True) else f"{text} (it has {version})"

    return [words for words in map(problem, requirements) if words is not None]


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--package", action="append", default=[])
    parser.add_argument("--import", dest="importing", action="store_true")
    parser.add_argument("modules", nargs="*")
    asked = parser.parse_args(arguments)
    absent = missing(asked.modules)
    present = [name for name in asked.modules if name not in absent]
    installed = packages()
    report = {
        "version": ".".join(map(str, sys.version_info[:3])),
        "executable": sys.executable,
        "prefix": sys.prefix,
        "base": sys.base_prefix,
        "missing": absent,
        "broken": broken(present) if asked.importing else {},
        "packages": installed,
        "unmet": [] if absent else unmet(asked.package, installed),
    }
    print(json.dumps(report))


if __name__ == "__main__":
    main(sys.argv[1:])
