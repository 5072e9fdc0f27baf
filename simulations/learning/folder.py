"""Writes what was learned: a knowledge folder, its work orders as customer orders, and the spreads beside it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

from knowledge.errors import SocietyError
from knowledge.instants import iso
from knowledge.reading import read_plant
from simulations.learning.fitting import quantile
from simulations.learning.learned import Learned
from simulations.learning.report import written
from simulations.learning.scenarios import scenario_texts
from simulations.learning.shifts import PLANT
from simulations.learning.standards import PERCENTS, spreads
from simulations.learning.tables import CUSTOMER, number, orders_of, plain, quantity_of, table
from simulations.learning.work import Case

BESIDE = "learned"
"""The folder beside the tables, for what no knowledge folder has."""

DOCUMENTS = "documents.jsonl"
HAPPENED = f"{BESIDE}/happened.csv"
_HAPPENED = (
    "work_order", "item", "quantity", "step", "work_centre", "begin", "end", "setup_minutes", "run_minutes",
    "rework_minutes", "good",
)  # fmt: skip


def check_place(folder: Path) -> None:
    """Refuse a place that holds something already. Raises SocietyError."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise SocietyError(f"--out {folder}: there is something already; give a new folder")


def write_learned(learned: Learned, folder: Path) -> None:
    """Write it all. The folder is one that `knowledge check` has nothing against, or nothing is written."""
    texts = knowledge_texts(learned)
    read_plant(texts)
    others = {
        DOCUMENTS: "".join(f"{json.dumps(order, ensure_ascii=False)}\n" for order in orders_of(learned, learned.cases)),
        HAPPENED: _happened(learned),
        f"{BESIDE}/operation_times.csv": _operation_times(learned),
        f"{BESIDE}/breakdowns.csv": _breakdowns(learned),
        "learned.md": written(learned),
    }
    others |= scenario_texts(learned, texts)
    for name, text in (texts | others).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


def knowledge_texts(learned: Learned) -> dict[str, str]:
    """The files of the knowledge folder."""
    name = learned.log.name.rpartition(".")[0] or learned.log.name
    has_calendar = PLANT in learned.calendars.calendars
    customers = sorted({CUSTOMER, *(case.customer for case in learned.cases if case.customer)})
    settings = f"name = {json.dumps(name)}\ntimezone = {json.dumps(str(learned.log.zone))}\n"
    if days := learned.days_in_work():  # who begins as late as standards allow has no time for what they leave out
        settings += f"release_horizon_days = {days}\n"
    found = {
        "plant.toml": settings + (f"calendar = {json.dumps(PLANT)}\n" if has_calendar else ""),
        "items.csv": table(
            ("item", "decimals", "kind", "supply", "unit_cost"),
            ((route.item, _decimals(learned.cases, route.item), "finished", "make", 1) for route in learned.routes),
        ),
        "routes.csv": table(
            ("item", "step", "work_centre", "setup_minutes", "run_minutes"),
            ((s.item, s.step, s.centre, plain(s.setup), plain(s.run)) for s in learned.standards),
        ),
        "work_centres.csv": table(
            ("work_centre", "machines", "calendar"),
            ((each.code, each.machines, learned.calendars.of_centre.get(each.code, "")) for each in learned.centres),
        ),
    }
    # a work order stays one: in parts it would be set up for more than once, which nobody did
    found["customers.csv"] = table(("customer", "partial_shipments"), ((customer, "no") for customer in customers))
    if has_calendar:
        calendars = learned.calendars.calendars
        found["calendars.csv"] = table(
            ("calendar", "weekday", "start", "end"),
            (
                (name, shift.weekday, _clock(shift.start), _clock(shift.end))
                for name, calendar in calendars.items()
                for shift in calendar.shifts
            ),
        )
        holidays = [(name, day) for name, calendar in calendars.items() for day in sorted(calendar.holidays)]
        if holidays:
            found["holidays.csv"] = table(("calendar", "date"), holidays)
    return found


def _happened(learned: Learned) -> str:
    """What was done, a row for each step of a work order at each work centre."""
    zone = learned.log.zone
    rows = []
    for case in learned.cases:
        for work in sorted(case.work, key=lambda w: (w.begin, w.step, w.centre)):
            times = (_minutes(work.setup), _minutes(work.run), _minutes(work.rework))
            key = case.case, case.item, plain(quantity_of(case)), work.step, work.centre
            rows.append((*key, iso(work.begin, zone), iso(work.end, zone), *times, plain(work.good)))
    return table(_HAPPENED, rows)


def _operation_times(learned: Learned) -> str:
    columns = ["item", "step", "work_centre", "quantity_from", "quantity_to", "observations"]
    columns += ["setup_minutes", "run_minutes", "fit", *(f"ratio_p{percent}" for percent in PERCENTS)]
    rows = [
        (
            spread.standard.item,
            spread.standard.step,
            spread.standard.centre,
            number(spread.quantity_from),
            number(spread.quantity_to),
            spread.seen,
            plain(standard.setup),
            plain(standard.run),
            standard.fit,
            *map(number, spread.ratios),
        )
        for standard in learned.standards
        for spread in spreads(standard)
    ]
    return table(columns, rows)


def _breakdowns(learned: Learned) -> str:
    rows = [
        (
            centre.code,
            len(centre.breakdowns),
            number(Fraction(centre.busy, 3600 * len(centre.breakdowns))),
            *(number(quantile(centre.breakdowns, percent) / 60) for percent in (50, 90)),
        )
        for centre in learned.centres
        if centre.breakdowns
    ]
    return table(("work_centre", "breakdowns", "busy_hours_between", "minutes_p50", "minutes_p90"), rows)


def _decimals(cases: Iterable[Case], item: str) -> int:
    exponents = [quantity_of(case).normalize().as_tuple().exponent for case in cases if case.item == item]
    return max([0, *(-exponent for exponent in exponents if isinstance(exponent, int))])


def _minutes(seconds: int) -> str:
    return number(Fraction(seconds, 60))


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
