"""The documents that arrive, exactly as the contract has them. Frozen; unknown fields are refused.

Quantities and prices stay Decimal, times stay text until a plant's zone is known (`knowledge.instants.parse`),
except `received`, which is an aware time or absent.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, field_validator

from knowledge.quantities import parse_decimal


def _exact(value: object) -> object:
    """Numbers of JSON are taken by their digits, never through a binary float."""
    if isinstance(value, bool):
        raise ValueError("a number is wanted, not yes or no")
    if isinstance(value, float):
        value = repr(value)
    if isinstance(value, (str, int)):
        return parse_decimal(str(value))
    return value


def _text(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _when(value: object) -> object:
    """A date or a time in ISO 8601, kept as text; a time may lack its offset (then the plant's zone holds)."""
    if not isinstance(value, str):
        raise ValueError("a date or time in ISO 8601 is wanted")
    text = value.strip()
    try:
        dt.date.fromisoformat(text) if len(text) == 10 else dt.datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"{value!r} is not a date or time in ISO 8601") from error
    if not 1970 < int(text[:4]) < 2200:
        raise ValueError(f"{value!r} is not a year of this or the next century")
    return text


Exact = Annotated[Decimal, BeforeValidator(_exact)]
Text = Annotated[str, BeforeValidator(_text)]
Name = Annotated[str, BeforeValidator(_text), Field(min_length=1, max_length=200)]
When = Annotated[str, BeforeValidator(_when)]
Positive = Annotated[Decimal, BeforeValidator(_exact), Field(gt=0)]
NotNegative = Annotated[Decimal, BeforeValidator(_exact), Field(ge=0)]


class Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ScheduleLine(Model):
    """One wanted delivery of a line."""

    quantity: Positive
    requested: When


class OrderLine(Model):
    """A line of a customer order. No `item` but a `description` makes it custom; no date means as soon as possible.

    `other_items` are further numbers of the same article: the first that is known counts, `item` before them.
    """

    line: Name
    item: Text | None = None
    other_items: tuple[Text, ...] | None = None
    description: str | None = None
    quantity: Positive | None = None
    uom: str | None = None
    requested: When | None = None
    schedule: tuple[ScheduleLine, ...] | None = None
    unit_price: NotNegative | None = None
    configuration: dict[str, Any] | None = None
    ship_to: str | None = None
    text: str | None = None


class Received(Model):
    received: AwareDatetime | None = None


class CustomerOrder(Received):
    """An order; or, where it is `standing`, an order as it stands with its source, new or known.

    A standing one that is known takes the place of what was known, as a complete change does, and opens it again where
    it was cancelled; one that says nothing new is ignored, and so is one that was received before what is known.
    `reference` is what its sender calls the document or record, so that answers can name it; it is no content.
    """

    type: Literal["customer_order"] = "customer_order"
    source: Name
    number: Name
    standing: bool = False
    reference: Text | None = None
    customer: Text | None = None
    currency: str | None = None
    ship_to: str | None = None
    lines: tuple[OrderLine, ...] = Field(min_length=1)

    @field_validator("lines")
    @classmethod
    def _distinct(cls, lines: tuple[OrderLine, ...]) -> tuple[OrderLine, ...]:
        seen: set[str] = set()
        for line in lines:
            if line.line in seen:
                raise ValueError(f"line {line.line} stands twice")
            seen.add(line.line)
            if line.quantity is None and not line.schedule:
                raise ValueError(f"line {line.line} has no quantity")
            if not line.item and not line.description:
                raise ValueError(f"line {line.line} has neither item nor description")
            if line.quantity is not None and line.schedule and sum(s.quantity for s in line.schedule) != line.quantity:
                raise ValueError(f"line {line.line}: the schedule does not add up to the quantity {line.quantity}")
        return lines


class ChangedLine(Model):
    """New values of a line; what is left out stays. Quantity 0 removes the line."""

    line: Name
    item: Text | None = None
    other_items: tuple[Text, ...] | None = None
    description: str | None = None
    quantity: NotNegative | None = None
    uom: str | None = None
    requested: When | None = None
    schedule: tuple[ScheduleLine, ...] | None = None
    unit_price: NotNegative | None = None
    configuration: dict[str, Any] | None = None
    ship_to: str | None = None
    text: str | None = None


class OrderChange(Received):
    """New values of an order: those of the lines that are named, or, where it is `complete`, a whole new version of it.

    The lines of a complete one are whole, too: what they leave out is not given any more, and lines that it does not
    name are removed. Where goods go and the currency keep their values where they are left out. A `standing` one says
    how an order stands with its source: it is ignored where it was received before what is known.
    """

    type: Literal["order_change"] = "order_change"
    source: Name
    number: Name
    complete: bool = False
    standing: bool = False
    reference: Text | None = None
    currency: str | None = None
    ship_to: str | None = None
    lines: tuple[ChangedLine, ...] = Field(min_length=1)


class OrderCancel(Received):
    """The end of an order; where it is `standing`, of whatever there is of it: one never received is no fault.

    What is said of the order before that, and comes later, does not bring it back.
    """

    type: Literal["order_cancel"] = "order_cancel"
    source: Name
    number: Name
    standing: bool = False


class BomRow(Model):
    parent: Text | None = None
    component: Name
    quantity: Positive
    scrap_percent: NotNegative = Decimal(0)
    revision: Text | None = None


class RouteRow(Model):
    item: Text | None = None
    step: Name
    work_centre: Name
    setup_minutes: NotNegative = Decimal(0)
    run_minutes: NotNegative = Decimal(0)
    teardown_minutes: NotNegative = Decimal(0)
    revision: Text | None = None


class EngineeringRelease(Received):
    """Drawings, BOM and route of a custom line (`source`, `number`, `line`), or a revision of an item."""

    type: Literal["engineering_release"] = "engineering_release"
    source: Text | None = None
    number: Text | None = None
    line: Text | None = None
    item: Name
    revision: Text = ""
    drawings: tuple[str, ...] = ()
    lead_time_days: Annotated[int, Field(ge=0, le=3650)] | None = None
    bom: tuple[BomRow, ...] = ()
    route: tuple[RouteRow, ...] = ()


class SupplierConfirmation(Received):
    type: Literal["supplier_confirmation"] = "supplier_confirmation"
    purchase_order: Name
    item: Text | None = None
    quantity: NotNegative | None = None
    due: When | None = None


class GoodsReceipt(Received):
    type: Literal["goods_receipt"] = "goods_receipt"
    purchase_order: Name
    item: Text | None = None
    quantity: Positive


class OperationReport(Received):
    """Progress of a work order; without `step` it speaks of the whole work order."""

    type: Literal["operation_report"] = "operation_report"
    work_order: Name
    step: Text | None = None
    good: NotNegative | None = None
    scrap: NotNegative = Decimal(0)
    started: When | None = None
    finished: When | None = None
    work_centre: Text | None = None
    complete: bool = False

    @field_validator("complete", mode="before")
    @classmethod
    def _yes_or_no(cls, value: object) -> object:
        return {"yes": True, "no": False}.get(value, value) if isinstance(value, str) else value


class ShipmentReport(Received):
    type: Literal["shipment_report"] = "shipment_report"
    shipping_order: Name
    shipped: When | None = None


class StockCount(Received):
    type: Literal["stock_count"] = "stock_count"
    item: Name
    quantity: NotNegative


class MachineDowntime(Received):
    type: Literal["machine_downtime"] = "machine_downtime"
    work_centre: Name
    start: When
    end: When


class ApprovalAnswer(Received):
    type: Literal["approval_answer"] = "approval_answer"
    approval: Text | None = None
    subject: Text | None = None
    decision: Literal["approve", "reject"]
    alternative: Text | None = None
    by: Text | None = None
    note: str | None = None

    @field_validator("decision", mode="before")
    @classmethod
    def _either_tense(cls, value: object) -> object:
        return {"approved": "approve", "rejected": "reject"}.get(value, value) if isinstance(value, str) else value


class ApprovalDelegation(Received):
    """Whoever has a role hands it over for a time: `to` may answer what waits for `role` from `start` until `until`.

    Without `start` it is from when it is received. Another one of the same role and person replaces it, so one whose
    `until` has passed ends it.
    """

    type: Literal["approval_delegation"] = "approval_delegation"
    role: Name
    to: Name
    start: When | None = None
    until: When
    by: Text | None = None
    note: str | None = None


Document: TypeAlias = (
    CustomerOrder
    | OrderChange
    | OrderCancel
    | EngineeringRelease
    | SupplierConfirmation
    | GoodsReceipt
    | OperationReport
    | ShipmentReport
    | StockCount
    | MachineDowntime
    | ApprovalAnswer
    | ApprovalDelegation
)

DOCUMENT: TypeAdapter[Document] = TypeAdapter(Annotated[Document, Field(discriminator="type")])
"""Reads any document from JSON or plain values."""
