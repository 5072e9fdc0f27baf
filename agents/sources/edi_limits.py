"""How large EDI may be, so that no file fills the memory: two bytes can be a segment."""

from __future__ import annotations

from agents.sources.errors import UnreadableError
from agents.sources.texts import quoted

SEGMENTS_MOST = 500_000
"""Segments of a body, of all its interchanges: fifty thousand order lines have half as many."""

SEGMENT_LENGTH_MOST = 65_536
"""Characters of a segment; by both standards the longest has a few thousand."""


class TooManyError(UnreadableError):
    """A body has more segments than are kept in memory."""

    def __init__(self) -> None:
        super().__init__(f"the file has more than {SEGMENTS_MOST} segments: send it in pieces")


def check_length(segment: str) -> None:
    """Raises UnreadableError where a segment is longer than any real one."""
    if len(segment) > SEGMENT_LENGTH_MOST:
        shown = quoted(segment[:20])
        raise UnreadableError(f"a segment ({shown}) has {len(segment)} characters: is its terminator missing?")
