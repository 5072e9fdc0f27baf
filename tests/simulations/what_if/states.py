"""States made by hand: a plant, rows of the tables as people would write them, and what only the books know."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from knowledge.auditor import Books
from knowledge.instants import Instant, parse
from knowledge.plant import Plant, SupplyStatus
from knowledge.reading import read_plant
from knowledge.supply import OperationSlot, PurchaseRow, Release, WorkOrder
from simulations.report.reading import read_tables
from simulations.what_if.values import State

MONDAY = parse("2026-03-02T00:00:00Z")
FILES = {
    "plant.toml": 'name = "t"\ntimezone = "UTC"\ncurrency = "EUR"\n',
    "items.csv": "item,kind,supply\nF,finished,make\nR,raw,buy\n",
    "calendars.csv": "calendar,weekday,start,end\n" + "".join(f"day,{day},08:00,16:00\n" for day in range(1, 6)),
    "work_centres.csv": "work_centre,machines,calendar,cost_per_hour\nSAW,2,day,30\nMILL,1,,60\n",
    "suppliers.csv": "supplier,currency,order_cost\nS,EUR,20\nD,USD,10\n",
    "offers.csv": "supplier,item,unit_price\nS,R,1\n",
    "customers.csv": ("customer,lateness_weight,cost_per_shipment,late_cost_per_day_percent\nBIG,3,15,2\nSMALL,1,,\n"),
    "rates.csv": "currency,rate\nUSD,0.5\n",
}
PLANT = read_plant(FILES)

Rows = list[dict[str, str]]


def day(number: int, hour: int = 0) -> Instant:
    """A time in the days from the first Monday on."""
    return MONDAY + number * 86400 + hour * 3600


def when(number: int, hour: int = 0) -> str:
    return f"2026-03-{2 + number:02d}T{hour:02d}:00:00+00:00"


def promise(
    line: str, quantity: int, requested: int | None, promised: int | None, status: str = "promised", **more: str
) -> dict[str, str]:
    """A row of promises.csv; `line` is `order/line` of source t, times are days."""
    order, number = line.split("/")
    return {
        "order": f"t/{order}",
        "line": number,
        "item": "F",
        "classified_as": "make",
        "quantity": str(quantity),
        "requested": "" if requested is None else when(requested),
        "promised": "" if promised is None else when(promised),
        "status": status,
        "reason": "",
        **more,
    }


def work_order(number: str, finish: int, pegs: str, quantity: int = 5, status: str = "planned") -> dict[str, str]:
    return {
        "work_order": number,
        "item": "F",
        "quantity": str(quantity),
        "start": when(finish - 1),
        "finish": when(finish),
        "status": status,
        "pegged_to": pegs,
    }


def operation(order: str, step: str, centre: str, start: str, finish: str, machine: str = "1") -> dict[str, str]:
    return {
        "work_order": order,
        "step": step,
        "work_centre": centre,
        "machine": machine,
        "start": start,
        "finish": finish,
    }


def purchase(number: str, due: int, pegs: str, quantity: int = 5, supplier: str = "S", **more: str) -> dict[str, str]:
    return {
        "purchase_order": number,
        "supplier": supplier,
        "item": "R",
        "quantity": str(quantity),
        "unit_price": "2",
        "currency": "EUR",
        "order_by": when(due - 1),
        "due": when(due),
        "status": "planned",
        "pegged_to": pegs,
        **more,
    }


def shipment(number: str, line: str, ship: int, quantity: int = 5, customer: str = "BIG") -> dict[str, str]:
    order, line = line.split("/")
    return {
        "shipping_order": number,
        "order": f"t/{order}",
        "release": "1",
        "line": line,
        "item": "F",
        "quantity": str(quantity),
        "customer": customer,
        "ship_to": "",
        "ship": when(ship),
        "status": "planned",
    }


def order_row(number: str, customer: str, price: str, quantity: str, currency: str = "EUR") -> dict[str, Any]:
    """A row of the table of customer orders, with one line."""
    line = {"line": "1", "item": "F", "quantity": quantity, "unit_price": price}
    document = {
        "type": "customer_order",
        "source": "t",
        "number": number,
        "customer": customer,
        "currency": currency,
        "lines": [line],
    }
    body = {"source": "t", "number": number, "customer": customer, "document": json.dumps({"document": document})}
    return {"order": f"t/{number}", **body}


def release(line: str, ship: int, promised: int) -> Release:
    """A release of an order line that was promised for one day and is planned for another."""
    return Release(f"t/{line}", "", f"t/{line}", "F", 5, day(ship), day(promised), day(promised), 1, "BIG")


@dataclass(frozen=True)
class Made:
    """A work order as the books have it: minutes by work centre."""

    number: str
    minutes: Mapping[str, int]
    status: SupplyStatus = SupplyStatus.PLANNED


@dataclass(frozen=True)
class Known:
    """What only the books know."""

    orders: Iterable[dict[str, Any]] = ()
    made: Iterable[Made] = ()
    bought: Iterable[tuple[str, str]] = ()  # purchase order, supplier
    downtimes: Mapping[str, tuple[tuple[Instant, Instant], ...]] = field(default_factory=dict)
    releases: Iterable[Release] = ()
    on_hand: Mapping[str, int] = field(default_factory=dict)


def state(known: Known | None = None, plant: Plant = PLANT, now: Instant = MONDAY, **tables: Rows) -> State:
    """A state with these tables; those that are not named are empty."""
    known = known or Known()
    books = Books(
        plant,
        now,
        known.on_hand,
        [],
        list(known.orders),
        [],
        [],
        [_work_order(each) for each in known.made],
        [_purchase(number, supplier) for number, supplier in known.bought],
        known.downtimes,
        releases=list(known.releases),
    )
    return State(read_tables(tables), books)


def _work_order(made: Made) -> WorkOrder:
    slots = tuple(OperationSlot("10", centre, 1, 0, 0, minutes) for centre, minutes in made.minutes.items())
    return WorkOrder(made.number, "F", 5, 0, 0, made.status, (), slots)


def _purchase(number: str, supplier: str) -> PurchaseRow:
    return PurchaseRow(number, 1, supplier, "R", 5, Decimal(2), "EUR", 0, 0, SupplyStatus.PLANNED)
