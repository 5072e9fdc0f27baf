"""The contract's tables from a database, as rows of text. Pegs and classes are derived here from the events."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from knowledge.availability import Availability, availability_of
from knowledge.csv_text import write_csv
from knowledge.deliveries import Delivery, OnTime, records_of
from knowledge.earmarks import Earmarks, earmarks_by_item
from knowledge.instants import Instant, iso
from knowledge.pegging import OWED, Pegs, events_by_item, peg
from knowledge.plant import Plant
from knowledge.quantities import Units, parse_decimal, show_units, to_units
from knowledge.shelf_life import EXPIRED, steps_of
from knowledge.store.database import Store
from knowledge.store.rows import award_of, work_order_of
from knowledge.store.tables import (
    ActionMessageRow,
    ApprovalRow,
    CustomerOrderRow,
    DeliveryRow,
    EarmarkRow,
    InventoryEventRow,
    OnHandRow,
    OperationRow,
    PromiseRow,
    PurchaseAwardRow,
    PurchaseOrderRow,
    QuarantineRow,
    ShippingOrderRow,
    WorkOrderRow,
)
from knowledge.supply import STOCK, base_document, encode, line_document, readable

COLUMNS = {
    "promises": "order line item classified_as quantity requested promised status reason",
    "work_orders": "work_order item quantity start finish status pegged_to",
    "operations": "work_order step work_centre machine start finish",
    "purchase_orders": (
        "purchase_order supplier item quantity unit_price currency order_by due status pegged_to reason"
    ),
    "shipping_orders": "shipping_order order release line item quantity customer ship_to ship status",
    "availability": "item time projected promisable",
    "action_messages": "action document item quantity time reason",
    "approvals": "approval decision subject status by reason",
    "quarantine": "document reason",
}

Rows = list[dict[str, str]]


def export(store: Store, plant: Plant, now: Instant) -> dict[str, Rows]:
    """Every table by name, in the order of its rows."""
    return _Export(store, plant, now).tables()


def write_tables(tables: dict[str, Rows], out: Path) -> None:
    """Write the tables as CSV files into a folder."""
    out.mkdir(parents=True, exist_ok=True)
    for name, columns in COLUMNS.items():
        with (out / f"{name}.csv").open("w", newline="", encoding="utf-8") as handle:
            write_csv(handle, columns.split(), tables[name])


@dataclass(slots=True)
class _Export:
    store: Store
    plant: Plant
    now: Instant
    on_hand: dict[str, Units] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)
    pegs: dict[str, Pegs] = field(default_factory=dict)
    taken: dict[str, dict[str, list[tuple[str, Units]]]] = field(default_factory=dict)
    """(need, units) by item and supply document."""

    def tables(self) -> dict[str, Rows]:
        self.on_hand = {row["item"]: row["quantity"] for row in self.store.rows(OnHandRow)}
        self.events = self.store.rows(InventoryEventRow)
        marks = self._earmarks()
        for item, events in events_by_item(self.events).items():
            known = self.plant.items.get(item)
            safety_stock = known.safety_stock if known else 0
            self.pegs[item] = peg(self.on_hand.get(item, 0), events, safety_stock, marks.get(item))
        makers: dict[str, Callable[[], Iterable[dict[str, str]]]] = {
            "promises": self._promises,
            "work_orders": self._work_orders,
            "operations": self._operations,
            "purchase_orders": self._purchase_orders,
            "shipping_orders": self._shipping_orders,
            "availability": self._availability,
            "action_messages": self._action_messages,
            "approvals": lambda: self._plain(ApprovalRow, "approvals"),
            "quarantine": lambda: self._plain(QuarantineRow, "quarantine"),
        }
        return {name: list(make()) for name, make in makers.items()}

    def _earmarks(self) -> dict[str, Earmarks]:
        """What of each item belongs to somebody."""
        supplies = (work_order_of(row, ()) for row in self.store.rows(WorkOrderRow) if row["kept"])
        marks, promises = self.store.rows(EarmarkRow), self.store.rows(PromiseRow)
        return earmarks_by_item(marks, supplies, promises, self.store.rows(CustomerOrderRow), self.now)

    def _time(self, instant: Instant | None) -> str:
        return "" if instant is None else iso(instant, self.plant.zone)

    def _show(self, item: str, units: Units) -> str:
        known = self.plant.items.get(item)
        return show_units(units, known.decimals if known else 0)

    def _pegged(self, item: str, document: str) -> str:
        taken = self.taken.get(item)
        if taken is None:
            taken = self.taken[item] = self.pegs[item].of_supply() if item in self.pegs else {}
        sums: dict[str, Units] = {}
        for need, units in taken.get(document, ()):
            name = STOCK if need == OWED or need.startswith(EXPIRED) else base_document(need)
            sums[name] = sums.get(name, 0) + units
        return " ".join(f"{name}={self._show(item, units)}" for name, units in sums.items())

    def _plain(self, model: type[Any], name: str) -> Iterator[dict[str, str]]:
        columns = COLUMNS[name].split()
        for row in self.store.rows(model):
            yield {column: str(row[column]) for column in columns}

    # -- promises, with what comes from stock told apart

    def _promises(self) -> Iterator[dict[str, str]]:
        orders = {row["order"]: row for row in self.store.rows(CustomerOrderRow)}
        from_stock = self._from_stock()
        rows = sorted(
            self.store.rows(PromiseRow), key=lambda r: (r["sequence"], r["line_sequence"], r["line"], r["part"])
        )
        merged: dict[tuple[Any, ...], dict[str, Any]] = {}
        for row in rows:
            order = orders[row["order"]]
            document = line_document(order["source"], order["number"], row["line"])
            for kind, quantity in self._classes(row, document, from_stock):
                key = (row["order"], row["line"], row["item"], kind, row["status"], row["promised"], row["reason"])
                if key in merged:
                    merged[key]["units"] += quantity
                else:
                    merged[key] = {**row, "classified_as": kind, "units": quantity}
        for row in merged.values():
            order = orders[row["order"]]
            yield {
                "order": f"{order['source']}/{order['number']}",
                "line": row["line"],
                "item": row["item"],
                "classified_as": row["classified_as"],
                "quantity": f"{row['units'].normalize():f}",
                "requested": self._time(row["requested"]),
                "promised": self._time(row["promised"]),
                "status": row["status"],
                "reason": row["reason"],
            }

    def _from_stock(self) -> dict[str, Units]:
        """Units of each order line that come off the shelf."""
        found: dict[str, Units] = {}
        for pegs in self.pegs.values():
            for supply, need, units in pegs.pegs:
                if supply == STOCK:
                    document = base_document(need)
                    found[document] = found.get(document, 0) + units
        for document, units in self._left_from_stock():
            found[document] = found.get(document, 0) + units
        return found

    def _left_from_stock(self) -> Iterator[tuple[str, Units]]:
        """Units of each order line that have left, but for what was made or bought for it.

        One purchase row serves the needs of a day: what its own line did not take was for those that followed.
        """
        left: dict[tuple[str, str], Units] = {}
        for row in self.store.rows(ShippingOrderRow, status="done"):
            key = row["item"], base_document(row["line"])
            left[key] = left.get(key, 0) + row["quantity"]
        for row in self.store.rows(WorkOrderRow):
            key = row["item"], base_document(row["cause"])
            if key in left:
                left[key] = max(0, left[key] - row["made"])
        for row in self.store.rows(PurchaseOrderRow):
            key = row["item"], base_document(row["cause"])
            if key in left:
                left[key] -= row["received"]
        shared: dict[str, Units] = {}
        for (item, document), units in left.items():
            rest = units - shared.get(item, 0)
            shared[item] = max(0, -rest)
            if rest > 0:
                yield document, rest

    def _classes(self, row: dict[str, Any], document: str, from_stock: dict[str, Units]) -> Iterator[tuple[str, Any]]:
        quantity = parse_decimal(row["quantity"])
        item = self.plant.items.get(row["item"])
        kind = row["classified_as"]
        if item is None or kind in ("custom", "stock", "") or row["status"] not in _PLANNED:
            yield kind, quantity
            return
        units = to_units(quantity, item.decimals)
        stock = min(units, from_stock.get(document, 0))
        if stock:
            from_stock[document] -= stock
            yield STOCK, quantity * stock / units
        if units > stock:
            yield kind, quantity * (units - stock) / units

    # -- supply

    def _work_orders(self) -> Iterator[dict[str, str]]:
        for row in self.store.rows(WorkOrderRow):
            yield {
                "work_order": row["work_order"],
                "item": row["item"],
                "quantity": self._show(row["item"], row["quantity"]),
                "start": self._time(row["start"]),
                "finish": self._time(row["finish"]),
                "status": row["status"],
                "pegged_to": self._pegged(row["item"], encode(row["work_order"])),
            }

    def _operations(self) -> Iterator[dict[str, str]]:
        rows = sorted(self.store.rows(OperationRow), key=lambda r: (r["work_order"], r["sequence"]))
        for row in rows:
            yield {
                "work_order": row["work_order"],
                "step": row["step"],
                "work_centre": row["work_centre"],
                "machine": str(row["machine"]),
                "start": self._time(row["start"]),
                "finish": self._time(row["finish"]),
            }

    def _purchase_orders(self) -> Iterator[dict[str, str]]:
        records = records_of(map(Delivery.of, self.store.rows(DeliveryRow)), self.plant.zone)
        awards = {(row["purchase_order"], row["row"]): award_of(row) for row in self.store.rows(PurchaseAwardRow)}
        for row in self.store.rows(PurchaseOrderRow):
            award, record = awards.get((row["purchase_order"], row["row"])), records.get(row["supplier"], OnTime())
            reasons = [award.said()] if award else []
            reasons += [f"its supplier has been on time: {record.said()}"] if record.came else []
            number = encode(row["purchase_order"])
            document = number if row["row"] == 1 else f"{number}#{row['row']}"
            yield {
                "purchase_order": row["purchase_order"],
                "supplier": row["supplier"],
                "item": row["item"],
                "quantity": self._show(row["item"], row["quantity"]),
                "unit_price": row["unit_price"],
                "currency": row["currency"],
                "order_by": self._time(row["order_by"]),
                "due": self._time(row["due"]),
                "status": row["status"],
                "pegged_to": self._pegged(row["item"], document),
                "reason": "; ".join(reasons),
            }

    def _shipping_orders(self) -> Iterator[dict[str, str]]:
        orders = {row["order"]: row for row in self.store.rows(CustomerOrderRow)}
        for row in self.store.rows(ShippingOrderRow):
            order = orders[row["order"]]
            line = readable(base_document(row["line"]).rpartition("/")[2])
            yield {
                "shipping_order": row["shipping_order"],
                "order": f"{order['source']}/{order['number']}",
                "release": str(row["release"]),
                "line": line,
                "item": row["item"],
                "quantity": self._show(row["item"], row["quantity"]),
                "customer": row["customer"],
                "ship_to": row["ship_to"],
                "ship": self._time(row["ship"]),
                "status": row["status"],
            }

    def _availability(self) -> Iterator[dict[str, str]]:
        functions = availability_of(self.on_hand, self.events)
        for item in sorted({*functions, *self.plant.items}):
            known = self.plant.items.get(item)
            life = known.life if known else 0
            for time, projected, promisable in steps_of(functions.get(item, Availability()), life, self.now):
                yield {
                    "item": item,
                    "time": self._time(time),
                    "projected": self._show(item, projected),
                    "promisable": self._show(item, promisable),
                }

    def _action_messages(self) -> Iterator[dict[str, str]]:
        rows = sorted(self.store.rows(ActionMessageRow), key=lambda r: (r["sequence"], r["key"]))
        for row in rows:
            yield {
                "action": row["action"],
                "document": readable(row["document"]),
                "item": row["item"],
                "quantity": self._show(row["item"], row["quantity"]),
                "time": self._time(row["time"]),
                "reason": row["reason"],
            }


_PLANNED = ("promised", "at_risk", "awaiting_approval")
