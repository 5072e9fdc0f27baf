"""Lists on a terminal: a head, entries with lines set in below, and how many more there are."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

MOST = 10
"""So many entries of a list are shown."""


def head(console: Console, words: str, more: str, style: str = "cyan") -> None:
    """The head of a list, set off from what stands above."""
    console.print()
    console.print(Text.assemble((words, f"bold {style}"), ("  " + more, "dim")))


def entry(console: Console, first: Text, *others: Text) -> None:
    """An entry of a list: its first line, and others set in below."""
    _set_in(console, first, 2)
    for other in others:
        if other.plain:
            _set_in(console, other, 6)


def rest(console: Console, number: int, where: str) -> None:
    """How many of so many entries are not shown, and where they are."""
    if number > MOST:
        _set_in(console, Text(f"and {number - MOST:,} more in {where}", "dim"), 2)


def _set_in(console: Console, words: Text, indent: int) -> None:
    """Print a text set in; wrapped lines keep their place, and none ends in spaces."""
    for line in words.wrap(console, max(console.width - indent, 20)):
        line.rstrip()
        console.print(Text(" " * indent) + line)
