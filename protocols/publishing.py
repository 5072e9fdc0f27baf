"""What is told to systems outside: that a document changed, and how it stands.

An agent's records are the source: what is published is what was recorded, in the same commit. A message says only which
document changed; how it stands is looked up when a sink is told, so that no sink is ever told something older after
something newer, and telling it twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict

from protocols.envelope import Content


class Topic(StrEnum):
    """What sinks can be told of."""

    ORDER = "order"
    """A customer order: what is promised of each line, or why nothing is."""
    WORK_ORDER = "work_order"
    """A work order that is planned no more: firm, issued, done, cancelled."""
    PURCHASE_ORDER = "purchase_order"
    """A purchase order with rows that are planned no more."""
    SHIPPING_ORDER = "shipping_order"
    """A shipping order that is planned no more."""
    DOCUMENT = "document"
    """A document that was accepted: an order, a change, a report."""


class Changed(Content):
    """A document is not as it was. `document` is its number, of a document that came in its conversation."""

    topic: Topic
    document: str


@dataclass(frozen=True, slots=True)
class Subscription:
    """Which topics a sink is told of, by its name; of orders only those of a source, where one is named."""

    sink: str
    topics: frozenset[Topic]
    source: str = ""


Subscriptions: TypeAlias = tuple[Subscription, ...]


class _News(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    at: str = ""
    """When it changed, in ISO 8601."""


class PartNews(_News):
    """A part of an order line, as in promises.csv: times in ISO 8601, quantities in the item's unit."""

    line: str
    item: str
    quantity: str
    requested: str | None
    promised: str | None
    status: str
    reason: str


class OrderNews(_News):
    """How an order stands. `document` is the order as it was received and changed since."""

    topic: Literal[Topic.ORDER] = Topic.ORDER
    source: str
    number: str
    customer: str
    status: str
    lines: tuple[PartNews, ...]
    document: Mapping[str, Any]

    @property
    def reference(self) -> str:
        """What its sender calls the order's document or record; empty where that was not said."""
        return str(self.document.get("reference") or "")


class OperationNews(_News):
    """An operation on one machine of a work centre."""

    step: str
    work_centre: str
    machine: int
    start: str
    finish: str


class ComponentNews(_News):
    """What a work order needs of a component."""

    item: str
    quantity: str
    uom: str


class WorkOrderNews(_News):
    """How a work order stands."""

    topic: Literal[Topic.WORK_ORDER] = Topic.WORK_ORDER
    work_order: str
    item: str
    description: str
    quantity: str
    uom: str
    start: str
    finish: str
    status: str
    revision: str
    operations: tuple[OperationNews, ...]
    components: tuple[ComponentNews, ...]


class PurchaseRowNews(_News):
    """A row of a purchase order."""

    row: int
    item: str
    description: str
    quantity: str
    uom: str
    unit_price: str
    order_by: str
    due: str
    status: str


class PurchaseOrderNews(_News):
    """How a purchase order stands, without what is only planned of it."""

    topic: Literal[Topic.PURCHASE_ORDER] = Topic.PURCHASE_ORDER
    purchase_order: str
    supplier: str
    supplier_name: str
    currency: str
    rows: tuple[PurchaseRowNews, ...]


class ShippingLineNews(_News):
    """A line of a shipping order. `line` is that of the customer order, and `ordered` the quantity in its unit."""

    line: str
    item: str
    description: str
    quantity: str
    uom: str
    ordered: str = ""


class ShippingOrderNews(_News):
    """How a shipping order stands. `source`, `number` and `reference` are those of its customer order."""

    topic: Literal[Topic.SHIPPING_ORDER] = Topic.SHIPPING_ORDER
    shipping_order: str
    source: str
    number: str
    reference: str = ""
    customer: str
    ship_to: str
    ship: str
    status: str
    lines: tuple[ShippingLineNews, ...]


class DocumentNews(_News):
    """A document that was accepted, as the contract has it. `name` is where it came from."""

    topic: Literal[Topic.DOCUMENT] = Topic.DOCUMENT
    name: str
    document: Mapping[str, Any]


News: TypeAlias = OrderNews | WorkOrderNews | PurchaseOrderNews | ShippingOrderNews | DocumentNews


@dataclass(frozen=True, slots=True)
class Parcel:
    """Something to be handed over: a body in some format, and a file's name that says what it is."""

    name: str
    body: bytes
    media: str = "application/octet-stream"
    headers: Mapping[str, str] = field(default_factory=dict)
