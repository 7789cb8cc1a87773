"""Owns: which names of a shell's namespace are the user's."""

import re
from typing import Any

OF_IPYTHON = re.compile(r"_+|_i+|_i?\d+|_[id]h|_oh|__\w+__|In|Out|exit|quit|get_ipython|open")


def user_names(shell: Any) -> list[str]:
    names, hidden = shell.user_ns, shell.user_ns_hidden
    return [
        name
        for name in list(names)
        if type(name) is str and not (name in hidden and hidden[name] is names[name]) and not is_ipythons(name, hidden)
    ]


def is_ipythons(name: str, hidden: dict[str, Any]) -> bool:
    return OF_IPYTHON.fullmatch(name) is not None and (name in hidden or name.startswith("_"))
