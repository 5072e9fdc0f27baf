"""Writes what was learned: a knowledge folder, its work orders as customer orders, and the spreads beside it."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from knowledge.csv_text import write_csv
from knowledge.errors import SocietyError
from knowledge.instants import iso
from knowledge.reading import read_plant
from simulations.learning.fitting import quantile
from simulations.learning.learned import Learned
from simulations.learning.report import written
from simulations.learning.shifts import PLANT
from simulations.learning.standards import PERCENTS, spreads
from simulations.learning.work import Case

BESIDE = "learned"
"""The folder beside the tables, for what no knowledge folder has."""

DOCUMENTS = "documents.jsonl"
HAPPENED = f"{BESIDE}/happened.csv"
_HAPPENED = (
    "work_order", "item", "quantity", "step", "work_centre", "begin", "end", "setup_minutes", "run_minutes",
    "rework_minutes", "good",
)  # fmt: skip
CUSTOMER = "shop"
SOURCE = "log"


def check_place(folder: Path) -> None:
    """Refuse a place that holds something already. Raises SocietyError."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise SocietyError(f"--out {folder}: there is something already; give a new folder")


def write_learned(learned: Learned, folder: Path) -> None:
    """Write it all. The folder is one that `knowledge check` has nothing against, or nothing is written."""
    texts = knowledge_texts(learned)
    read_plant(texts)
    (folder / BESIDE).mkdir(parents=True, exist_ok=True)
    others = {
        DOCUMENTS: "".join(f"{json.dumps(_order(learned, case), ensure_ascii=False)}\n" for case in learned.cases),
        HAPPENED: _happened(learned),
        f"{BESIDE}/operation_times.csv": _operation_times(learned),
        f"{BESIDE}/breakdowns.csv": _breakdowns(learned),
        "learned.md": written(learned),
    }
    for name, text in (texts | others).items():
        (folder / name).write_text(text, encoding="utf-8")


def knowledge_texts(learned: Learned) -> dict[str, str]:
    """The files of the knowledge folder."""
    name = learned.log.name.rpartition(".")[0] or learned.log.name
    has_calendar = PLANT in learned.calendars.calendars
    settings = f"name = {json.dumps(name)}\ntimezone = {json.dumps(str(learned.log.zone))}\n"
    found = {
        "plant.toml": settings + (f"calendar = {json.dumps(PLANT)}\n" if has_calendar else ""),
        "items.csv": _table(
            ("item", "decimals", "kind", "supply"),
            ((route.item, _decimals(learned.cases, route.item), "finished", "make") for route in learned.routes),
        ),
        "routes.csv": _table(
            ("item", "step", "work_centre", "setup_minutes", "run_minutes"),
            ((s.item, s.step, s.centre, _plain(s.setup), _plain(s.run)) for s in learned.standards),
        ),
        "work_centres.csv": _table(
            ("work_centre", "machines", "calendar"),
            ((each.code, each.machines, learned.calendars.of_centre.get(each.code, "")) for each in learned.centres),
        ),
    }
    if has_calendar:
        calendars = learned.calendars.calendars
        found["calendars.csv"] = _table(
            ("calendar", "weekday", "start", "end"),
            (
                (name, shift.weekday, _clock(shift.start), _clock(shift.end))
                for name, calendar in calendars.items()
                for shift in calendar.shifts
            ),
        )
        holidays = [(name, day) for name, calendar in calendars.items() for day in sorted(calendar.holidays)]
        if holidays:
            found["holidays.csv"] = _table(("calendar", "date"), holidays)
    return found


def quantity_of(case: Case) -> Decimal:
    """What was ordered; where the log does not say, the most that any step of it finished, or one."""
    made: dict[str, Decimal] = {}
    for work in case.work:
        made[work.step] = made.get(work.step, Decimal(0)) + work.good
    return case.quantity or max(made.values(), default=Decimal(0)) or Decimal(1)


def _order(learned: Learned, case: Case) -> dict[str, Any]:
    """A work order as a customer order: received when it was released, or else when its first work began."""
    zone = learned.log.zone
    received = case.begin if case.received is None else min(case.received, case.begin)
    line = {
        "line": "1",
        "item": case.item,
        "quantity": _plain(quantity_of(case)),
        "requested": None if case.due is None else iso(case.due, zone),
        "unit_price": "0",
    }
    return {
        "type": "customer_order",
        "source": SOURCE,
        "number": case.case,
        "customer": case.customer or CUSTOMER,
        "received": iso(received, zone),
        "lines": [line],
    }


def _happened(learned: Learned) -> str:
    """What was done, a row for each step of a work order at each work centre."""
    zone = learned.log.zone
    rows = []
    for case in learned.cases:
        for work in sorted(case.work, key=lambda w: (w.begin, w.step, w.centre)):
            times = (_minutes(work.setup), _minutes(work.run), _minutes(work.rework))
            key = case.case, case.item, _plain(quantity_of(case)), work.step, work.centre
            rows.append((*key, iso(work.begin, zone), iso(work.end, zone), *times, _plain(work.good)))
    return _table(_HAPPENED, rows)


def _operation_times(learned: Learned) -> str:
    columns = ["item", "step", "work_centre", "quantity_from", "quantity_to", "observations"]
    columns += ["setup_minutes", "run_minutes", "fit", *(f"ratio_p{percent}" for percent in PERCENTS)]
    rows = [
        (
            spread.standard.item,
            spread.standard.step,
            spread.standard.centre,
            _number(spread.quantity_from),
            _number(spread.quantity_to),
            spread.seen,
            _plain(standard.setup),
            _plain(standard.run),
            standard.fit,
            *map(_number, spread.ratios),
        )
        for standard in learned.standards
        for spread in spreads(standard)
    ]
    return _table(columns, rows)


def _breakdowns(learned: Learned) -> str:
    rows = [
        (
            centre.code,
            len(centre.breakdowns),
            _number(Fraction(centre.busy, 3600 * len(centre.breakdowns))),
            *(_number(quantile(centre.breakdowns, percent) / 60) for percent in (50, 90)),
        )
        for centre in learned.centres
        if centre.breakdowns
    ]
    return _table(("work_centre", "breakdowns", "busy_hours_between", "minutes_p50", "minutes_p90"), rows)


def _decimals(cases: Iterable[Case], item: str) -> int:
    exponents = [quantity_of(case).normalize().as_tuple().exponent for case in cases if case.item == item]
    return max([0, *(-exponent for exponent in exponents if isinstance(exponent, int))])


def _table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    file = io.StringIO()
    records: Iterable[Mapping[str, object]] = (dict(zip(columns, row, strict=True)) for row in rows)
    write_csv(file, columns, records)
    return file.getvalue()


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"


def _number(value: Fraction) -> str:
    return _plain((Decimal(value.numerator) / Decimal(value.denominator)).quantize(Decimal("0.001")))


def _minutes(seconds: int) -> str:
    return _number(Fraction(seconds, 60))


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
