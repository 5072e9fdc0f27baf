"""What is written of a log's work orders: numbers, tables, and each work order as a customer order."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from knowledge.csv_text import write_csv
from knowledge.instants import iso
from simulations.learning.learned import Learned
from simulations.learning.work import Case

CUSTOMER = "shop"
SOURCE = "log"


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table as CSV."""
    file = io.StringIO()
    records: Iterable[Mapping[str, object]] = (dict(zip(columns, row, strict=True)) for row in rows)
    write_csv(file, columns, records)
    return file.getvalue()


def plain(value: Decimal) -> str:
    """A number without zeros at its end."""
    return f"{value.normalize():f}"


def number(value: Fraction) -> str:
    """A number to the thousandth."""
    return plain((Decimal(value.numerator) / Decimal(value.denominator)).quantize(Decimal("0.001")))


def quantity_of(case: Case) -> Decimal:
    """What was ordered; where the log does not say, the most that any step of it finished, or one."""
    made: dict[str, Decimal] = {}
    for work in case.work:
        made[work.step] = made.get(work.step, Decimal(0)) + work.good
    return case.quantity or max(made.values(), default=Decimal(0)) or Decimal(1)


def orders_of(learned: Learned, cases: Iterable[Case]) -> list[dict[str, Any]]:
    """Work orders as customer orders: received when they were released, or else when their first work began."""
    return [_order(learned, case) for case in cases]


def _order(learned: Learned, case: Case) -> dict[str, Any]:
    zone = learned.log.zone
    received = case.begin if case.received is None else min(case.received, case.begin)
    line = {
        "line": "1",
        "item": case.item,
        "quantity": plain(quantity_of(case)),
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
