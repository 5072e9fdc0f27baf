"""Random plants and order streams for property tests: small, in the contract's own formats, made to shrink well.

Items are named by level, `L0-0` a finished one. Times of a stream are minutes after `START`, a Monday's midnight.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from simulations.torture.documents import DAY_MINUTES, START, cancel, change, order

_SETTINGS = (
    'name = "random"\ntimezone = "UTC"\ncurrency = "EUR"\nrelease_horizon_days = {horizon}\n'
    "frozen_horizon_days = {frozen}\n{sourcing}"
)
_CUSTOMERS = (
    "customer,priority,partial_shipments,most_releases,minimum_release_percent,transit_days\n"
    "ANY,5,yes,,,0\nWHOLE,2,no,,,0\nFEW,1,yes,2,25,1\n"
)
_CALENDARS = "calendar,weekday,start,end\n" + "".join(
    f"day,{day},08:00,12:00\nday,{day},13:00,17:00\n" for day in range(1, 6)
)


@dataclass(frozen=True)
class Case:
    """A plant's knowledge files and the documents that come to it; shown whole where a test fails."""

    files: dict[str, str]
    documents: tuple[dict[str, Any], ...]


def _table(columns: str, rows: Iterable[Iterable[object]]) -> str:
    lines = [columns.replace(" ", ",")]
    lines.extend(",".join("" if cell is None else str(cell) for cell in row) for row in rows)
    return "\n".join(lines) + "\n"


@st.composite
def plants(draw: st.DrawFn, frozen: tuple[int, ...] = (0,)) -> dict[str, str]:
    """The files of a plant of two to four levels, the last one bought; `frozen` are its horizons to choose from."""
    sizes = draw(st.lists(st.integers(1, 2), min_size=2, max_size=4))
    levels = [[f"L{level}-{n}" for n in range(size)] for level, size in enumerate(sizes)]
    made = [item for level in levels[:-1] for item in level]
    files = {
        "plant.toml": _SETTINGS.format(
            horizon=draw(st.sampled_from([0, 2])),
            frozen=draw(st.sampled_from(frozen)),
            sourcing=draw(st.sampled_from(["", 'sourcing = "preference"\n'])),
        ),
        "customers.csv": _CUSTOMERS,
        "calendars.csv": _CALENDARS,
        "items.csv": _items(draw, made, levels[-1]),
        "bom.csv": _table("parent component quantity scrap_percent", _bom(draw, levels)),
        "work_centres.csv": _work_centres(draw),
        "routes.csv": _table("item step work_centre setup_minutes run_minutes", _routes(draw, made)),
    }
    return files | _purchasing(draw, levels[-1]) | _stock(draw, [*made, *levels[-1]])


@st.composite
def versions(draw: st.DrawFn, files: dict[str, str]) -> dict[str, str]:
    """Another version of a plant's files: some of them are drawn anew for the same items and work centres."""
    levels: list[list[str]] = []
    for item in items_of(files):
        level = int(item[1:].partition("-")[0])
        levels.extend([] for _ in range(level + 1 - len(levels)))
        levels[level].append(item)
    made = [item for level in levels[:-1] for item in level]
    kinds = draw(st.sets(st.sampled_from(["items", "bom", "centres", "routes", "offers", "hours"]), min_size=1))
    new = dict(files)
    if "items" in kinds:
        new["items.csv"] = _items(draw, made, levels[-1])
    if "bom" in kinds:
        new["bom.csv"] = _table("parent component quantity scrap_percent", _bom(draw, levels))
    if "centres" in kinds:
        new["work_centres.csv"] = _work_centres(draw)
    if "routes" in kinds:
        new["routes.csv"] = _table("item step work_centre setup_minutes run_minutes", _routes(draw, made))
    if "offers" in kinds:
        new |= _purchasing(draw, levels[-1])
    if "hours" in kinds:
        hours = draw(st.sampled_from(["06:00,10:00", "10:00,11:30", "08:00,24:00"]))
        new["calendars.csv"] = "calendar,weekday,start,end\n" + "".join(f"day,{day},{hours}\n" for day in range(2, 7))
    return new


def _items(draw: st.DrawFn, made: list[str], bought: list[str]) -> str:
    rows = []
    for item in (*made, *bought):
        makes = item in made
        lot_multiple = draw(st.sampled_from([None, 4])) if makes else None
        rows.append(
            (
                item,
                "intermediate",
                "make" if makes else "buy",
                draw(st.sampled_from([0, 1, 3])) if makes else 0,
                draw(st.sampled_from([None, "day"])) if makes else None,
                draw(st.sampled_from([0, 0, 5])),
                draw(st.sampled_from([None, 6])) if makes else None,
                draw(st.sampled_from([None, 12])) if makes else None,
                lot_multiple,
            )
        )
    columns = "item kind supply lead_time_days lead_time_calendar safety_stock lot_minimum lot_maximum lot_multiple"
    return _table(columns, rows)


def _bom(draw: st.DrawFn, levels: list[list[str]]) -> list[tuple[object, ...]]:
    """Each made item takes one or two items of the levels below; at least one of the next."""
    rows: list[tuple[object, ...]] = []
    for level, items in enumerate(levels[:-1]):
        below = [item for deeper in levels[level + 1 :] for item in deeper]
        for item in items:
            parts = {draw(st.sampled_from(levels[level + 1]))}
            parts |= draw(st.sets(st.sampled_from(below), max_size=1))
            rows.extend((item, part, draw(st.integers(1, 3)), draw(st.sampled_from([0, 10]))) for part in sorted(parts))
    return rows


def _work_centres(draw: st.DrawFn) -> str:
    rows = [
        (
            centre,
            draw(st.integers(1, 2)),
            draw(st.sampled_from([None, "day"])),
            draw(st.sampled_from([100, 80])),
        )
        for centre in ("W0", "W1")
    ]
    return _table("work_centre machines calendar efficiency_percent", rows)


def _routes(draw: st.DrawFn, made: list[str]) -> list[tuple[object, ...]]:
    """No route, one step, two steps, or one step with an alternative."""
    shapes: list[tuple[tuple[int, str], ...]] = [
        (),
        ((10, "W0"),),
        ((10, "W1"),),
        ((10, "W0"), (20, "W1")),
        ((10, "W0"), (10, "W1")),
    ]
    return [
        (item, step, centre, draw(st.sampled_from([0, 30])), draw(st.sampled_from([0, 10, "45.5"])))
        for item in made
        for step, centre in draw(st.sampled_from(shapes))
    ]


def _purchasing(draw: st.DrawFn, bought: list[str]) -> dict[str, str]:
    offers: list[tuple[object, ...]] = []
    for item in bought:
        for supplier in draw(st.sampled_from([("S0",), ("S0", "S1"), ("S1",), ()])):
            lots = draw(st.sampled_from([(0, 1), (10, 1), (0, 5), (7, 3)]))
            lead = draw(st.sampled_from([(0, None), (2, None), (5, "day"), (10, None)]))
            capacity = draw(st.sampled_from([None, None, 30]))
            preference = draw(st.integers(1, 2))
            price = draw(st.integers(1, 5))
            for start, cheaper in draw(st.sampled_from([((0, 0),), ((0, 0), (20, 1))])):
                offers.append((supplier, item, start, price - cheaper * 0.5, *lots, *lead, capacity, preference))
    columns = "supplier item price_from unit_price minimum multiple lead_time_days lead_time_calendar"
    costs = [(code, draw(st.sampled_from([0, 25]))) for code in ("S0", "S1")]
    return {
        "offers.csv": _table(f"{columns} capacity_per_week preference", offers),
        "suppliers.csv": _table("supplier order_cost", costs),
    }


def _stock(draw: st.DrawFn, items: list[str]) -> dict[str, str]:
    stock = [(item, draw(st.integers(0, 15))) for item in items]
    due = draw(st.sampled_from([None, 3, 12]))
    opening = []
    if due is not None:
        day = (START + dt.timedelta(days=due)).date()
        opening.append(("purchase_order", "OLD-1", items[-1], draw(st.integers(1, 20)), day, "S0", "released"))
    return {
        "stock.csv": _table("item quantity", stock),
        "open_orders.csv": _table("kind number item quantity due supplier status", opening),
    }


# -- streams

DAYS = st.one_of(st.integers(0, 30), st.none())


@st.composite
def streams(draw: st.DrawFn, items: list[str], gaps: tuple[int, ...], most: int = 5) -> tuple[dict[str, Any], ...]:
    """Orders, changes and cancels; `gaps` are the minutes that may pass between two of them."""
    documents: list[dict[str, Any]] = []
    minutes, orders = 0, 0
    for _ in range(draw(st.integers(1, most))):
        kind = draw(st.sampled_from(["order", "order", "change", "cancel"])) if orders else "order"
        number = str(orders + 1) if kind == "order" else str(draw(st.integers(1, orders)))
        if kind == "order":
            orders += 1
            customer = draw(st.sampled_from(["ANY", "WHOLE", "FEW"]))
            line = st.tuples(st.sampled_from(items), st.integers(1, 25), DAYS)
            documents.append(order(number, customer, draw(st.lists(line, min_size=1, max_size=2)), minutes))
        elif kind == "change":
            documents.append(change(number, "1", draw(st.integers(0, 25)), draw(DAYS), minutes))
        else:
            documents.append(cancel(number, minutes))
        minutes += draw(st.sampled_from(gaps))
    return tuple(documents)


def items_of(files: dict[str, str]) -> list[str]:
    """The items of a plant's files."""
    return [line.partition(",")[0] for line in files["items.csv"].splitlines()[1:]]


@st.composite
def cases(draw: st.DrawFn, gaps: tuple[int, ...] = (0, 1, 60, DAY_MINUTES), most: int = 5) -> Case:
    """A plant and a stream of orders for it."""
    files = draw(plants())
    return Case(files, draw(streams(items_of(files), gaps, most)))
