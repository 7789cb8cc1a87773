"""Owns: cutting displays, results and errors to a size that does not break the connection. Never sends a message."""

from typing import Any

Message = dict[str, Any]

# In all parts of one display or result.
DISPLAY_CHARS = 64_000_000
# An error's message; and its traceback.
ERROR_CHARS = 1_000_000


def bound_message(message: Message, display_chars: int = DISPLAY_CHARS, error_chars: int = ERROR_CHARS) -> Message:
    """The message, with a line that counts what was cut in place of it."""
    content = message["content"]
    if isinstance(content.get("data"), dict):
        return {**message, "content": {**content, "data": bound_data(content["data"], display_chars)}}
    if "traceback" in content:
        return {**message, "content": {**content, **bound_error(content, error_chars)}}
    return message


def bound_data(data: dict[str, Any], most: int) -> dict[str, Any]:
    kept, left_out = {}, []
    for mime, value in data.items():
        size = len(value) if isinstance(value, str | list) else 0
        if size <= most:
            kept[mime] = value
            most -= size
        else:
            left_out.append(f"[{mime} of {size:,} characters left out]")
    if left_out:
        kept["text/plain"] = "\n".join([*([str(kept["text/plain"])] if "text/plain" in kept else []), *left_out])
    return kept


def bound_error(content: dict[str, Any], most: int) -> dict[str, Any]:
    lines = [str(line) for line in content.get("traceback") or []]
    whole = sum(map(len, lines)) <= most
    return {
        "ename": clip_middle(str(content.get("ename", "")), 1000),
        "evalue": clip_middle(str(content.get("evalue", "")), most),
        "traceback": lines if whole else [clip_middle("\n".join(lines), most)],
    }


def clip_middle(text: str, most: int) -> str:
    if len(text) <= most:
        return text
    return f"{text[: most // 2]}\n[... {len(text) - most:,} characters left out here ...]\n{text[-(most // 2) :]}"
