"""Owns: loading the modules that cells will import, ahead of them. Never binds a name, and never runs anything else of a
cell: what cannot be loaded now is left to the cell that asks for it.
"""

import ast
import importlib
from collections.abc import Iterable, Iterator


def load(sources: Iterable[str]) -> list[str]:
    """Loads what the cells import at their top level; the names of those that could be loaded."""
    loaded = []
    for name in dict.fromkeys(name for source in sources for name in imports(source)):
        try:
            importlib.import_module(name)
        except BaseException:  # whatever a module does while it is loaded is the cell's to see
            continue
        loaded.append(name)
    return loaded


def imports(source: str) -> Iterator[str]:
    """Absolute names of modules, in order. `from a import b` names `a` alone: `b` may be anything."""
    try:
        statements = ast.parse(source).body
    except (SyntaxError, ValueError):
        return
    for statement in statements:
        if isinstance(statement, ast.Import):
            yield from (alias.name for alias in statement.names)
        elif isinstance(statement, ast.ImportFrom) and statement.level == 0 and statement.module is not None:
            yield statement.module
