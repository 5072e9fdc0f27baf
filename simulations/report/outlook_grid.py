"""Lines of numbers and words for a terminal: the words stand beside the numbers as far as there is room, else below."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from rich.console import Console
from rich.text import Text

GLUE = "\ue000"
"""Stands for a space at which a line is not to be broken."""

_GAP = 2
_WIDEST, _NARROWEST = 28, 28
_INDENT = 4


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the grid; the first of the numbers, a time perhaps, stands to the left, the others to the right."""

    numbers: tuple[Text, ...]
    words: tuple[Text, ...]


def print_grid(console: Console, head: Line, lines: Sequence[Line]) -> None:
    """Print lines with their numbers below each other; none is wider than the terminal, and none ends in spaces."""
    numbers = [max(each.numbers[place].cell_len for each in (head, *lines)) for place in range(len(head.numbers))]
    words = [max(each.words[place].cell_len for each in lines) for place in range(len(head.words))]
    grid = _Grid(console, numbers, [min(width, _WIDEST) for width in words])
    for each in (Line(head.numbers, head.words[: max(grid.beside, 1)]), *lines):
        for line in grid.lines(each):
            line.rstrip()
            line.plain = line.plain.replace(GLUE, " ")
            console.print(line, soft_wrap=True)


class _Grid:
    """The widths of the columns, and how many of the words have their place `beside` the numbers."""

    def __init__(self, console: Console, numbers: list[int], words: list[int]) -> None:
        self.console, self.numbers = console, numbers
        self.margin = sum(numbers) + _GAP * len(numbers)
        room = console.width - self.margin
        self.beside = next((n for n in range(len(words), 0, -1) if _needed(words[:n]) <= room), 0)
        self.words = words[: self.beside]
        if self.words:
            self.words[-1] += room - sum(self.words) - _GAP * (self.beside - 1)
        self.indent = (_INDENT, numbers[0] + _GAP)[self.beside] if self.beside < 2 else self.margin

    def lines(self, line: Line) -> Iterator[Text]:
        start = self._numbers(line.numbers)
        wrapped = [words.wrap(self.console, width) for words, width in zip(line.words, self.words, strict=False)]
        for parts in zip_longest(*wrapped, fillvalue=Text()) if wrapped else ((),):
            for part, width in zip(parts, self.words, strict=False):
                start += _padded(part, width + _GAP)
            yield start
            start = Text(" " * self.margin)
        rest = Text("; ").join(words for words in line.words[self.beside :] if words.plain)
        if rest.plain:
            for part in rest.wrap(self.console, max(self.console.width - self.indent, _NARROWEST)):
                yield Text(" " * self.indent) + part

    def _numbers(self, numbers: Sequence[Text]) -> Text:
        cells = [_padded(numbers[0], self.numbers[0])]
        for text, width in zip(numbers[1:], self.numbers[1:], strict=True):
            cells.append(Text(" " * (width - text.cell_len)) + text)
        return Text(" " * _GAP).join(cells) + Text(" " * _GAP)


def _needed(words: Sequence[int]) -> int:
    """The room for words beside the numbers: all but the last whole, of the last enough to break it."""
    return sum(words[:-1]) + _GAP * (len(words) - 1) + min(words[-1], _NARROWEST)


def _padded(text: Text, width: int) -> Text:
    return text + Text(" " * max(width - text.cell_len, 0))
