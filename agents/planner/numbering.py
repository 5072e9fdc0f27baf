"""Numbers for planned supply: an order keeps its number for as long as the need that it was made for lasts.

Rows of one supplier that are ordered on one day share a purchase order number.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field

from agents.planner.book import Shop
from agents.planner.purchases import Buying
from agents.planner.regenerate import Making, Plan
from knowledge.instants import local_date
from knowledge.plant import SupplyStatus
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


@dataclass(slots=True)
class Numbering:
    """One run over a plan. `work_orders` and `purchases` are the numbered result."""

    shop: Shop
    counters: Counters
    taken: set[str]
    names: dict[str, str] = field(default_factory=dict)
    work_orders: list[WorkOrder] = field(default_factory=list)
    purchases: list[PurchaseRow] = field(default_factory=list)

    def run(self, plan: Plan, old_orders: Iterable[WorkOrder], old_rows: Iterable[PurchaseRow]) -> None:
        """Number a plan; `old_orders` and `old_rows` are the planned supply that it replaces."""
        known: dict[str, list[WorkOrder]] = {}
        for order in old_orders:
            known.setdefault(order.item, []).append(order)
        for code in self.shop.groups[plan.group]:
            if code in plan.making:
                self._orders(plan.making[code], known.get(code, []))
        self._rows([row for code in self.shop.groups[plan.group] for row in plan.buying.get(code, ())], list(old_rows))

    def _orders(self, makings: list[Making], old: list[WorkOrder]) -> None:
        free: dict[str, list[WorkOrder]] = {}
        for order in old:
            free.setdefault(order.cause, []).append(order)
        for making in makings:
            cause = self.names.get(making.cause, making.cause)
            candidates = free.get(cause) or free.get("")  # an opening order was made for nobody yet
            same = _closest(candidates, making.quantity) if candidates else None
            if same is not None and candidates is not None:
                candidates.remove(same)
            self._order(making, cause, same)

    def _order(self, making: Making, cause: str, same: WorkOrder | None) -> None:
        number = same.number if same else self.counters.next_work_order(self.taken)
        self.names[making.document] = encode(number)
        bom = self.shop.plant.boms.get(making.item)
        parts: dict[str, int] = {}
        for part in bom.components if bom else ():
            parts[part.item] = parts.get(part.item, 0) + part.need(making.quantity)
        order = WorkOrder(
            number,
            making.item,
            making.quantity,
            making.start,
            making.finish,
            SupplyStatus.PLANNED,
            tuple(parts.items()),
            tuple(making.slots),
            bom.revision if bom else "",
            cause,
        )
        self.work_orders.append(order)

    def _rows(self, rows: list[Buying], old: list[PurchaseRow]) -> None:
        """Keep a row's number by its need or its day, then let rows of one supplier and day share one."""
        zone = self.shop.plant.zone
        opening = {(o.item, o.supplier, ""): o.number for o in reversed(old) if not o.cause}
        by_cause = {(o.item, o.supplier, o.cause): o.number for o in reversed(old)}
        by_day = {(o.item, o.supplier, local_date(o.due, zone)): o.number for o in reversed(old)}
        orders: dict[tuple[str, dt.date], list[tuple[Buying, str]]] = {}
        wishes: dict[tuple[str, dt.date], list[str]] = {}
        for row in rows:
            cause = self.names.get(row.cause, row.cause)
            key = row.supplier, local_date(row.order_by, zone)
            wish = by_cause.get((row.item, row.supplier, cause)) or by_day.get(
                (row.item, row.supplier, local_date(row.due, zone))
            )
            wish = wish or opening.pop((row.item, row.supplier, ""), None)
            orders.setdefault(key, []).append((row, cause))
            if wish:
                wishes.setdefault(key, []).append(wish)
        rows_of: dict[str, list[PurchaseRow]] = {}
        for known in old:
            rows_of.setdefault(known.number, []).append(known)
        taken: set[str] = set()
        for key in sorted(orders, key=lambda k: (k[1], k[0])):
            number = next((wish for wish in sorted(wishes.get(key, ())) if wish not in taken), None)
            number = number or self.counters.next_purchase_order(self.taken)
            taken.add(number)
            self._order_rows(number, orders[key], rows_of.get(number, []))

    def _order_rows(self, number: str, rows: list[tuple[Buying, str]], old: list[PurchaseRow]) -> None:
        """Number the rows of one purchase order; an item keeps the row that it had."""
        free = sorted((o.item, o.due, o.row) for o in old)
        last = max((o.row for o in old), default=0)
        for row, cause in sorted(rows, key=lambda r: (r[0].item, r[0].due)):
            same = next((entry for entry in free if entry[0] == row.item), None)
            if same is not None:
                free.remove(same)
            last = last if same else last + 1
            self.purchases.append(
                PurchaseRow(
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
            )


def _closest(orders: list[WorkOrder], quantity: int) -> WorkOrder | None:
    return min(orders, key=lambda order: (abs(order.quantity - quantity), order.number), default=None)
