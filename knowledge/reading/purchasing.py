"""Reads suppliers.csv, offers.csv and rates.csv."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from knowledge.calendars import LeadTime
from knowledge.plant import LotRule, Offer, Supplier
from knowledge.quantities import Units
from knowledge.reading.cells import Known, Parser, currency, number, quoted, whole
from knowledge.reading.items import Items
from knowledge.reading.tables import Row, Table
from knowledge.reading.working_time import DAYS, Times

RATE = number(above=0)
MONEY = number(least=0)
PREFERENCE = whole(least=0, most=1_000_000)


@dataclass(frozen=True, slots=True)
class Rates:
    """Of the plant's currency for one of each other, and the parser of references to a currency that has a rate."""

    by_currency: dict[str, Decimal]
    known: Known


def read_rates(table: Table, own: str) -> Rates:
    """The rates in file order; the plant's own currency needs none."""
    rates: dict[str, Decimal] = {}
    names = {own}
    for row in table:
        name, rate = row.need("currency", currency), row.need("rate", RATE)
        if name is None or not row.first(name, "currency", f"currency {name}"):
            continue
        if name == own and rate not in (None, 1):
            row.wrong("rate", f"{rate} is not 1, but {own} is the plant's own currency")
        names.add(name)
        rates[name] = rate or Decimal(1)
    return Rates(rates, table.known("currency", names))


@dataclass(frozen=True, slots=True)
class Suppliers:
    """The suppliers by code, and the parser of references to them."""

    by_code: dict[str, Supplier]
    known: Known


def read_suppliers(table: Table, currencies: Known, own: str) -> Suppliers:
    """The suppliers in file order; one that names no currency has the plant's. Without the file any may be named."""
    by_code: dict[str, Supplier] = {}
    for row in table:
        supplier = row.key("supplier", "supplier")
        value = Supplier(
            code=supplier or "",
            name=row.given("name"),
            currency=row.read("currency", currencies, own),
            order_cost=row.read("order_cost", MONEY, Decimal(0)),
        )
        if supplier is not None:
            by_code[supplier] = value
    return Suppliers(by_code, table.known("supplier", by_code, if_absent=False))


@dataclass(slots=True)
class _Terms:
    """What the rows of one supplier and item say together, each term with the row that gave it first."""

    breaks: dict[Units, Decimal] = field(default_factory=dict)
    rows: dict[Units, int] = field(default_factory=dict)
    given: dict[str, tuple[Any, int]] = field(default_factory=dict)

    def value(self, column: str, default: Any) -> Any:
        return self.given[column][0] if column in self.given else default


def read_offers(table: Table, items: Items, suppliers: Known, times: Times) -> dict[str, tuple[Offer, ...]]:
    """The offers of each item, in the order in which they begin."""
    offers: dict[str, dict[str, _Terms]] = {}
    for row in table:
        supplier, item = row.need("supplier", suppliers), row.need("item", items.known)
        terms = _Terms()
        if supplier is not None and item is not None:
            terms = offers.setdefault(item, {}).setdefault(supplier, terms)
        _read_break(row, terms, items, item)
        for column, parser in _TERMS:
            _read_term(row, terms, column, parser(items, item, times))
    return {
        item: tuple(_offer(supplier, item, terms, times) for supplier, terms in by_supplier.items())
        for item, by_supplier in offers.items()
    }


_TERMS: tuple[tuple[str, Callable[[Items, str | None, Times], Parser[Any]]], ...] = (
    ("minimum", lambda items, item, times: items.units(item, least=0)),
    ("multiple", lambda items, item, times: items.units(item, above=0)),
    ("lead_time_days", lambda items, item, times: DAYS),
    ("lead_time_calendar", lambda items, item, times: times.known),
    ("capacity_per_week", lambda items, item, times: items.units(item, above=0)),
    ("preference", lambda items, item, times: PREFERENCE),
)
"""What all rows of one supplier and item have to agree in, and how each is parsed."""


def _read_break(row: Row, terms: _Terms, items: Items, item: str | None) -> None:
    begin = row.read("price_from", items.units(item, least=0), None if row.given("price_from") else 0)
    price = row.need("unit_price", MONEY)
    if begin is None or row.muted:
        return
    before = terms.rows.setdefault(begin, row.number)
    if before != row.number:
        shown = quoted(row.given("price_from") or "0")
        row.wrong("price_from", f"a price from {shown} of this supplier and item is given in row {before} already")
    terms.breaks[begin] = price or Decimal(0)


def _read_term(row: Row, terms: _Terms, column: str, parse: Parser[Any]) -> None:
    value = row.read(column, parse, None)
    if value is None or row.muted:
        return
    first, number = terms.given.setdefault(column, (value, row.number))
    if first != value:
        shown = quoted(row.given(column))
        row.wrong(column, f"{shown} is not what row {number} says; rows of one supplier and item differ in prices only")


def _offer(supplier: str, item: str, terms: _Terms, times: Times) -> Offer:
    """One offer; what lies below its lowest `price_from` has no price, so it cannot be bought."""
    breaks = tuple(sorted(terms.breaks.items())) or ((0, Decimal(0)),)
    return Offer(
        supplier=supplier,
        item=item,
        breaks=breaks,
        lot=LotRule(minimum=max(terms.value("minimum", 0), breaks[0][0]), multiple=terms.value("multiple", 1)),
        lead_time=LeadTime(terms.value("lead_time_days", 0), times.by_name.get(terms.value("lead_time_calendar", ""))),
        capacity_per_week=terms.value("capacity_per_week", None),
        preference=terms.value("preference", 1),
    )
