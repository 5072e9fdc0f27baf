"""What a table of the report is made of; the template knows how it looks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from knowledge.instants import Instant, iso
from knowledge.plant import Plant
from knowledge.wording import show_end, show_of, show_quantity, show_time
from simulations.report.pegs import STOCK
from simulations.report.records import Peg

MOST_ROWS = 500
_MOST_PEGS = 4


@dataclass(frozen=True, slots=True)
class Link:
    """Words, with the place in the page that they lead to, if any."""

    text: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in one place of a table: links or words, a smaller note below, a machine-readable time."""

    links: tuple[Link, ...] = ()
    note: str = ""
    time: str = ""

    @property
    def empty(self) -> bool:
        return not self.note and not any(link.text for link in self.links)


@dataclass(frozen=True, slots=True)
class Column:
    """A column's label and kind: `text`, `item`, `number`, `time`, `state` or `wide` (running text)."""

    label: str
    kind: str = "text"


@dataclass(frozen=True, slots=True)
class Row:
    """Cells in the order of the columns; `tone` is `bad`, `late`, `wait`, `calm` or `off`."""

    cells: tuple[Cell, ...]
    tone: str = "calm"
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its caption; `more` rows stand only in the CSV file `source`."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    more: int = 0
    source: str = ""

    @property
    def long(self) -> bool:
        return len(self.rows) > 16


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes cells: knows the plant, its zone, and where in the page each document stands."""

    plant: Plant
    zone: dt.tzinfo
    anchors: Mapping[str, str]

    def document(self, name: str) -> Link:
        """A document's name, leading to its place in the page where it has one."""
        anchor = self.anchors.get(name)
        return Link(name, f"#{anchor}" if anchor else "")

    def documents(self, name: str) -> Cell:
        return Cell((self.document(name),))

    def item(self, code: str) -> Cell:
        """An item's code with its description below."""
        known = self.plant.items.get(code)
        return Cell((Link(code),), note=known.description if known else "")

    def quantity(self, quantity: Decimal | None, item: str) -> Cell:
        """A quantity with the item's unit."""
        if quantity is None:
            return Cell()
        return words(show_of(quantity, item, self.plant))

    def when(self, instant: Instant | None) -> Cell:
        """A time that something begins or happens."""
        return Cell() if instant is None else Cell((Link(show_time(instant, self.zone)),), time=self.iso(instant))

    def until(self, instant: Instant | None) -> Cell:
        """A time that something is finished by; a midnight ends its day."""
        return Cell() if instant is None else Cell((Link(show_end(instant, self.zone)),), time=self.iso(instant))

    def iso(self, instant: Instant) -> str:
        return iso(instant, self.zone)

    def pegs(self, pegs: Sequence[Peg]) -> Cell:
        """What a supply is for, documents before stock, the largest part first."""
        ordered = sorted(pegs, key=lambda peg: (peg.document in STOCK, -peg.quantity))
        links = [self._peg(peg, alone=len(ordered) == 1) for peg in ordered[:_MOST_PEGS]]
        rest = len(ordered) - _MOST_PEGS
        return Cell(tuple(links), note=f"and {rest} more" if rest > 0 else "")

    def _peg(self, peg: Peg, *, alone: bool) -> Link:
        link = self.document(peg.document)
        name = plain(peg.document) if peg.document in STOCK else link.text
        return Link(name if alone else f"{name} × {show_quantity(peg.quantity)}", link.href)


def words(text: str, note: str = "") -> Cell:
    """A cell of plain words."""
    return Cell((Link(text),), note=note)


def plain(text: str) -> str:
    """A code word of the tables as people write it: `awaiting_approval` is `awaiting approval`."""
    return text.replace("_", " ")


def table(caption: str, columns: Sequence[Column], rows: Sequence[Row], source: str, most: int = MOST_ROWS) -> Table:
    """A table of at most so many rows; it says how many more there are."""
    return Table(caption, tuple(columns), tuple(rows[:most]), max(0, len(rows) - most), source)
