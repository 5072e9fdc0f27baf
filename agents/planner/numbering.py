"""Numbers for planned supply: an order keeps its number for as long as the need that it was made for lasts.

Rows of one supplier that are ordered on one day share a purchase order number.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from operator import setitem
from typing import Any, Protocol, TypeVar

from agents.planner.book import Shop
from agents.planner.purchases import Buying
from knowledge.instants import Instant, local_date
from knowledge.plant import SupplyStatus
from knowledge.quantities import Units
from knowledge.supply import OperationSlot, PurchaseRow, WorkOrder, encode


@dataclass(slots=True)
class Counters:
    """The last numbers given."""

    work_order: int = 0
    purchase_order: int = 0

    def next_work_order(self, taken: set[str]) -> str:
        """The next number that no opening order has."""
        self.work_order += 1
        number = f"WO-{self.work_order:06d}"
        return self.next_work_order(taken) if number in taken else number

    def next_purchase_order(self, taken: set[str]) -> str:
        """The next number that no opening order has."""
        self.purchase_order += 1
        number = f"PO-{self.purchase_order:06d}"
        return self.next_purchase_order(taken) if number in taken else number


_QUARTER = 900
"""Days begin at quarters of an hour, in whatever zone."""

K = TypeVar("K")
V = TypeVar("V")

Day = tuple[str, dt.date]
"""A supplier, and the day on which it is ordered from."""


Setting = Callable[[dict[Any, Any], Any, Any], None]


@dataclass(slots=True)
class Registry:
    """Which purchase orders there are for which days. Nothing is removed in a decision, which may be undone."""

    planned: dict[tuple[str, Day], int] = field(default_factory=dict)
    """How many planned rows a purchase order has for a day."""
    by_day: dict[Day, dict[str, None]] = field(default_factory=dict)
    days: dict[str, dict[Day, None]] = field(default_factory=dict)
    """The days that each purchase order was ever planned for."""
    last: dict[str, int] = field(default_factory=dict)
    """The highest row of each purchase order, as far as something is planned of it."""
    rows: dict[str, set[int]] = field(default_factory=dict)
    """The planned rows of each purchase order, as they were after the last decision."""
    told: dict[str, int] = field(default_factory=dict)
    """The highest row of each that is not planned any more: it is not given again."""
    unread: dict[str, list[PurchaseRow]] = field(default_factory=dict)
    """Planned rows by supplier, of whom nobody has asked yet."""
    zone: dt.tzinfo = dt.UTC
    """Whose days the unread rows are ordered on."""

    def read(self, supplier: str) -> None:
        """Note what was planned to be bought of a supplier, where that was not looked at yet."""
        for row in self.unread.pop(supplier, ()):
            self.count(self.note(row, self.zone))
            self.rows.setdefault(row.number, set()).add(row.row)

    def note(self, row: PurchaseRow, zone: dt.tzinfo, set_: Setting = setitem) -> tuple[str, Day]:
        """Note a planned row, by what sets a key of a dictionary: what the row counts as."""
        if row.supplier in self.unread:
            self.read(row.supplier)
        day, number = day_of(row, zone), row.number
        if day not in self.by_day:
            set_(self.by_day, day, {})
        if number not in self.days:
            set_(self.days, number, {})
        if number not in self.by_day[day] or day not in self.days[number]:
            set_(self.by_day[day], number, None)
            set_(self.days[number], day, None)
        if row.row > self.last.get(number, 0):
            set_(self.last, number, row.row)
        return number, day

    def count(self, key: tuple[str, Day]) -> None:
        """Count a planned row."""
        self.planned[key] = self.planned.get(key, 0) + 1

    def close(self, row: PurchaseRow) -> None:
        """Note a row that is not planned any more: its number is not given again."""
        self.last[row.number] = max(row.row, self.last.get(row.number, 0))
        self.told[row.number] = max(row.row, self.told.get(row.number, 0))

    def settle(self, row: PurchaseRow, planned: bool) -> None:
        """A decision is over, after which a row is planned, or not: one that was planned only may be given again."""
        rows = self.rows.setdefault(row.number, set())
        (rows.add if planned else rows.discard)(row.row)
        last = max(max(rows, default=0), self.told.get(row.number, 0))
        if last:
            self.last[row.number] = last
        if not rows:
            del self.rows[row.number]

    def forget(self, key: tuple[str, Day]) -> None:
        """Let go of a day that a purchase order is not planned for any more."""
        number, day = key
        if self.planned.get(key):
            return
        self.planned.pop(key, None)
        _take_out(self.by_day, day, number)
        _take_out(self.days, number, day)
        self.forget_number(number, day[0])

    def forget_number(self, number: str, supplier: str) -> None:
        """Let go of a purchase order of which nothing is planned: it gets no row any more."""
        self.read(supplier)
        if number not in self.days:
            self.last.pop(number, None)
            self.told.pop(number, None)


class Ordered(Protocol):
    """A planned work order to be numbered: `document` is its key until then, `cause` what it is made for."""

    item: str
    quantity: Units
    start: Instant
    finish: Instant
    cause: str
    document: str
    kept: Units
    turn: int

    @property
    def slots(self) -> list[OperationSlot]:
        """Its operations."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What is to be numbered: work orders, from finished items down, and purchases."""

    orders: Sequence[Ordered]
    rows: Sequence[Buying]


@dataclass(frozen=True, slots=True)
class Others:
    """The purchase rows that are not numbered anew; `olds` are how many of those that may be replaced each purchase
    order has for a day."""

    registry: Registry
    olds: Mapping[tuple[str, Day], int]

    def last_row(self, number: str) -> int:
        """The highest row of a purchase order so far, in any group, released ones included."""
        return self.registry.last.get(number, 0)

    def number_on(self, day: Day) -> str | None:
        """The purchase order that others have planned for a day."""
        found: str | None = None
        planned, olds = self.registry.planned, self.olds
        for number in self.registry.by_day.get(day, ()):
            key = number, day
            if (found is None or number < found) and planned.get(key, 0) > olds.get(key, 0):
                found = number
        return found

    def elsewhere(self, number: str, day: Day) -> bool:
        """Whether others have a purchase order planned for another day."""
        planned, olds = self.registry.planned, self.olds
        keys = ((number, other) for other in self.registry.days.get(number, ()) if other != day)
        return any(planned.get(key, 0) > olds.get(key, 0) for key in keys)


def _take_out(where: dict[K, dict[V, None]], key: K, entry: V) -> None:
    found = where.get(key, {})
    found.pop(entry, None)
    if not found:
        where.pop(key, None)


def day_of(row: PurchaseRow | Buying, zone: dt.tzinfo) -> Day:
    """The supplier of a row, and the day on which it is ordered."""
    return row.supplier, _date_of(row.order_by // _QUARTER, zone)


@lru_cache(maxsize=32_768)
def _date_of(quarter: int, zone: dt.tzinfo) -> dt.date:
    return local_date(quarter * _QUARTER, zone)


@dataclass(slots=True)
class Numbering:
    """One run over plans. `work_orders` and `purchases` are the numbered result.

    `spare` gives a number that an item, from a supplier, had before the society began, if one is left.
    """

    shop: Shop
    counters: Counters
    taken: set[str]
    others: Others
    spare: Callable[[str, str], str | None]
    names: dict[str, str] = field(default_factory=dict)
    work_orders: list[WorkOrder] = field(default_factory=list)
    purchases: list[PurchaseRow] = field(default_factory=list)
    known: list[Mapping[str, str]] = field(default_factory=list)
    """The documents that orders which are not numbered anew have, by their keys."""
    bought: dict[str, Buying] = field(default_factory=dict)
    """What the new and changed purchase rows are made of, by document."""

    def run(self, changes: Iterable[Changes], old_orders: Iterable[WorkOrder], old_rows: Iterable[PurchaseRow]) -> None:
        """Number what has changed; `old_orders` and `old_rows` are the planned supply that it replaces.

        An order keeps the number of the one of its key, whatever number that was made for; else it gets that of the one
        for the same need that is closest in quantity.
        """
        free: dict[tuple[str, str], list[WorkOrder]] = {}
        keyed: dict[str, WorkOrder] = {}
        for order in old_orders:
            free.setdefault((order.item, order.cause), []).append(order)
            keyed[order.key] = order
        rows: list[Buying] = []
        for change in changes:
            for ordered in change.orders:
                cause = self._name(ordered.cause) or ordered.cause
                same = keyed.get(ordered.document) or _closest(free.get((ordered.item, cause), []), ordered.quantity)
                if same is not None:
                    free[same.item, same.cause].remove(same)
                    keyed.pop(same.key, None)
                self._order(ordered, cause, same)
            rows.extend(change.rows)
        self._rows(rows, list(old_rows))

    def _name(self, key: str) -> str | None:
        """The document that an order of this key has, or had."""
        name = self.names.get(key)
        if name is None:
            for known in self.known:
                if key in known:
                    return known[key]
        return name

    def _order(self, making: Ordered, cause: str, same: WorkOrder | None) -> None:
        number = same.number if same else self.spare(making.item, "")
        number = number or self.counters.next_work_order(self.taken)
        self.names[making.document] = encode(number)
        bom = self.shop.plant.boms.get(making.item)
        order = WorkOrder(
            number,
            making.item,
            making.quantity,
            making.start,
            making.finish,
            SupplyStatus.PLANNED,
            self.shop.parts(making.item, making.quantity),
            tuple(making.slots),
            bom.revision if bom else "",
            cause,
            kept=making.kept,
            key=making.document,
            turn=making.turn,
        )
        self.work_orders.append(order)

    def _rows(self, rows: list[Buying], old: list[PurchaseRow]) -> None:
        """Rows that are as they were stay; of the others those of one supplier and day share a number."""
        zone = self.shop.plant.zone
        known: dict[tuple[str, Instant], list[PurchaseRow]] = {}
        for each in old:
            known.setdefault((each.item, each.due), []).append(each)
        changed: dict[Day, list[tuple[Buying, str]]] = {}
        kept: dict[str, list[PurchaseRow]] = {}
        stays: set[str] = set()
        for row in rows:
            cause = self._name(row.cause) or row.cause
            for each in known.get((row.item, row.due), ()):
                if _is_like(row, cause, each) and each.document not in stays:
                    stays.add(each.document)
                    self.purchases.append(each)
                    kept.setdefault(each.number, []).append(each)
                    break
            else:
                changed.setdefault(day_of(row, zone), []).append((row, cause))
        if changed:
            self._changed_rows(changed, kept, [each for each in reversed(old) if each.document not in stays])

    def _changed_rows(
        self, changed: dict[Day, list[tuple[Buying, str]]], kept: dict[str, list[PurchaseRow]], free: list[PurchaseRow]
    ) -> None:
        """Number new and changed rows: with what goes out that day, else by the need or the day that a row had."""
        zone = self.shop.plant.zone
        for supplier, _ in changed:
            self.others.registry.read(supplier)
        on_day = {day_of(rows[0], zone): number for number, rows in kept.items()}
        wishes = _Wishes(free, zone)
        taken = set(kept)
        old: dict[str, list[PurchaseRow]] = {}
        for row in free:
            old.setdefault(row.number, []).append(row)
        for day in sorted(changed, key=lambda k: (k[1], k[0])):
            number = on_day.get(day) or self.others.number_on(day)
            for buying, cause in changed[day] if number is None else ():
                wish = wishes.of(buying, cause) or self.spare(buying.item, buying.supplier)
                if wish and wish not in taken and not self.others.elsewhere(wish, day):
                    number = wish
                    break
            number = number or self.counters.next_purchase_order(self.taken)
            taken.add(number)
            last = max([r.row for r in kept[number]]) if number in kept else 0
            self._order_rows(number, changed[day], old.get(number, ()), last)

    def _order_rows(self, number: str, rows: list[tuple[Buying, str]], old: Sequence[PurchaseRow], last: int) -> None:
        """Number the changed rows of one purchase order; an item keeps the row that it had."""
        free = sorted([(o.item, o.due, o.row) for o in old])
        last = max([last, self.others.last_row(number), *[row for _, _, row in free]])
        for row, cause in sorted(rows, key=lambda r: (r[0].item, r[0].due)) if len(rows) > 1 else rows:
            same = next((entry for entry in free if entry[0] == row.item), None) if free else None
            if same is not None:
                free.remove(same)
            last = last if same else last + 1
            purchase = PurchaseRow(
                number,
                same[2] if same else last,
                row.supplier,
                row.item,
                row.quantity,
                row.unit_price,
                row.currency,
                row.order_by,
                row.due,
                SupplyStatus.PLANNED,
                cause,
            )
            self.purchases.append(purchase)
            self.bought[purchase.document] = row


class _Wishes:
    """The numbers that rows had, by their needs and by the days when they were due."""

    def __init__(self, free: Iterable[PurchaseRow], zone: dt.tzinfo) -> None:
        self._free, self._zone = free, zone
        self._by_cause: dict[tuple[str, str, str], str] = {}
        self._by_due: dict[tuple[str, str, dt.date], str] = {}

    def of(self, row: Buying, cause: str) -> str | None:
        """The number that a row had, if any."""
        item, supplier = row.item, row.supplier
        if not self._by_cause:
            for o in self._free:
                self._by_cause[o.item, o.supplier, o.cause] = o.number
                self._by_due[o.item, o.supplier, _date_of(o.due // _QUARTER, self._zone)] = o.number
        number = self._by_cause.get((item, supplier, cause))
        return number or self._by_due.get((item, supplier, _date_of(row.due // _QUARTER, self._zone)))


def _is_like(row: Buying, cause: str, old: PurchaseRow) -> bool:
    """Whether a row of an item that was due then is the same row."""
    return (
        row.quantity == old.quantity
        and row.supplier == old.supplier
        and cause == old.cause
        and row.order_by == old.order_by
        and row.unit_price == old.unit_price
    )


def _closest(orders: list[WorkOrder], quantity: int) -> WorkOrder | None:
    return min(orders, key=lambda order: (abs(order.quantity - quantity), order.number), default=None)
