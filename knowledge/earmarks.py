"""Earmarks: stock and supply that belong to somebody, and whom they serve before the usual rule does.

A holder is a custom order line (its document name), which keeps what was made for it, in work and on the shelf; or a
customer (`customer:CODE`), for whose order lines stock is reserved. What a custom line does not need is free; what
a customer does not need stays reserved.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from knowledge.instants import Instant
from knowledge.quantities import Units
from knowledge.supply import STOCK, Supply, WorkOrder, base_document, encode

_CUSTOMER = "customer:"


def customer_holder(customer: str) -> str:
    """The holder of what is reserved for a customer."""
    return f"{_CUSTOMER}{encode(customer)}"


def is_line(holder: str) -> bool:
    """Whether a holder is an order line."""
    return not holder.startswith(_CUSTOMER)


class Owned(NamedTuple):
    """So many units of a receipt that are kept for an order line."""

    time: Instant
    units: Units
    document: str
    line: str


class Wanted(NamedTuple):
    """A dated requirement of one item."""

    time: Instant
    units: Units
    document: str


class Taken(NamedTuple):
    """The need of this index takes so many units of its own from a supply document, or from `stock`."""

    need: int
    supply: str
    units: Units


@dataclass(frozen=True, slots=True)
class Earmarks:
    """What of one item belongs to somebody: `shelf` by holder, and `work` that is still to come.

    `customers` says whose reserved stock an order line may take. What is dated before `now` counts then.
    """

    shelf: Mapping[str, Units] = field(default_factory=dict)
    work: tuple[Owned, ...] = ()
    customers: Mapping[str, str] = field(default_factory=dict)
    now: Instant = 0

    def __bool__(self) -> bool:
        return bool(self.shelf or self.work)


@dataclass(slots=True)
class Allotted:
    """What the holders' needs take of their own, and what is left on the shelf by holder."""

    taken: list[Taken]
    shelf: dict[str, Units]


def owned(supplies: Iterable[Supply]) -> tuple[Owned, ...]:
    """What of supply is kept for the order lines that it was made for."""
    return tuple(
        Owned(s.time, min(s.kept, s.receipt), s.document, base_document(s.cause))
        for s in supplies
        if isinstance(s, WorkOrder) and s.kept and s.receipt
    )


def allot(earmarks: Earmarks, wanted: Iterable[Wanted]) -> Allotted:
    """Give needs, in the order given, what is their own: of their line on the shelf, of its work that is there in time,
    then of their customer on the shelf."""
    shelf = dict(earmarks.shelf)
    work: dict[str, list[Owned]] = {}
    for entry in earmarks.work:
        work.setdefault(entry.line, []).append(entry)
    now = earmarks.now
    taken: list[Taken] = []
    for index, (time, left, document) in enumerate(wanted):
        line = base_document(document)
        customer = earmarks.customers.get(line)
        if customer is None and line not in shelf and line not in work:
            continue
        left = _from_shelf(shelf, line, index, left, taken)
        entries = work.get(line, ())
        for place, entry in enumerate(entries):
            units = min(left, entry.units) if max(entry.time, now) <= max(time, now) else 0
            if units:
                taken.append(Taken(index, entry.document, units))
                work[line][place] = entry._replace(units=entry.units - units)
                left -= units
        if customer is not None:
            _from_shelf(shelf, customer, index, left, taken)
    return Allotted(taken, shelf)


def _from_shelf(shelf: dict[str, Units], holder: str, index: int, most: Units, taken: list[Taken]) -> Units:
    """Take from what a holder has on the shelf; what is still needed."""
    units = min(most, shelf.get(holder, 0))
    if units:
        shelf[holder] -= units
        taken.append(Taken(index, STOCK, units))
    return most - units


def earmarks_by_item(
    marks: Iterable[Mapping[str, Any]],
    supplies: Iterable[Supply],
    promises: Iterable[Mapping[str, Any]],
    orders: Iterable[Mapping[str, Any]],
    now: Instant,
) -> dict[str, Earmarks]:
    """The earmarks of every item that has any, from their rows, open supply, and whose the promised lines are."""
    shelves: dict[str, dict[str, Units]] = {}
    for row in marks:
        shelves.setdefault(row["item"], {})[row["holder"]] = row["quantity"]
    work: dict[str, list[Supply]] = {}
    for supply in supplies:
        if isinstance(supply, WorkOrder) and supply.kept:
            work.setdefault(supply.item, []).append(supply)
    if not shelves and not work:
        return {}
    holders = {row["order"]: customer_holder(row["customer"]) for row in orders}
    customers = {f"{row['order']}/{encode(row['line'])}": holders[row["order"]] for row in promises}
    return {
        item: Earmarks(shelves.get(item, {}), owned(sorted(work.get(item, ()), key=_by_time)), customers, now)
        for item in sorted(shelves.keys() | work.keys())
    }


def _by_time(supply: Supply) -> tuple[bool, Instant, str]:
    return supply.status == "planned", supply.time, supply.document
