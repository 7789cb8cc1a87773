"""Owns: how much and how often a kernel sends output. Text that is printed in quick succession is joined, repeated updates of
one display become the last of them, and what one cell shows beyond its limits is counted instead of sent: otherwise
queues overflow on the way and lose messages silently, the one that says "done" among them.
Holds messages back and returns them; never sends one.
"""

import time
from collections import OrderedDict, deque
from collections.abc import Callable
from typing import NamedTuple

from nbevolve_kernel.message_bounds import Message, bound_message

# Nothing receives these: there is no front end behind the kernels of a run.
UNHEARD = {"comm_open", "comm_msg", "comm_close"}
KEPT_CELLS = 64


class Limits(NamedTuple):
    interval_s: float = 0.05
    # Printed by one cell: sent as it comes up to the first, then only the last is kept and goes out at the end.
    text_chars: int = 16_000_000
    tail_chars: int = 6_000_000
    # Messages of displays and their updates by one cell.
    displays: int = 2_000


class Usage:
    """What one cell has shown."""

    def __init__(self) -> None:
        self.text_chars = 0
        self.displays = 0
        self.left_out = 0


class Tail:
    """The end of a stream that has used up its share."""

    def __init__(self, message: Message) -> None:
        self.message = message
        self.pieces: deque[str] = deque()
        self.chars = 0
        self.lost_chars = 0
        self.lost_lines = 0

    def add(self, text: str, most: int) -> None:
        self.pieces.append(text)
        self.chars += len(text)
        while self.chars > most:
            piece = self.pieces.popleft()
            cut = min(len(piece), self.chars - most)
            self.chars -= cut
            self.lost_chars += cut
            self.lost_lines += piece.count("\n", 0, cut)
            if cut < len(piece):
                self.pieces.appendleft(piece[cut:])

    def to_message(self) -> Message:
        lost = {"lost_chars": self.lost_chars, "lost_lines": self.lost_lines} if self.lost_chars else {}
        content = {**self.message["content"], "text": "".join(self.pieces)}
        return {**self.message, "content": content, "metadata": {"nbevolve": lost}}


class Pace:
    """Gives every message its turn; not safe for threads."""

    def __init__(self, limits: Limits = Limits(), clock: Callable[[], float] = time.monotonic) -> None:
        self.limits = limits
        self.clock = clock
        self.waiting: list[Message] = []
        self.tails: dict[tuple[str, str], Tail] = {}
        self.cells: OrderedDict[str, Usage] = OrderedDict()
        self.sent_s = float("-inf")

    def take(self, message: Message) -> list[Message]:
        """The messages to send now that this one came, in order. What is held back is in `waiting`."""
        kind = message["header"]["msg_type"]
        if kind in UNHEARD:
            return []
        if kind == "stream" and is_text(message["content"]):
            self.hold_text(message)
        elif kind == "update_display_data":
            self.hold_update(message)
        elif kind == "display_data":
            return [*self.flush(), bound_message(message)] if self.admits(message) else []
        else:
            return [*self.flush(), self.note_left_out(bound_message(message))]
        return self.due() if self.clock() - self.sent_s >= self.limits.interval_s else []

    def due(self) -> list[Message]:
        """The messages that waited, without the tails."""
        out, self.waiting = self.waiting, []
        self.sent_s = self.clock()
        return [join_parts(message) for message in out]

    def flush(self) -> list[Message]:
        out = [*self.due(), *(tail.to_message() for tail in self.tails.values())]
        self.tails.clear()
        return out

    def hold_text(self, message: Message) -> None:
        usage, content = self.usage(message), message["content"]
        text = content["text"]
        share = max(0, self.limits.text_chars - usage.text_chars)
        usage.text_chars += len(text)
        if share > 0:
            self.hold_share(message, text[:share])
        if len(text) > share:
            tail = self.tails.setdefault((cell_of(message), content["name"]), Tail(message))
            tail.add(text[share:], self.limits.tail_chars)

    def hold_share(self, message: Message, text: str) -> None:
        last = self.waiting[-1] if self.waiting else None
        if last is not None and same_stream(last, message):
            last["content"].setdefault("parts", [last["content"]["text"]]).append(text)
        else:
            self.waiting.append({**message, "content": {**message["content"], "text": text}})

    def hold_update(self, message: Message) -> None:
        identity = display_id(message)
        same = [one for one in self.waiting if display_id(one) == identity and identity is not None]
        if same:
            same[0]["content"] = bound_message(message)["content"]
        elif self.admits(message):
            self.waiting.append(bound_message(message))

    def admits(self, message: Message) -> bool:
        usage = self.usage(message)
        if usage.displays >= self.limits.displays:
            usage.left_out += 1
            return False
        usage.displays += 1
        return True

    def note_left_out(self, message: Message) -> Message:
        """The message with the number of displays that were left out since the last such number."""
        usage = self.cells.get(cell_of(message))
        if usage is None or usage.left_out == 0:
            return message
        left_out, usage.left_out = usage.left_out, 0
        return {**message, "metadata": {**message["metadata"], "nbevolve": {"displays_left_out": left_out}}}

    def usage(self, message: Message) -> Usage:
        cell = cell_of(message)
        usage = self.cells.setdefault(cell, Usage())
        self.cells.move_to_end(cell)
        while len(self.cells) > KEPT_CELLS:
            self.cells.popitem(last=False)
        return usage


def join_parts(message: Message) -> Message:
    parts = message["content"].pop("parts", None)
    if parts is not None:
        message["content"]["text"] = "".join(parts)
    return message


def same_stream(one: Message, other: Message) -> bool:
    return (
        one["header"]["msg_type"] == "stream"
        and one["content"]["name"] == other["content"]["name"]
        and cell_of(one) == cell_of(other)
    )


def is_text(content: Message) -> bool:
    """False when user code made the message itself, wrongly."""
    return isinstance(content.get("text"), str) and isinstance(content.get("name"), str)


def cell_of(message: Message) -> str:
    return str((message.get("parent_header") or {}).get("msg_id", ""))


def display_id(message: Message) -> object:
    transient = message["content"].get("transient")
    return transient.get("display_id") if isinstance(transient, dict) else None
