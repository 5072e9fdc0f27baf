"""The outlook of one item: every dated receipt and requirement, the balance after it, and what each is pegged to.

Nothing is decided here: the balances are those of `Availability`, the pegs those of `peg`. What is dated before now is
overdue, and counts at now.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum

from knowledge.auditor import Books
from knowledge.availability import availability_of
from knowledge.errors import SocietyError
from knowledge.instants import Instant
from knowledge.pegging import Pegs, events_by_item, peg
from knowledge.plant import Item, Plant
from knowledge.quantities import Units
from knowledge.shelf_life import EXPIRED, steps_of
from knowledge.supply import STOCK, PurchaseRow, WorkOrder, base_document

_MOST_NEAR = 5


class UnknownItemError(SocietyError):
    """An item that neither the plant nor its records know; the message names those whose codes are near."""


class EventKind(StrEnum):
    """What the document of an event is. `UNKNOWN`: the records have no document of that name."""

    PURCHASE_ORDER = "purchase_order"
    WORK_ORDER = "work_order"
    ORDER_LINE = "order_line"
    COMPONENT = "component"
    EXPIRY = "expiry"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Pegged:
    """So many units of an event are for a document, or come from one; either may be `stock`.

    `late` says that the supply of the two comes after the need.
    """

    document: str
    units: Units
    late: bool = False


@dataclass(frozen=True, slots=True)
class Level:
    """So many units at a time: a balance, or what is missing."""

    time: Instant
    units: Units


@dataclass(frozen=True, slots=True)
class Step:
    """The projected available balance and what may be promised, from a time on."""

    time: Instant
    projected: Units
    promisable: Units


@dataclass(frozen=True, slots=True)
class ItemEvent:
    """A dated receipt (units above 0) or requirement (below 0).

    `partner` is the supplier of a purchase order, the customer of an order line, the item that the work order of a
    component makes. `projected` and `promisable` hold once everything of that instant has happened. `pegs` are the
    needs that a receipt is for, or the supplies that a requirement takes or waits for; `short` is what nothing covers.
    """

    time: Instant
    document: str
    kind: EventKind
    status: str
    partner: str
    units: Units
    projected: Units
    promisable: Units
    pegs: tuple[Pegged, ...]
    short: Units = 0
    overdue: bool = False


@dataclass(frozen=True, slots=True)
class Outlook:
    """One item from now on: its events in order of time, and the steps of both functions of availability.

    `stock_pegs` are the needs that what is on hand is for.
    """

    item: Item
    zone: dt.tzinfo
    now: Instant
    on_hand: Units
    stock_pegs: tuple[Pegged, ...]
    events: tuple[ItemEvent, ...]
    steps: tuple[Step, ...]
    lowest: Level
    first_shortage: Level | None

    @property
    def first_below_safety_stock(self) -> Level | None:
        """Where the balance first falls below the safety stock, and by how much."""
        safety = self.item.safety_stock
        low = next((step for step in self.steps if step.projected < safety), None)
        return None if low is None else Level(low.time, safety - low.projected)


def outlook_of(books: Books, code: str) -> Outlook:
    """The outlook of an item. Raises UnknownItemError."""
    rows = [row for row in books.events if row["item"] == code]
    item = books.plant.items.get(code)
    if item is None:
        if not rows and code not in books.on_hand:
            raise UnknownItemError(_unknown(code, books.plant))
        item = Item(code)  # the plant knows it no longer, its records still do
    on_hand = books.on_hand.get(code, 0)
    function = availability_of({code: on_hand}, rows)[code]
    dated = events_by_item(rows).get(code, [])
    pegs = peg(on_hand, dated, item.safety_stock, books.earmarks().get(code))
    times = {event.document: max(event.time, books.now) for event in dated}
    steps = tuple(Step(*step) for step in steps_of(function, item.life, books.now))
    writer = _Writer(books, steps, pegs, times)
    status = {str(row["document"]): str(row["status"]) for row in rows}
    short = function.first_shortage(books.now)
    return Outlook(
        item=item,
        zone=books.plant.zone,
        now=books.now,
        on_hand=on_hand,
        stock_pegs=writer.pegged(STOCK, pegs.of_supply(), books.now, supply=True),
        events=tuple(
            writer.event(time, units, document, status[document])
            for time, units, document in sorted(dated, key=lambda event: (event.time, event.units < 0, event.document))
        ),
        steps=steps,
        lowest=_lowest(steps, function.lowest(books.now)),
        first_shortage=None if short is None else Level(*short),
    )


def _lowest(steps: Iterable[Step], units: Units) -> Level:
    return Level(next(step.time for step in steps if step.projected == units), units)


class _Writer:
    """Makes events: knows the documents, the function and the pegs."""

    def __init__(self, books: Books, steps: Sequence[Step], pegs: Pegs, times: Mapping[str, Instant]) -> None:
        self._now = books.now
        self._steps = steps
        self._times = times
        self._of_supply, self._of_need, self._short = pegs.of_supply(), pegs.of_need(), dict(pegs.short)
        self._supply: dict[str, WorkOrder | PurchaseRow] = {row.document: row for row in books.purchases}
        self._supply.update((order.document, order) for order in books.work_orders)
        self._customers = {str(row["order"]): str(row["customer"]) for row in books.orders}

    def event(self, time: Instant, units: Units, document: str, status: str) -> ItemEvent:
        at = max(time, self._now)
        kind, partner = self._kind(document, units)
        step = self._steps[max(0, bisect_right(self._steps, at, key=lambda s: s.time) - 1)]
        receipt = units > 0
        return ItemEvent(
            time=time,
            document=document,
            kind=kind,
            status=status,
            partner=partner,
            units=units,
            projected=step.projected,
            promisable=step.promisable,
            pegs=self.pegged(document, self._of_supply if receipt else self._of_need, at, supply=receipt),
            short=self._short.get(document, 0),
            overdue=time < self._now,
        )

    def pegged(
        self, document: str, pegs: Mapping[str, list[tuple[str, Units]]], at: Instant, *, supply: bool
    ) -> tuple[Pegged, ...]:
        """The other ends of a document's pegs; what is no dated document is there at any time."""
        found = []
        for other, units in pegs.get(document, ()):
            there = self._times.get(other, at)
            found.append(Pegged(other, units, late=at > there if supply else there > at))
        return tuple(found)

    def _kind(self, document: str, units: Units) -> tuple[EventKind, str]:
        supply = self._supply.get(document)
        if isinstance(supply, PurchaseRow):
            return EventKind.PURCHASE_ORDER, supply.supplier
        if isinstance(supply, WorkOrder):
            return (EventKind.WORK_ORDER, "") if units > 0 else (EventKind.COMPONENT, supply.item)
        if document.startswith(EXPIRED):
            return EventKind.EXPIRY, ""
        customer = self._customers.get(base_document(document).rpartition("/")[0])
        return (EventKind.UNKNOWN, "") if customer is None else (EventKind.ORDER_LINE, customer)


def _unknown(code: str, plant: Plant) -> str:
    *others, last = near_items(code, plant) or [""]
    told = f"; did you mean {', '.join(others)} or {last}?" if others else f"; did you mean {last}?" if last else ""
    return f"item {code or repr(code)} is not known{told}"


def near_items(code: str, plant: Plant) -> list[str]:
    """The item of the same letters and digits; else those whose code holds it, is much like it, or is described so."""
    wanted = _plain(code)
    if not wanted:
        return []
    codes: dict[str, list[str]] = {}
    for known in plant.items:
        codes.setdefault(_plain(known), []).append(known)
    if wanted in codes:
        return codes[wanted]
    names = [name for name in codes if wanted in name] + get_close_matches(wanted, codes, n=3, cutoff=0.7)
    described = [known for known, item in plant.items.items() if wanted in _plain(item.description)]
    return list(dict.fromkeys([*(known for name in names for known in codes[name]), *described]))[:_MOST_NEAR]


def _plain(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())
