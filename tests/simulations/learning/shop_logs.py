"""A made-up machine shop whose truth is known, and the log that its floor would have written."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random

COLUMNS = ("Work Order", "Part", "Order Qty", "Operation", "Machine", "Kind", "Start", "End", "Good", "Rework")

TIMES = {
    ("FLANGE", "Sawing"): (15, 1.0),
    ("FLANGE", "Turning"): (60, 6.0),
    ("FLANGE", "Drilling"): (30, 3.0),
    ("FLANGE", "Inspection"): (10, 0.5),
    ("SHAFT", "Sawing"): (15, 1.5),
    ("SHAFT", "Turning"): (45, 9.0),
    ("SHAFT", "Grinding"): (40, 4.0),
    ("SHAFT", "Inspection"): (10, 1.0),
    ("PIN", "Turning"): (20, 2.0),
    ("PIN", "Inspection"): (5, 0.25),
}
"""Set-up and run a unit, in minutes, by item and step; the steps of an item stand in the order of its route."""

MACHINES = {
    "Sawing": ("Saw 1",),
    "Turning": ("Lathe 1", "Lathe 2"),
    "Drilling": ("Drill 1",),
    "Grinding": ("Grinder 1",),
    "Deburring": ("Bench 1",),
    "Inspection": ("Inspection",),
}

HOLIDAY = dt.date(2026, 1, 14)
BEGIN = dt.datetime.fromisoformat("2026-01-05 06:00")
Span = tuple[dt.datetime, dt.datetime]


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the log."""

    case: str
    item: str
    quantity: str
    step: str
    machine: str
    kind: str
    start: str
    end: str
    good: str = ""
    rework: str = ""

    def cells(self) -> list[str]:
        return [getattr(self, name) for name in self.__slots__]


def is_open(moment: dt.datetime, machine: str) -> bool:
    """Two shifts from Monday to Friday; inspectors work by day."""
    if moment.isoweekday() > 5 or moment.date() == HOLIDAY:
        return False
    return 8 <= moment.hour < 16 if machine == "Inspection" else 6 <= moment.hour < 22


def _stretches(begin: dt.datetime, minutes: float, machine: str) -> Iterator[Span]:
    """The open time that so many minutes of work take, from a time on."""
    left, time = dt.timedelta(minutes=round(minutes)), begin
    while left:
        until = time.replace(minute=0, second=0) + dt.timedelta(hours=1)
        if is_open(time, machine):
            span = time, min(until, time + left)
            left -= span[1] - span[0]
            yield span
        time = until


def _whole(spans: Iterator[Span]) -> list[Span]:
    found: list[Span] = []
    for begin, end in spans:
        if found and found[-1][1] == begin:
            found[-1] = found[-1][0], end
        else:
            found.append((begin, end))
    return found


def shop_log(orders: int = 120, seed: int = 1) -> list[Row]:
    """What the floor wrote: each order goes step by step to the machine that is free first; times vary a little."""
    random = Random(seed)
    free = {machine: BEGIN for machines in MACHINES.values() for machine in machines}
    rows: list[Row] = []
    release = BEGIN
    for number in range(1, orders + 1):
        item = random.choice(("FLANGE", "SHAFT", "PIN"))
        quantity = random.choice((5, 10, 20, 30, 40))
        release += dt.timedelta(hours=random.choice((2, 4, 6)))
        steps = [step for code, step in TIMES if code == item]
        if random.random() < 0.2:
            steps.insert(-1, "Deburring")
        time = release
        for step in steps:
            setup, run = TIMES.get((item, step), (0, 1.0))
            machine = min(MACHINES[step], key=lambda name: (free[name], name))
            spread = random.triangular(0.9, 1.15, 1.0)
            name = f"{step} - {machine}" if step == "Turning" else step
            key = f"W{number}", item, str(quantity), name, machine
            for kind, minutes in (("S", setup * spread), ("D", run * quantity * spread)):
                for start, end in _whole(_stretches(max(time, free[machine]), minutes, machine)):
                    rows.append(Row(*key, kind, _text(start), _text(end)))
                    time = free[machine] = end
            rows[-1] = replace(rows[-1], good=str(quantity))  # the pieces are counted when the step is over
    return rows


def _text(moment: dt.datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M")


def csv_of(rows: Sequence[Row], columns: Sequence[str] = COLUMNS) -> str:
    """The log as a CSV file."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(row.cells() for row in rows)
    return file.getvalue()
