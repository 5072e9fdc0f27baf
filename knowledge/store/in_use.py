"""What the records of a society name of its plant, and what of that is not over yet."""

from __future__ import annotations

import json

from knowledge.replacing import InUse
from knowledge.store.database import Store
from knowledge.store.tables import (
    CustomerOrderRow,
    DemandRow,
    EarmarkRow,
    OnHandRow,
    OperationRow,
    PromiseRow,
    PurchaseOrderRow,
    ShippingOrderRow,
    WorkOrderRow,
)
from knowledge.supply import readable

_ISSUED = ("firm", "released")
_UNPLANNED = ("question", "infeasible", "awaiting_engineering", "awaiting_approval")


class _Names:
    """Documents by code, each once, in the order in which they were met."""

    def __init__(self) -> None:
        self.of: dict[str, dict[str, None]] = {}

    def add(self, code: str, document: str) -> None:
        self.of.setdefault(code, {})[document] = None

    def found(self) -> dict[str, tuple[str, ...]]:
        return {code: tuple(documents) for code, documents in self.of.items()}


class _Looking:
    def __init__(self, store: Store) -> None:
        self.store = store
        self.items, self.open = _Names(), _Names()
        self.centres, self.suppliers, self.customers = _Names(), _Names(), _Names()
        self.machines: dict[str, int] = {}

    def item(self, code: str, document: str, is_open: bool) -> None:
        self.items.add(code, document)
        if is_open:
            self.open.add(code, document)

    def look(self) -> InUse:
        self._orders()
        self._work()
        self._purchases()
        self._stock()
        return InUse(
            items=self.items.found(),
            open_items=self.open.found(),
            work_centres=self.centres.found(),
            machines=self.machines,
            suppliers=self.suppliers.found(),
            customers=self.customers.found(),
        )

    def _orders(self) -> None:
        unshipped: set[str] = set()
        for row in self.store.rows(DemandRow):
            release = json.loads(row["body"])
            if not release.get("shipped"):
                unshipped.add(row["order"])
            self.item(release["item"], readable(row["order"]), not release.get("shipped"))
        for row in self.store.rows(PromiseRow, "order", "item", "status"):
            waits = row["status"] in _UNPLANNED
            if waits:
                unshipped.add(row["order"])
            self.item(row["item"], readable(row["order"]), waits)
        for row in self.store.rows(CustomerOrderRow, "order", "customer", status="open"):
            if row["order"] in unshipped:
                self.customers.add(row["customer"], readable(row["order"]))
        for row in self.store.rows(ShippingOrderRow, "item", "shipping_order"):
            self.items.add(row["item"], row["shipping_order"])

    def _work(self) -> None:
        issued: set[str] = set()
        for row in self.store.rows(WorkOrderRow, "work_order", "item", "status", "components", "drawn"):
            number, is_issued = row["work_order"], row["status"] in _ISSUED
            if row["status"] == "planned":
                continue
            self.item(row["item"], number, is_issued)
            for component, _ in json.loads(row["components"] or "[]"):
                self.item(component, number, is_issued and not row["drawn"])
            if is_issued:
                issued.add(number)
        for row in self.store.rows(OperationRow, "work_order", "work_centre", "machine"):
            if row["work_order"] in issued:
                centre = row["work_centre"]
                self.centres.add(centre, row["work_order"])
                self.machines[centre] = max(self.machines.get(centre, 0), row["machine"])

    def _purchases(self) -> None:
        for row in self.store.rows(PurchaseOrderRow, "purchase_order", "supplier", "item", "status"):
            if row["status"] == "planned":
                continue
            is_issued = row["status"] in _ISSUED
            self.item(row["item"], row["purchase_order"], is_issued)
            if is_issued:
                self.suppliers.add(row["supplier"], row["purchase_order"])

    def _stock(self) -> None:
        for row in self.store.rows(OnHandRow):
            self.item(row["item"], "stock", row["quantity"] != 0)
        for row in self.store.rows(EarmarkRow, "item"):
            self.item(row["item"], "stock", True)


def in_use(store: Store) -> InUse:
    """What the records name now."""
    return _Looking(store).look()
