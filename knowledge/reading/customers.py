"""Reads customers.csv."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from knowledge.plant import Customer
from knowledge.reading.cells import Known, number, whole, yes_no
from knowledge.reading.tables import Row, Table

PRIORITY = whole(least=1, most=1_000_000)
RELEASES = whole(least=1, most=1_000_000)
NOT_NEGATIVE = number(least=0)
PERCENT = number(least=0, most=100)
TRANSIT_DAYS = number(least=0, most=3650)


@dataclass(frozen=True, slots=True)
class Customers:
    """The customers by code (None where the folder has no customers.csv), and the parser of references to them."""

    by_code: dict[str, Customer] | None
    known: Known


def read_customers(table: Table) -> Customers:
    """The customers in file order."""
    by_code: dict[str, Customer] = {}
    for row in table:
        customer = row.key("customer", "customer")
        value = _customer(row, customer or "")
        if customer is not None:
            by_code[customer] = value
    return Customers(by_code if table.present else None, table.known("customer", by_code, if_absent=False))


def _customer(row: Row, customer: str) -> Customer:
    zero = Decimal(0)
    return Customer(
        code=customer,
        name=row.given("name"),
        priority=row.read("priority", PRIORITY, 5),
        lateness_weight=row.read("lateness_weight", NOT_NEGATIVE, Decimal(1)),
        partial_shipments=row.read("partial_shipments", yes_no, True),
        most_releases=row.read("most_releases", RELEASES, None),
        minimum_release_percent=row.read("minimum_release_percent", PERCENT, zero),
        cost_per_shipment=row.read("cost_per_shipment", NOT_NEGATIVE, zero),
        transit_days=row.read("transit_days", TRANSIT_DAYS, zero),
        late_cost_per_day_percent=row.read("late_cost_per_day_percent", PERCENT, zero),
    )
