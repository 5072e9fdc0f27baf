"""Reads work_centres.csv and setups.csv."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from knowledge.calendars import Calendar
from knowledge.plant import WorkCentre
from knowledge.reading.cells import Known, code, number, quoted, whole
from knowledge.reading.tables import Row, Table
from knowledge.reading.working_time import Times

MACHINES = whole(least=1, most=10_000)
EFFICIENCY = number(above=0, most=1000)
MONEY = number(least=0)
MINUTES = number(least=0, most=10_000_000)


@dataclass(frozen=True, slots=True)
class WorkCentres:
    """The work centres by code, and the parser of references to them."""

    by_code: dict[str, WorkCentre]
    known: Known


def read_work_centres(table: Table, times: Times, default: Calendar) -> WorkCentres:
    """The work centres in file order; one that names no calendar has the default one."""
    by_code: dict[str, WorkCentre] = {}
    for row in table:
        work_centre = row.key("work_centre", "work centre")
        value = _work_centre(row, work_centre or "", times, default)
        if work_centre is not None:
            by_code[work_centre] = value
    return WorkCentres(by_code, table.known("work centre", by_code))


def _work_centre(row: Row, work_centre: str, times: Times, default: Calendar) -> WorkCentre:
    calendar = row.read("calendar", times.known, None)
    return WorkCentre(
        code=work_centre,
        machines=row.read("machines", MACHINES, 1),
        calendar=times.by_name.get(calendar, default) if calendar else default,
        efficiency_percent=row.read("efficiency_percent", EFFICIENCY, Decimal(100)),
        cost_per_hour=row.read("cost_per_hour", MONEY, Decimal(0)),
    )


def read_setups(table: Table, work_centres: Known) -> dict[tuple[str, str, str], Decimal]:
    """Minutes by work centre, group before and group after. A group that no item has yet is no mistake."""
    setups: dict[tuple[str, str, str], Decimal] = {}
    for row in table:
        work_centre = row.need("work_centre", work_centres)
        before, after = row.need("from_group", code), row.need("to_group", code)
        minutes = row.need("minutes", MINUTES)
        if work_centre is None or before is None or after is None:
            continue
        key = (work_centre, before, after)
        what = f"the change from {quoted(before)} to {quoted(after)} at {quoted(work_centre)}"
        if row.first(key, "to_group", what) and minutes is not None:
            setups[key] = minutes
    return setups
