"""Buying for one plan: which offers are in time for a need, what their weeks still hold, and what to take of whom."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import lru_cache

from agents.planner.book import Book
from agents.planner.netting import Shortage
from agents.planner.sourcing import Option, by_preference, cheapest, money_scale
from knowledge.instants import Instant, local_date, midnight
from knowledge.plant import Offer
from knowledge.quantities import Units
from knowledge.supply import PurchaseRow

_WEEKS_AHEAD = 53


@dataclass(slots=True)
class Buying:
    """A planned purchase row under construction."""

    item: str
    supplier: str
    quantity: Units
    unit_price: Decimal
    currency: str
    order_by: Instant
    due: Instant
    cause: str


@dataclass(frozen=True, slots=True)
class Priced:
    """An offer as an option to choose, priced in whole numbers of a money unit that all offers of the item share."""

    offer: Offer
    option: Option

    @property
    def counted(self) -> bool:
        """Whether it matters what else is bought of this supplier: its weeks are limited, or an order costs."""
        return self.offer.capacity_per_week is not None or self.option.order_cost > 0


@dataclass(slots=True)
class Buyer:
    """The purchases of one plan. `booked` counts what weeks of an offer are taken, `ordered` the days in use."""

    book: Book
    items: Iterable[str]
    booked: dict[tuple[str, str, dt.date], Units] = field(default_factory=dict)
    ordered: set[tuple[str, dt.date]] = field(default_factory=set)

    def __post_init__(self) -> None:
        for row in self.book.firm_purchases(self.items):
            self.count(row)

    def count(self, row: PurchaseRow) -> None:
        """Count a row that is there already, where that matters to what else is bought of its supplier."""
        if any(entry.counted and entry.offer.supplier == row.supplier for entry in self.offers(row.item)):
            self._note(row.supplier, row.item, row.quantity, row.order_by, row.due)

    def offers(self, item: str) -> tuple[Priced, ...]:
        """The priced offers of an item."""
        return priced(self.book, item)

    def first_arrival(self, item: str) -> Instant | None:
        """When the fastest offer arrives if ordered now; None where nobody offers the item."""
        now = self.book.now
        return min((p.offer.lead_time.forward(now) for p in self.offers(item)), default=None)

    def buy(self, item: str, shortage: Shortage, due: Instant) -> tuple[list[Buying], Units] | None:
        """Rows that bring a quantity by `due`, and how much they bring; None where that cannot be."""
        offers = self.offers(item)
        ways = self._in_time(item, offers, due, shortage.quantity)
        if not ways:
            return None
        choose = by_preference if self.book.shop.plant.sourcing == "preference" else cheapest
        choice = choose(self._options(ways), shortage.quantity, self.book.shop.seed)
        if choice is None:
            return None
        rows = [self._row(item, ways[n][0], quantity, ways[n][1], shortage.document) for n, quantity in choice]
        return rows, sum(row.quantity for row in rows)

    def earliest(self, item: str, quantity: Units) -> Instant | None:
        """The first time by which so much could arrive, ordered now; None for never."""
        offers = self.offers(item)
        for arrival in sorted({p.offer.lead_time.forward(self.book.now) for p in offers}):
            if self._enough(item, offers, arrival, quantity):
                return arrival
        if not offers:
            return None
        week = monday(local_date(max(p.offer.lead_time.forward(self.book.now) for p in offers), self._zone))
        for ahead in range(1, _WEEKS_AHEAD):
            begin = midnight(week + dt.timedelta(weeks=ahead), self._zone)
            if self._enough(item, offers, begin, quantity):
                return begin
        return None

    def joined(self, rows: list[Buying]) -> list[Buying]:
        """An item's rows with those of one supplier and day as one, due at the earliest of them."""
        days: dict[tuple[str, Instant], Buying] = {}
        for row in rows:
            first = days.setdefault((row.supplier, self.book.shop.day_end(row.due)), row)
            if first is not row:
                first.quantity += row.quantity
                first.due, first.order_by = min(first.due, row.due), min(first.order_by, row.order_by)
                offer = next(p.offer for p in self.offers(row.item) if p.offer.supplier == row.supplier)
                first.unit_price = offer.unit_price(first.quantity)
        return list(days.values())

    @property
    def _zone(self) -> dt.tzinfo:
        return self.book.shop.plant.zone

    def _enough(self, item: str, offers: tuple[Priced, ...], due: Instant, quantity: Units) -> bool:
        ways = self._in_time(item, offers, due, quantity)
        return bool(ways) and cheapest(self._options(ways), quantity) is not None

    def _in_time(
        self, item: str, offers: tuple[Priced, ...], due: Instant, quantity: Units
    ) -> list[tuple[Priced, Instant, Units | None]]:
        """(offer, arrival, most that can be had) of every way to have some by `due`."""
        ways: list[tuple[Priced, Instant, Units | None]] = []
        now = self.book.now
        for entry in offers:
            offer = entry.offer
            if offer.lead_time.backward(due) < now:
                continue
            if offer.capacity_per_week is None:
                ways.append((entry, due, None))
            else:
                ways.extend((entry, arrival, cap) for arrival, cap in self._weeks(item, offer, due, quantity))
        return ways

    def _options(self, ways: list[tuple[Priced, Instant, Units | None]]) -> tuple[Option, ...]:
        """The ways as options, numbered; an order that goes out that day to the supplier anyway costs nothing more."""
        if not any(entry.counted for entry, _, _ in ways):
            return tuple([_numbered(entry.option, n) for n, (entry, _, _) in enumerate(ways)])
        options = []
        for number, (entry, arrival, cap) in enumerate(ways):
            cost = entry.option.order_cost
            if cost:
                day = local_date(entry.offer.lead_time.backward(arrival), self._zone)
                cost = 0 if (entry.offer.supplier, day) in self.ordered else cost
            options.append(replace(entry.option, offer=number, cap=cap, order_cost=cost))
        return tuple(options)

    def _weeks(self, item: str, offer: Offer, due: Instant, quantity: Units) -> list[tuple[Instant, Units]]:
        """Weeks of a limited offer, the last first, until they hold enough: (arrival, what the week has left)."""
        assert offer.capacity_per_week is not None
        found: list[tuple[Instant, Units]] = []
        arrival, total = due, 0
        life = self.book.shop.plant.items[item].life
        oldest = due - life + 1 if life else 0  # what comes earlier does not keep until then
        while len(found) < _WEEKS_AHEAD and total < quantity and arrival >= oldest:
            if offer.lead_time.backward(arrival) < self.book.now:
                break
            week = monday(local_date(arrival, self._zone))
            left = offer.capacity_per_week - self.booked.get((offer.supplier, item, week), 0)
            if left > 0:
                found.append((arrival, left))
                total += left
            arrival = midnight(week, self._zone) - 60
        return found

    def _row(self, item: str, entry: Priced, quantity: Units, due: Instant, cause: str) -> Buying:
        offer = entry.offer
        supplier = self.book.shop.plant.suppliers.get(offer.supplier)
        currency = (supplier.currency if supplier else "") or self.book.shop.plant.currency
        order_by = offer.lead_time.backward(due)
        if entry.counted:
            self._note(offer.supplier, item, quantity, order_by, due)
        return Buying(item, offer.supplier, quantity, offer.unit_price(quantity), currency, order_by, due, cause)

    def _note(self, supplier: str, item: str, quantity: Units, order_by: Instant, due: Instant) -> None:
        zone = self._zone
        self.ordered.add((supplier, local_date(order_by, zone)))
        key = supplier, item, monday(local_date(due, zone))
        self.booked[key] = self.booked.get(key, 0) + quantity


def monday(day: dt.date) -> dt.date:
    return day - dt.timedelta(days=day.weekday())


def counted(book: Book, item: str) -> bool:
    """Whether what is bought of an item matters to what else is bought of a supplier of it."""
    return any(entry.counted for entry in priced(book, item))


def priced(book: Book, item: str) -> tuple[Priced, ...]:
    """An item's offers with prices in whole units of money a smallest unit, in the plant's currency."""
    cache = book.shop.priced
    found = cache.get(item)
    if found is None:
        found = cache[item] = _price(book, item)
    return found


def _price(book: Book, item: str) -> tuple[Priced, ...]:
    plant = book.shop.plant
    offers = plant.offers.get(item, ())
    rates, costs = [], []
    for offer in offers:
        supplier = plant.suppliers.get(offer.supplier)
        rate = plant.rate(supplier.currency if supplier else "")
        rates.append(rate if rate is not None else Decimal(1))
        costs.append((supplier.order_cost if supplier else Decimal(0)) * rates[-1])
    part = Decimal(1).scaleb(-plant.items[item].decimals)
    prices = [[price * rate * part for _, price in offer.breaks] for offer, rate in zip(offers, rates, strict=True)]
    scale = min(money_scale([*costs, *(price for row in prices for price in row)]), 10**9)
    return tuple(
        Priced(
            offer,
            Option(
                number,
                offer.supplier,
                tuple((begin, round(price * scale)) for (begin, _), price in zip(offer.breaks, row, strict=True)),
                offer.lot.minimum,
                offer.lot.multiple,
                None,
                round(cost * scale),
                offer.preference,
            ),
        )
        for number, (offer, row, cost) in enumerate(zip(offers, prices, costs, strict=True))
    )


@lru_cache(maxsize=4096)
def _numbered(option: Option, number: int) -> Option:
    return option if option.offer == number else replace(option, offer=number)
