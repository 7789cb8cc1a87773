"""Owns: messages as bytes that every reader takes: well-formed UTF-8, whatever half of a character a cell prints. Pure."""

import re
from typing import Any

from jupyter_client.session import json_packer

HALF = re.compile("[\ud800-\udfff]")


def pack(message: Any) -> bytes:
    """As jupyter_client packs it. Where that cannot be written, half characters become U+FFFD, and pairs of them whole ones."""
    try:
        return json_packer(message)
    except UnicodeEncodeError:
        return json_packer(mend(message))


def mend(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace") if HALF.search(value) else value
    if isinstance(value, dict):
        return {mend(key): mend(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [mend(item) for item in value]
    return value
