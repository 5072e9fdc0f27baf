"""A step plot of an item's availability in characters, for the terminal and for a pipe.

A column stands for a stretch of time: what happens within it is drawn as one vertical line from the lowest to the
highest balance of that stretch, so that no dip is lost, however many events there are. A row stands for a number of
units; a balance that is not zero is never drawn on the row of zero.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import count
from typing import TypeAlias

from rich.text import Text

from knowledge.instants import DAY, to_datetime
from knowledge.outlook import Outlook
from knowledge.quantities import Units, ceil_div, from_units
from simulations.report.axis import Axis, axis
from simulations.report.outlook_words import show_of

MOST_ROWS = 16
_LABEL_ROWS = 5
_FEWEST_COLUMNS = 20
_MOST_ROWS_A_UNIT = 4
_TICK_COLUMNS = 11
_PREFIXES = (("P", 10**15), ("T", 10**12), ("G", 10**9), ("M", 10**6), ("k", 10**5))

_LEFT, _RIGHT, _UP, _DOWN = 1, 2, 4, 8
_HEAVY = " ╸╺━╹┛┗┻╻┓┏┳┃┫┣╋"
_DOUBLE = " ═══║╝╚╩║╗╔╦║╣╠╬"
_ZERO, _SAFETY, _SAFETY_MARK = "─", "·", "▸"

Cell: TypeAlias = tuple[int, int]
"""(row, column); row 0 is zero, and rows count upwards."""

_STYLES = {"projected": "bold cyan", "promisable": "yellow", "safety": "red", "frame": "dim"}


@dataclass(frozen=True, slots=True)
class Scale:
    """The rows of a plot: `rows` of them make up `units`; `every` so many have a label."""

    rows: int
    units: Units
    every: int
    top: int
    bottom: int

    def row(self, balance: Units) -> int:
        """The row nearest to a balance: above row 0 for what is above zero, below it for what is below."""
        nearest = (2 * balance * self.rows + self.units) // (2 * self.units)
        return max(nearest, 1) if balance > 0 else min(nearest, -1) if balance < 0 else 0

    def units_at(self, row: int) -> Units:
        """What a row with a label stands for."""
        return row * self.units // self.rows


def scale_of(lowest: Units, highest: Units) -> Scale:
    """At most about `MOST_ROWS` rows from the lowest to the highest balance, zero among them."""
    low, high = min(lowest, 0), max(highest, 0)
    if high == low:
        high = 1
    rows = max(1, min(MOST_ROWS // (high - low), _MOST_ROWS_A_UNIT))
    units = next(
        units for units in _round_numbers() if ceil_div(high * rows, units) + ceil_div(-low * rows, units) <= MOST_ROWS
    )
    plain = Scale(rows, units, _LABEL_ROWS, 0, 0)
    top, bottom = plain.row(high), plain.row(low)
    every = rows if rows > 1 else _LABEL_ROWS if top - bottom > 2 * _LABEL_ROWS else 2
    return Scale(rows, units, every, top, bottom)


def _round_numbers() -> Iterator[int]:
    """What a row may stand for: as many as `_LABEL_ROWS` of it make a round number."""
    return (digit * 10**power for power in count() for digit in (1, 2, 3, 4, 5, 6, 8))


def short_number(number: Decimal) -> str:
    """A round number for an axis: `12,000`, and from a hundred thousand on `250k`, `1.5M`."""
    prefix, least = next((entry for entry in _PREFIXES if abs(number) >= entry[1]), ("", 1))
    text = f"{number / (1000 if prefix == 'k' else least):,f}".replace("-", "−")
    return (text.rstrip("0").rstrip(".") if "." in text else text) + prefix


def time_axis(outlook: Outlook, most: int, lead: int = 0) -> Axis:
    """From now, or `lead` percent before, until a little after the last event, so that what holds after it is seen."""
    last = max([outlook.now, *(event.time for event in outlook.events)])
    span = last - outlook.now or DAY
    return axis(outlook.now - span * lead // 100, outlook.now + span + max(span // 20, 1), outlook.zone, most)


def step_plot(outlook: Outlook, width: int) -> list[Text]:
    """The plot as lines no wider than `width`, unless that is too narrow for any plot."""
    safety = max(outlook.item.safety_stock, 0)
    balances = [step.projected for step in outlook.steps]
    scale = scale_of(min(balances), max(*balances, safety))
    labels = {
        row: short_number(from_units(scale.units_at(row), outlook.item.decimals))
        for row in range(scale.bottom, scale.top + 1)
        if row % scale.every == 0
    }
    margin = max(len(label) for label in labels.values())
    columns = max(width - margin - 2, _FEWEST_COLUMNS)
    time = time_axis(outlook, max(columns // _TICK_COLUMNS, 2))
    cells = _cells(outlook, scale, time, columns)
    lines = []
    for row in range(scale.top, scale.bottom - 1, -1):
        line = Text(f"{labels.get(row, ''):>{margin}} ")
        if safety and row == scale.row(safety):
            line.append(_SAFETY_MARK, _STYLES["safety"])
        else:
            line.append("┼" if row == 0 else "┤" if row in labels else "│", _STYLES["frame"])
        for column in range(columns):
            line.append(*cells.get((row, column), (" ", "")))
        lines.append(line)
    lines += [Text(" " * (margin + 1)) + line for line in _below(time, columns, outlook)]
    for line in lines:
        line.rstrip()
    return lines


def legend(outlook: Outlook) -> Text:
    """What the lines of the plot are."""
    words = Text.assemble((_HEAVY[3] * 2, _STYLES["projected"]), " projected balance   ")
    words.append(_DOUBLE[3] * 2, _STYLES["promisable"]).append(" promisable, where lower")
    if outlook.item.safety_stock > 0:
        words.append("   ").append(_SAFETY_MARK + _SAFETY * 2, _STYLES["safety"])
        words.append(f" safety stock {show_of(outlook.item.safety_stock, outlook.item)}")
    return words


def _cells(outlook: Outlook, scale: Scale, time: Axis, columns: int) -> dict[Cell, tuple[str, str]]:
    """What is drawn where; what comes later covers what came before."""
    cells = {(0, column): (_ZERO, _STYLES["frame"]) for column in range(columns)}
    if outlook.item.safety_stock > 0:
        row = scale.row(outlook.item.safety_stock)
        cells.update({(row, column): (_SAFETY, _STYLES["safety"]) for column in range(columns)})
    places = [min(int(time.share(step.time) * columns), columns - 1) for step in outlook.steps]
    for name, glyphs, balances in (
        ("promisable", _DOUBLE, [step.promisable for step in outlook.steps]),
        ("projected", _HEAVY, [step.projected for step in outlook.steps]),
    ):
        path = _path(list(zip(places, map(scale.row, balances), strict=True)), columns)
        cells.update({cell: (glyphs[sides], _STYLES[name]) for cell, sides in path.items()})
    return cells


def _path(steps: Sequence[tuple[int, int]], columns: int) -> dict[Cell, int]:
    """The cells of a step line through (column, row), and the sides at which it leaves them."""
    found: dict[Cell, int] = {}
    level = steps[0][1]
    rest = iter([*steps, (columns, level)])
    place, row = next(rest)
    for column in range(columns):
        entered, passed = level, [level]
        while place == column:
            level = row
            passed.append(level)
            place, row = next(rest)
        for at in range(min(passed), max(passed) + 1):
            sides = _LEFT * (at == entered) | _RIGHT * (at == level)
            found[at, column] = sides | _UP * (at < max(passed)) | _DOWN * (at > min(passed))
    return found


def _below(time: Axis, columns: int, outlook: Outlook) -> Iterator[Text]:
    """The line under the plot with its ticks, and their labels as far as there is room."""
    ticks = {0: "now"}
    for tick in time.ticks:
        ticks.setdefault(int(time.share(tick) * columns), f"{to_datetime(tick, outlook.zone):{time.form}}")
    labels, marks = "", dict.fromkeys(range(columns), "─")
    for column, label in sorted(ticks.items()):
        begin = min(max(column + 1 - len(label) // 2, 0), columns + 1 - len(label))
        if not labels or begin > len(labels) + 1:
            labels = f"{labels:<{begin}}{label}"
            marks[column] = "┬"
    yield Text("└" + "".join(marks.values()), _STYLES["frame"])
    yield Text(labels)
