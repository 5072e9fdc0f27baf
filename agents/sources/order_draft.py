"""A customer order as a source reads it, before it is checked against what the plant knows.

It is made for configured lines first: an article may be known by several numbers, its options stand in
`configuration`, and its price may be for a hundred.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Literal

from pydantic import AwareDatetime, Field, ValidationError

from agents.sources.drafts import in_words
from agents.sources.errors import UnreadableError
from agents.sources.exact import unit_price
from agents.sources.texts import quoted
from knowledge.documents import (
    CustomerOrder,
    Exact,
    Model,
    Name,
    NotNegative,
    OrderCancel,
    OrderChange,
    Positive,
    ScheduleLine,
    Text,
    When,
)


class DraftLine(Model):
    """A line as read.

    `items` are the numbers by which the article may be known, best first: ours, the customer's, a GTIN. The first that
    the plant knows, by itself or by `aliases.csv`, counts. `price` is for `price_base` of the quantity's unit; None is
    a question to a person, never nothing. `schedule` holds several deliveries instead of one `requested`. In a change
    `removed` takes the line off the order.
    """

    line: Name
    items: tuple[Text, ...] = ()
    description: str | None = None
    quantity: Exact | None = None
    uom: str | None = None
    requested: When | None = None
    schedule: tuple[ScheduleLine, ...] | None = None
    price: NotNegative | None = None
    price_base: Positive = Decimal(1)
    configuration: Mapping[str, Any] | None = None
    ship_to: str | None = None
    text: str | None = None
    removed: bool = False

    def fields(self) -> dict[str, Any]:
        """The line in the contract's terms. Raises UnreadableError."""
        price, what = self.price, f"line {quoted(self.line)}: price"
        return {
            "line": self.line,
            "item": self.items[0] if self.items else None,
            "other_items": self.items[1:] or None,
            "description": self.description,
            "quantity": Decimal(0) if self.removed else self.quantity,
            "uom": self.uom,
            "requested": self.requested,
            "schedule": self.schedule,
            "unit_price": None if price is None else unit_price(price, self.price_base, what),
            "configuration": dict(self.configuration) if self.configuration else None,
            "ship_to": self.ship_to,
            "text": self.text,
        }


class OrderDraft(Model):
    """An order, a change of one, or its cancellation, as read.

    `partner` is whose number it is, as far as the document says so: a shop's domain, a buyer's identification. Orders
    of one partner with one number are the same order. A `complete` change is a whole new version of the order: its
    lines are whole, and those that it does not name are removed; any other names only what is new of some lines.

    `reference` is what the sender calls the document or record: a payload's name, an id that people do not see. A
    `standing` order or cancellation says how an order stands with a system that tells of it again and again: whether
    it was known is no question.
    """

    kind: Literal["order", "change", "cancel"] = "order"
    complete: bool = False
    standing: bool = False
    partner: Text = ""
    number: Name
    reference: Text | None = None
    customer: Text | None = None
    received: AwareDatetime | None = None
    currency: str | None = None
    ship_to: str | None = None
    lines: tuple[DraftLine, ...] = Field(())

    def document(self, source: str, partner: str = "") -> CustomerOrder | OrderChange | OrderCancel:
        """The document of the contract, under the name of a source; a partner given here goes before the draft's own.

        Raises UnreadableError, which names the line concerned.
        """
        whose = partner or self.partner
        fields: dict[str, Any] = {
            "source": f"{source}:{whose}" if whose else source,
            "number": self.number,
            "received": self.received,
        }
        names = [line.line for line in self.lines]
        try:
            if self.kind == "cancel":
                return OrderCancel.model_validate({**fields, "standing": self.standing})
            fields["lines"] = [line.fields() for line in self.lines]
            fields |= {"reference": self.reference, "currency": self.currency, "ship_to": self.ship_to}
            if self.kind == "change":
                return OrderChange.model_validate({**fields, "complete": self.complete, "standing": self.standing})
            return CustomerOrder.model_validate({**fields, "customer": self.customer, "standing": self.standing})
        except ValidationError as error:
            raise UnreadableError(in_words(error, f"order_{self.kind}", names)) from error


def order_draft(fields: Mapping[str, Any]) -> OrderDraft:
    """A draft from plain values. Raises UnreadableError, which names the line concerned."""
    try:
        return OrderDraft.model_validate(fields)
    except ValidationError as error:
        names = [str(line.get("line", "")) for line in fields.get("lines", ()) if isinstance(line, Mapping)]
        raise UnreadableError(in_words(error, "order", names)) from error
