"""Buying for one plan: which offers are in time for a need, what their weeks still hold, and what to take of whom."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import lru_cache, partial

from agents.planner.book import Book
from agents.planner.netting import Shortage
from agents.planner.sourcing import Choice, Option, Sourced, by_preference, cheapest, enough, money_scale
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
    how: list[Sourced] = field(default_factory=list, compare=False)
    """How the needs that it covers were sourced, in the order of their times; one for each need."""


@dataclass(frozen=True, slots=True)
class Priced:
    """An offer as an option to choose, priced in whole numbers of a money unit that all offers of the item share.

    `scale` of these units are one of the plant's currency.
    """

    offer: Offer
    option: Option
    scale: int
    counted: bool
    """Whether it matters what else is bought of this supplier: its weeks are limited, or an order costs."""


@dataclass(frozen=True, slots=True, eq=False)
class Chosen:
    """What to buy for a need: (offer, units, unit price, currency) of each supplier; how it was chosen; what it brings.

    Of no supplier where it cannot be bought. The same that is chosen again is the same object, as a rule.
    """

    ways: tuple[tuple[Offer, Units, Decimal, str], ...]
    how: Sourced
    total: Units

    def order_by(self, due: Instant) -> Instant:
        """When the first of it is to be ordered to be there by `due`."""
        return min([offer.lead_time.backward(due) for offer, _, _, _ in self.ways])


_NEVER: Instant = 2**62


class Chooser:
    """Chooses what to buy for needs of an item at one time, where that depends on nothing but the offers in time."""

    __slots__ = ("_choices", "_choose", "_item", "_numbers", "_safe", "now", "offers")

    def __init__(self, book: Book, item: str, offers: tuple[Priced, ...]) -> None:
        self.now, self.offers = book.now, offers
        self._item, self._choices = item, book.shop.choices
        self._numbers = tuple(range(len(offers)))
        self._safe = _safe_time(offers, book.now)
        self._choose = partial(_choose, book, offers)

    def __call__(self, quantity: Units, due: Instant) -> Chosen:
        """How much to buy of whom. What was chosen once is chosen again: the same value."""
        numbers = self._numbers
        if due < self._safe:
            in_time = (n for n, e in enumerate(self.offers) if e.offer.lead_time.backward(due) >= self.now)
            numbers = tuple(in_time)
        key = self._item, numbers, quantity
        chosen: Chosen | None = self._choices.get(key)
        if chosen is None:
            chosen = self._choices[key] = self._choose(numbers, quantity)
        return chosen


def _safe_time(offers: tuple[Priced, ...], now: Instant) -> Instant:
    """A time from which on every offer is in time."""
    time = max((entry.offer.lead_time.forward(now) for entry in offers), default=now)
    return time if all(entry.offer.lead_time.backward(time) >= now for entry in offers) else _NEVER


def _choose(book: Book, offers: tuple[Priced, ...], numbers: tuple[int, ...], quantity: Units) -> Chosen:
    plant = book.shop.plant
    choose = by_preference if plant.sourcing == "preference" else cheapest
    options = tuple([_numbered(offers[number].option, number) for number in numbers])
    choice = (choose(options, quantity, book.shop.seed) if options else None) or ()
    found = []
    for number, units in choice:
        offer = offers[number].offer
        supplier = plant.suppliers.get(offer.supplier)
        currency = (supplier.currency if supplier else "") or plant.currency
        found.append((offer, units, offer.unit_price(units), currency))
    how = Sourced(options, quantity, choice, offers[0].scale if offers else 1)
    return Chosen(tuple(found), how, sum(units for _, units in choice))


@dataclass(slots=True)
class Buyer:
    """The purchases of one plan. `booked` counts what weeks of an offer are taken, `ordered` the days in use."""

    book: Book
    items: Iterable[str]
    booked: dict[tuple[str, str, dt.date], Units] = field(default_factory=dict)
    ordered: set[tuple[str, dt.date]] = field(default_factory=set)
    _choosers: dict[str, Chooser] = field(default_factory=dict)

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
        if not counted(self.book, item):
            chosen = self.chooser(item)(shortage.quantity, due)
            own = replace(chosen, how=replace(chosen.how))  # a need is sourced by itself, though in the same way
            rows = self.rows(item, own, due, shortage.document)
            return (rows, sum(row.quantity for row in rows)) if rows else None
        ways = self._in_time(item, offers, due, shortage.quantity)
        if not ways:
            return None
        options, choice = self._choice(item, shortage.quantity, ways)
        if choice is None:
            return None
        how = Sourced(options, shortage.quantity, choice, offers[0].scale)
        rows = [self._row(item, ways[n][0], quantity, ways[n][1], shortage.document, how) for n, quantity in choice]
        return rows, sum(row.quantity for row in rows)

    def chooser(self, item: str) -> Chooser:
        """What chooses for needs of an item now, where it does not matter what else is bought."""
        offers = self.offers(item)
        known = self._choosers.get(item)
        if known is None or known.now != self.book.now or known.offers is not offers:
            known = self._choosers[item] = Chooser(self.book, item, offers)
        return known

    def rows(self, item: str, chosen: Chosen, due: Instant, document: str) -> list[Buying]:
        """What was chosen, as rows for a need."""
        how = chosen.how
        return [
            Buying(item, o.supplier, units, price, currency, o.lead_time.backward(due), due, document, [how])
            for o, units, price, currency in chosen.ways
        ]

    def again(self, row: PurchaseRow) -> Buying:
        """A row that is planned already as one under construction: of the offers in time its own was chosen."""
        offers, now = self.offers(row.item), self.book.now
        in_time = [number for number, entry in enumerate(offers) if entry.offer.lead_time.backward(row.due) >= now]
        options = tuple([_numbered(offers[number].option, number) for number in in_time])
        choice = tuple((option.offer, row.quantity) for option in options if option.supplier == row.supplier)[:1]
        how = Sourced(options, row.quantity, choice, offers[0].scale)
        price, times = (row.unit_price, row.currency), (row.order_by, row.due)
        return Buying(row.item, row.supplier, row.quantity, *price, *times, row.cause, [how])

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

    def arrivals(self, item: str, last: Instant) -> set[Instant]:
        """When more of an item than before can have come, ordered now, until a time: at first of each offer, and of
        limited ones week by week. Empty where nothing is limited."""
        offers = [entry.offer for entry in self.offers(item)]
        if all(offer.capacity_per_week is None for offer in offers):
            return set()
        found = {offer.lead_time.forward(self.book.now) for offer in offers}
        week = monday(local_date(min(found), self._zone))
        for ahead in range(1, _WEEKS_AHEAD):
            begin = midnight(week + dt.timedelta(weeks=ahead), self._zone)
            if begin >= last:
                break
            found.add(begin)
        return found

    def joined(self, rows: list[Buying]) -> list[Buying]:
        """An item's rows with those of one supplier and day as one, due at the earliest of them."""
        if len(rows) < 2:
            return rows
        day_end = self.book.shop.day_end
        days: dict[tuple[str, Instant], Buying] = {}
        last: dict[tuple[str, Instant], str] = {}  # the need whose rows were joined last: it was sourced once
        for row in rows:
            key = row.supplier, day_end(row.due)
            first = days.setdefault(key, row)
            if first is not row:
                first.quantity += row.quantity
                if row.how and (row.how[0] is not first.how[-1] or row.cause != last[key]):
                    first.how.extend(row.how)
                first.due, first.order_by = min(first.due, row.due), min(first.order_by, row.order_by)
                offer = next(p.offer for p in self.offers(row.item) if p.offer.supplier == row.supplier)
                first.unit_price = offer.unit_price(first.quantity)
            last[key] = row.cause
        return list(days.values())

    @property
    def _zone(self) -> dt.tzinfo:
        return self.book.shop.plant.zone

    def _enough(self, item: str, offers: tuple[Priced, ...], due: Instant, quantity: Units) -> bool:
        ways = self._in_time(item, offers, due, quantity)
        return enough((entry.option.within(cap) for entry, _, cap in ways), quantity)

    def _in_time(
        self, item: str, offers: tuple[Priced, ...], due: Instant, quantity: Units
    ) -> list[tuple[Priced, Instant, Units | None]]:
        """(offer, arrival, most that can be had) of every way to have some by `due`."""
        ways: list[tuple[Priced, Instant, Units | None]] = []
        now = self.book.now
        for entry in offers:
            offer = entry.offer
            if self.book.shop.order_by(offer, due) < now:
                continue
            if offer.capacity_per_week is None:
                ways.append((entry, due, None))
            else:
                ways.extend((entry, arrival, cap) for arrival, cap in self._weeks(item, entry, due, quantity))
        return ways

    def _choice(
        self, item: str, quantity: Units, ways: list[tuple[Priced, Instant, Units | None]]
    ) -> tuple[tuple[Option, ...], Choice | None]:
        """The ways as options, numbered, and what to take of them. What was chosen once is chosen again."""
        shop = self.book.shop
        key = item, quantity, self._terms(ways)
        known: tuple[tuple[Option, ...], Choice | None] | None = shop.choices.get(key)
        if known is None:
            options = tuple(
                replace(entry.option, offer=number, cap=cap, order_cost=cost, order=order)
                for number, ((entry, _, _), (_, cap, cost, order)) in enumerate(zip(ways, key[2], strict=True))
            )
            choose = by_preference if shop.plant.sourcing == "preference" else cheapest
            known = shop.choices[key] = options, choose(options, quantity, shop.seed)
        return known

    def _terms(
        self, ways: list[tuple[Priced, Instant, Units | None]]
    ) -> tuple[tuple[int, Units | None, int, int], ...]:
        """What makes each way other than its offer: (offer, most that can be had, cost of the order, its number).

        An order that goes out that day to the supplier anyway costs nothing more.
        """
        terms = []
        orders: dict[tuple[str, dt.date], int] = {}
        for number, (entry, arrival, cap) in enumerate(ways):
            cost, order = entry.option.order_cost, -1
            if cost:
                day = entry.offer.supplier, local_date(self.book.shop.order_by(entry.offer, arrival), self._zone)
                cost = 0 if day in self.ordered else cost
                order = orders.setdefault(day, number) if cost else -1
            terms.append((entry.option.offer, cap, cost, order))
        return tuple(terms)

    def _weeks(self, item: str, entry: Priced, due: Instant, quantity: Units) -> list[tuple[Instant, Units]]:
        """Weeks of a limited offer, the last first, until they hold enough: (arrival, what the week has left).

        Where a larger row may cost less, with a price break or one order instead of two, until whole weeks hold enough.
        """
        offer, found, shop = entry.offer, list[tuple[Instant, Units]](), self.book.shop
        capacity, now = offer.capacity_per_week, self.book.now
        assert capacity is not None
        bare = len(offer.breaks) == 1 and not entry.option.order_cost
        multiple, smallest = offer.lot.multiple, max(1, entry.option.lot(1))
        arrival, total = due, 0
        life = shop.plant.items[item].life
        oldest = due - life + 1 if life else 0  # what comes earlier does not keep until then
        while len(found) < _WEEKS_AHEAD and total < quantity and arrival >= oldest:
            if shop.order_by(offer, arrival) < now:
                break
            week, begin = shop.week(arrival)
            left = capacity - self.booked.get((offer.supplier, item, week), 0)
            lots = left - left % multiple
            if lots >= smallest:
                found.append((arrival, left))
                total += lots if bare or left == capacity else 0
            elif left == capacity:
                break  # not even a whole week holds the smallest lot
            arrival = begin - 60
        return found

    def _row(self, item: str, entry: Priced, quantity: Units, due: Instant, cause: str, how: Sourced) -> Buying:
        offer = entry.offer
        supplier = self.book.shop.plant.suppliers.get(offer.supplier)
        currency = (supplier.currency if supplier else "") or self.book.shop.plant.currency
        order_by = self.book.shop.order_by(offer, due)
        if entry.counted:
            self._note(offer.supplier, item, quantity, order_by, due)
        return Buying(item, offer.supplier, quantity, offer.unit_price(quantity), currency, order_by, due, cause, [how])

    def _note(self, supplier: str, item: str, quantity: Units, order_by: Instant, due: Instant) -> None:
        self.ordered.add((supplier, local_date(order_by, self._zone)))
        key = supplier, item, self.book.shop.week(due)[0]
        self.booked[key] = self.booked.get(key, 0) + quantity


def monday(day: dt.date) -> dt.date:
    return day - dt.timedelta(days=day.weekday())


def counted(book: Book, item: str) -> bool:
    """Whether what is bought of an item matters to what else is bought of a supplier of it."""
    known = book.shop.counted.get(item)
    if known is None:
        known = book.shop.counted[item] = any(entry.counted for entry in priced(book, item))
    return known


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
            scale,
            offer.capacity_per_week is not None or cost > 0,
        )
        for number, (offer, row, cost) in enumerate(zip(offers, prices, costs, strict=True))
    )


def _numbered(option: Option, number: int) -> Option:
    return option if option.offer == number else _renumbered(option, number)


@lru_cache(maxsize=4096)
def _renumbered(option: Option, number: int) -> Option:
    return replace(option, offer=number)
