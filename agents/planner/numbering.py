"""Numbers for planned supply: an order keeps its number for as long as the need that it was made for lasts.

Rows of one supplier that are ordered on one day share a purchase order number.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from agents.planner.book import Shop
from agents.planner.purchases import Buying
from agents.planner.regenerate import Making, Plan
from knowledge.instants import local_date
from knowledge.plant import SupplyStatus, components
from knowledge.supply import PurchaseRow, WorkOrder, encode


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


Day = tuple[str, dt.date]
"""A supplier, and the day on which it is ordered from."""


@dataclass(slots=True)
class Registry:
    """Purchase rows by number and by day. Entries are checked when they come up, never removed."""

    by_number: dict[str, dict[tuple[str, str], None]] = field(default_factory=dict)
    by_day: dict[Day, dict[str, None]] = field(default_factory=dict)
    last: dict[str, int] = field(default_factory=dict)
    """The highest row that each purchase order ever had."""

    def note(self, row: PurchaseRow, zone: dt.tzinfo) -> None:
        """Note a row."""
        self.by_number.setdefault(row.number, {})[row.document, row.item] = None
        self.by_day.setdefault(_day(row, zone), {})[row.number] = None
        self.close(row)

    def close(self, row: PurchaseRow) -> None:
        """Note a row that is not open any more: its number is not given again."""
        self.last[row.number] = max(row.row, self.last.get(row.number, 0))


@dataclass(frozen=True, slots=True)
class Others:
    """The purchase rows of groups that are not numbered anew; `find` is the open supply of a document and item."""

    registry: Registry
    groups: frozenset[int]
    shop: Shop
    find: Callable[[str, str], object]

    def last_row(self, number: str) -> int:
        """The highest row of a purchase order so far, in any group, released ones included."""
        return self.registry.last.get(number, 0)

    def number_on(self, day: Day) -> str | None:
        """The purchase order that other groups have planned for a day."""
        return next((n for n in sorted(self.registry.by_day.get(day, ())) if day in self._days(n)), None)

    def elsewhere(self, number: str, day: Day) -> bool:
        """Whether other groups have a purchase order planned for another day."""
        return any(other != day for other in self._days(number))

    def _days(self, number: str) -> set[Day]:
        group_of, zone = self.shop.group_of, self.shop.plant.zone
        return {
            _day(row, zone)
            for row in self._rows(number)
            if row.status is SupplyStatus.PLANNED and group_of[row.item] not in self.groups
        }

    def _rows(self, number: str) -> Iterable[PurchaseRow]:
        for document, item in self.registry.by_number.get(number, ()):
            row = self.find(document, item)
            if isinstance(row, PurchaseRow) and row.number == number:
                yield row


def _day(row: PurchaseRow, zone: dt.tzinfo) -> Day:
    return row.supplier, local_date(row.order_by, zone)


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
    bought: dict[str, Buying] = field(default_factory=dict)
    """What the new and changed purchase rows are made of, by document."""

    def run(
        self,
        plans: Iterable[Plan],
        old_orders: Iterable[WorkOrder],
        old_rows: Iterable[PurchaseRow],
        pinned: Iterable[PurchaseRow] = (),
    ) -> None:
        """Number plans of groups; `old_orders` and `old_rows` are the planned supply that they replace.

        `pinned` are planned rows of these groups that stay as they are, numbered already.
        """
        known: dict[str, list[WorkOrder]] = {}
        for order in old_orders:
            known.setdefault(order.item, []).append(order)
        rows: list[Buying] = []
        for plan in plans:
            for code in self.shop.groups[plan.group]:
                if code in plan.making:
                    self._orders(plan.making[code], known.get(code, []))
                rows.extend(plan.buying.get(code, ()))
        self._rows(rows, list(old_rows), pinned)

    def _orders(self, makings: list[Making], old: list[WorkOrder]) -> None:
        free: dict[str, list[WorkOrder]] = {}
        for order in old:
            free.setdefault(order.cause, []).append(order)
        for making in makings:
            cause = self.names.get(making.cause, making.cause)
            candidates = free.get(cause)
            same = _closest(candidates, making.quantity) if candidates else None
            if same is not None and candidates is not None:
                candidates.remove(same)
            self._order(making, cause, same)

    def _order(self, making: Making, cause: str, same: WorkOrder | None) -> None:
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
            components(bom, making.quantity),
            tuple(making.slots),
            bom.revision if bom else "",
            cause,
            kept=making.kept,
        )
        self.work_orders.append(order)

    def _rows(self, rows: list[Buying], old: list[PurchaseRow], pinned: Iterable[PurchaseRow]) -> None:
        """Rows that are as they were stay; of the others those of one supplier and day share a number."""
        zone = self.shop.plant.zone
        known = {_content(o, o.cause): o for o in reversed(old)}
        changed: dict[Day, list[tuple[Buying, str]]] = {}
        kept: dict[str, list[PurchaseRow]] = {}
        for stays in pinned:
            kept.setdefault(stays.number, []).append(stays)
        for row in rows:
            cause = self.names.get(row.cause, row.cause)
            same = known.pop(_content(row, cause), None)
            if same is not None:
                self.purchases.append(same)
                kept.setdefault(same.number, []).append(same)
            else:
                changed.setdefault((row.supplier, local_date(row.order_by, zone)), []).append((row, cause))
        if changed:
            self._changed_rows(changed, kept, list(known.values()))

    def _changed_rows(
        self, changed: dict[Day, list[tuple[Buying, str]]], kept: dict[str, list[PurchaseRow]], free: list[PurchaseRow]
    ) -> None:
        """Number new and changed rows: with what goes out that day, else by the need or the day that a row had."""
        zone = self.shop.plant.zone
        on_day = {_day(rows[0], zone): number for number, rows in kept.items()}
        by_cause = {(o.item, o.supplier, o.cause): o.number for o in free}
        by_due = {(o.item, o.supplier, local_date(o.due, zone)): o.number for o in free}
        taken = set(kept)
        for day in sorted(changed, key=lambda k: (k[1], k[0])):
            number = on_day.get(day) or self.others.number_on(day)
            for row, cause in changed[day] if number is None else ():
                due = local_date(row.due, zone)
                wish = by_cause.get((row.item, row.supplier, cause)) or by_due.get((row.item, row.supplier, due))
                wish = wish or self.spare(row.item, row.supplier)
                if wish and wish not in taken and not self.others.elsewhere(wish, day):
                    number = wish
                    break
            number = number or self.counters.next_purchase_order(self.taken)
            taken.add(number)
            old = [o for o in free if o.number == number]
            self._order_rows(number, changed[day], old, max((r.row for r in kept.get(number, ())), default=0))

    def _order_rows(self, number: str, rows: list[tuple[Buying, str]], old: list[PurchaseRow], last: int) -> None:
        """Number the changed rows of one purchase order; an item keeps the row that it had."""
        free = sorted((o.item, o.due, o.row) for o in old)
        last = max(last, self.others.last_row(number), max((o.row for o in old), default=0))
        for row, cause in sorted(rows, key=lambda r: (r[0].item, r[0].due)):
            same = next((entry for entry in free if entry[0] == row.item), None)
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


def _content(row: Buying | PurchaseRow, cause: str) -> tuple[object, ...]:
    """What makes a row the same row."""
    return row.item, row.supplier, row.quantity, row.due, row.order_by, row.unit_price, cause


def _closest(orders: list[WorkOrder], quantity: int) -> WorkOrder | None:
    return min(orders, key=lambda order: (abs(order.quantity - quantity), order.number), default=None)
