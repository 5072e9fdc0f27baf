"""How a document stands, read from the database for those outside who are told of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Protocol

from agents.sources.answers import in_ordered_unit
from agents.sources.exact import plain
from knowledge.deliveries import Delivery
from knowledge.instants import Instant, iso
from knowledge.plant import Plant
from knowledge.quantities import Units, show_units
from knowledge.store.tables import (
    CustomerOrderRow,
    DeliveryRow,
    MessageRow,
    OperationRow,
    PromiseRow,
    PurchaseOrderRow,
    ShippingOrderRow,
    WorkOrderRow,
)
from knowledge.supply import base_document, readable
from protocols.publishing import (
    ComponentNews,
    DocumentNews,
    News,
    OperationNews,
    OrderNews,
    PartNews,
    PurchaseOrderNews,
    PurchaseRowNews,
    ShippingLineNews,
    ShippingOrderNews,
    Topic,
    WorkOrderNews,
)

PLANNED = "planned"


class Rows(Protocol):
    """Where rows are read."""

    def rows(self, model: type[Any], *columns: str, **equal: Any) -> list[dict[str, Any]]:
        """The rows of a table whose columns equal values."""


class Newsroom:
    """Makes news of documents from rows, in the plant's words."""

    def __init__(self, store: Rows, plant: Plant) -> None:
        self.store, self.plant = store, plant

    def news(self, topic: Topic, document: str, at: Instant) -> News | None:
        """How a document stands that changed at a time; None where there is nothing that is to be told of it."""
        found = self._news(topic, document)
        return None if found is None else found.model_copy(update={"at": self._time(at)})

    def _news(self, topic: Topic, document: str) -> News | None:
        match topic:
            case Topic.ORDER:
                return self._order(document)
            case Topic.WORK_ORDER:
                return self._work_order(document)
            case Topic.PURCHASE_ORDER:
                return self._purchase_order(document)
            case Topic.SHIPPING_ORDER:
                return self._shipping_order(document)
            case Topic.DOCUMENT:
                return self._document(document)

    def _order(self, document: str) -> OrderNews | None:
        order = self._one(CustomerOrderRow, order=document)
        if order is None:
            return None
        parts = self.store.rows(PromiseRow, order=document)
        parts.sort(key=lambda row: (row["line_sequence"], row["line"], row["part"]))
        return OrderNews(
            source=order["source"],
            number=order["number"],
            customer=order["customer"],
            status=order["status"],
            lines=tuple(self._part(row) for row in parts),
            document=json.loads(order["document"])["document"],
        )

    def _part(self, row: Mapping[str, Any]) -> PartNews:
        return PartNews(
            line=row["line"],
            item=row["item"],
            quantity=row["quantity"],
            requested=self._maybe(row["requested"]),
            promised=self._maybe(row["promised"]) if row["status"] in ("promised", "at_risk") else None,
            status=row["status"],
            reason=row["reason"],
        )

    def _work_order(self, document: str) -> WorkOrderNews | None:
        row = self._one(WorkOrderRow, work_order=document)
        if row is None or row["status"] == PLANNED:
            return None
        operations = sorted(self.store.rows(OperationRow, work_order=document), key=lambda each: each["sequence"])
        components = json.loads(row["components"]) if row["components"] else []
        return WorkOrderNews(
            work_order=document,
            item=row["item"],
            description=self._described(row["item"]),
            quantity=self._units(row["item"], row["quantity"]),
            uom=self._uom(row["item"]),
            start=self._time(row["start"]),
            finish=self._time(row["finish"]),
            status=row["status"],
            revision=row["revision"],
            operations=tuple(
                OperationNews(
                    step=each["step"],
                    work_centre=each["work_centre"],
                    machine=each["machine"],
                    start=self._time(each["start"]),
                    finish=self._time(each["finish"]),
                )
                for each in operations
            ),
            components=tuple(
                ComponentNews(item=item, quantity=self._units(item, units), uom=self._uom(item))
                for item, units in components
            ),
        )

    def _purchase_order(self, document: str) -> PurchaseOrderNews | None:
        rows = [row for row in self.store.rows(PurchaseOrderRow, purchase_order=document) if row["status"] != PLANNED]
        if not rows:
            return None
        rows.sort(key=lambda row: row["row"])
        supplier = self.plant.suppliers.get(rows[0]["supplier"])
        asked = {row["row"]: Delivery.of(row) for row in self.store.rows(DeliveryRow, purchase_order=document)}
        return PurchaseOrderNews(
            purchase_order=document,
            supplier=rows[0]["supplier"],
            supplier_name=supplier.name if supplier is not None else "",
            currency=rows[0]["currency"],
            rows=tuple(
                PurchaseRowNews(
                    row=row["row"],
                    item=row["item"],
                    description=self._described(row["item"]),
                    quantity=self._units(row["item"], row["quantity"]),
                    uom=self._uom(row["item"]),
                    unit_price=row["unit_price"],
                    order_by=self._time(row["order_by"]),
                    due=self._time(_wanted(row, asked.get(row["row"]))),
                    status=row["status"],
                )
                for row in rows
            ),
        )

    def _shipping_order(self, document: str) -> ShippingOrderNews | None:
        rows = [row for row in self.store.rows(ShippingOrderRow, shipping_order=document) if row["status"] != PLANNED]
        if not rows:
            return None
        first = rows[0]
        source, _, number = first["order"].partition("/")
        order = self._one(CustomerOrderRow, order=first["order"])
        said = json.loads(order["document"])["document"] if order is not None else {}
        return ShippingOrderNews(
            shipping_order=document,
            source=readable(source),
            number=readable(number),
            reference=said.get("reference") or "",
            customer=first["customer"],
            ship_to=first["ship_to"],
            ship=self._time(first["ship"]),
            status=first["status"],
            lines=tuple(self._shipped(row, said) for row in sorted(rows, key=lambda row: row["line"])),
        )

    def _shipped(self, row: Mapping[str, Any], order: Mapping[str, Any]) -> ShippingLineNews:
        """A row of a shipping order, of an order as it was received and changed since."""
        line = readable(base_document(row["line"]).rpartition("/")[2])
        quantity = self._units(row["item"], row["quantity"])
        parts = [Decimal(part["quantity"]) for part in self.store.rows(PromiseRow, order=row["order"], line=line)]
        ordered = next((each for each in order.get("lines", ()) if str(each["line"]) == line), None)
        return ShippingLineNews(
            line=line,
            item=row["item"],
            description=self._described(row["item"]),
            quantity=quantity,
            uom=self._uom(row["item"]),
            ordered="" if ordered is None else plain(in_ordered_unit(Decimal(quantity), ordered, parts)),
        )

    def _document(self, conversation: str) -> DocumentNews | None:
        """The document with which a conversation began."""
        for row in self.store.rows(MessageRow, conversation=conversation):
            body = json.loads(row["body"])
            if isinstance(document := body.get("document"), dict):
                return DocumentNews(name=body["name"], document=document)
        return None

    def _one(self, model: type[Any], **key: Any) -> dict[str, Any] | None:
        return next(iter(self.store.rows(model, **key)), None)

    def _time(self, instant: Instant) -> str:
        return iso(instant, self.plant.zone)

    def _maybe(self, instant: Instant | None) -> str | None:
        return None if instant is None else self._time(instant)

    def _units(self, item: str, units: Units) -> str:
        known = self.plant.items.get(item)
        return show_units(units, known.decimals if known else 0)

    def _uom(self, item: str) -> str:
        known = self.plant.items.get(item)
        return known.uom if known else ""

    def _described(self, item: str) -> str:
        known = self.plant.items.get(item)
        return known.description if known else ""


def _wanted(row: Mapping[str, Any], delivery: Delivery | None) -> Instant:
    """When a row that has gone out is wanted, as asked and confirmed; what is reckoned with may be later."""
    due: Instant = row["due"]
    if delivery is None or delivery.came is not None:
        return due
    return min(due, delivery.asked if delivery.confirmed is None else delivery.confirmed)
