"""Deals of HubSpot's, put together with their line items and whom they are for, read into drafts.

The record of a deal is an object of our own making: `hubspot_deal`, `line_items`, `companies` and `contacts`, each with
an `id` and its `properties` as the CRM interface gives them. A deal that is won is an order, one that is lost is none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from agents.sources.drafts import aware_time
from agents.sources.errors import UnreadableError
from agents.sources.exact import price_of_one
from agents.sources.json_values import Json, amount, child, children, day, text
from agents.sources.order_draft import OrderDraft, order_draft
from agents.sources.texts import quoted

ItemNumber = Literal["hs_sku", "hs_product_id"]

DEAL = "hubspot_deal"

_DEAL = ("dealname", "dealstage", "closedate", "deal_currency_code", "hs_lastmodifieddate", "hs_object_id")
_LINE = ("name", "description", "quantity", "price", "amount", "hs_sku", "hs_product_id", "hs_position_on_quote")


@dataclass(frozen=True, slots=True)
class Reading:
    """What deals are read by: stages are the ids that the pipelines have, the rest names of properties.

    `requested` is that of a line item or the deal which holds the wanted date; `options` are those of line items that
    configure them; `company` is that of a company by which it is known as a customer.
    """

    portal: str = ""
    won: tuple[str, ...] = ("closedwon",)
    lost: tuple[str, ...] = ("closedlost",)
    number: str = "hs_object_id"
    company: str = "name"
    numbers: tuple[ItemNumber, ...] = ("hs_sku",)
    options: tuple[str, ...] = ()
    requested: str = ""
    ship_to: str = ""

    def deal_properties(self) -> list[str]:
        """The properties of a deal that are wanted."""
        return sorted({*_DEAL, self.number, *filter(None, (self.requested, self.ship_to))})

    def line_properties(self) -> list[str]:
        """The properties of a line item that are wanted."""
        return sorted({*_LINE, *self.options, *filter(None, (self.requested,))})


def read_deal(record: object, reading: Reading) -> OrderDraft:
    """The draft of a deal's record. Raises UnreadableError with what is wrong, and where."""
    if not isinstance(record, dict) or not isinstance(record.get(DEAL), dict):
        raise UnreadableError("this only names a deal of HubSpot's: give an access_token, so that it can be asked for")
    deal = child(child(record, DEAL), "properties")
    number = text(deal, reading.number) or (text(record[DEAL], "id") if reading.number == "hs_object_id" else "")
    if not number:
        raise UnreadableError(f"the deal's property {quoted(reading.number)} is empty: the order has no number")
    head: dict[str, Any] = {"partner": reading.portal, "number": number, "standing": True}
    head["reference"] = text(record[DEAL], "id") or text(deal, "hs_object_id") or None
    head["received"] = aware_time(text(deal, "hs_lastmodifieddate"))
    stage = text(deal, "dealstage")
    if stage in reading.lost:
        return order_draft({**head, "kind": "cancel"})
    if stage not in reading.won:
        raise UnreadableError(f"the deal is in the stage {quoted(stage)}: only {', '.join(reading.won)} make orders")
    currency = text(deal, "deal_currency_code") or None
    lines = [_line(each, deal, currency, reading) for each in _in_order(children(record, "line_items"))]
    if not lines:
        raise UnreadableError("the deal has no line items: nobody knows what was sold")
    customer = _customer(record, reading)
    ship_to = text(deal, reading.ship_to) if reading.ship_to else ""
    return order_draft({**head, "customer": customer, "currency": currency, "ship_to": ship_to or None, "lines": lines})


def _in_order(lines: Sequence[Json]) -> list[Json]:
    """Line items as the quote has them, and those of no place by their ids."""

    def place(line: Json) -> tuple[int, int, str]:
        at, name = text(child(line, "properties"), "hs_position_on_quote"), text(line, "id")
        return (int(at) if at.isdecimal() and len(at) < 9 else 10**9, len(name), name)

    return sorted(lines, key=place)


def _line(line: Json, deal: Json, currency: str | None, reading: Reading) -> dict[str, Any]:
    said = child(line, "properties")
    name = text(line, "id")
    what = f"line {quoted(name)}"
    quantity = amount(said, "quantity", what)
    if quantity is None:
        raise UnreadableError(f"{what}: quantity is missing")
    paid = amount(said, "amount", what)
    net = price_of_one(paid, quantity, currency) if paid is not None and quantity > 0 else None
    date = (text(said, reading.requested) or text(deal, reading.requested)) if reading.requested else ""
    return {
        "line": name,
        "items": [told for key in reading.numbers if (told := text(said, key))],
        "description": text(said, "name") or None,
        "quantity": quantity,
        "price": net if net is not None else amount(said, "price", what),
        "requested": day(date[:10], "%Y-%m-%d", reading.requested) if date else None,
        "configuration": {key: told for key in reading.options if (told := text(said, key))} or None,
        "text": text(said, "description") or None,
    }


def _customer(record: Json, reading: Reading) -> str | None:
    """The company that bought, or else the person; none where there are several and none of them is the first."""
    companies = children(record, "companies")
    primary = [each for each in companies if each.get("primary") is True] or companies
    if primary:
        return (text(child(primary[0], "properties"), reading.company) or None) if len(primary) == 1 else None
    contacts = children(record, "contacts")
    return (text(child(contacts[0], "properties"), "email") or None) if len(contacts) == 1 else None
