"""Orders of Salesforce's (the standard objects Order and OrderItem), read into drafts.

The record of an order is an object of our own making, `salesforce_order`, which holds an Order as a query gives it,
with its OrderItems. An order that is activated is demand; one that is cancelled or has expired calls it off.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from agents.sources.drafts import aware_time
from agents.sources.errors import UnreadableError
from agents.sources.exact import adds_up, plain, product, total
from agents.sources.json_values import Json, amount, child, children, day, text
from agents.sources.order_draft import OrderDraft, order_draft
from agents.sources.texts import joined, quoted

ORDER = "salesforce_order"

ACTIVATED = "Activated"
OFF = ("Canceled", "Expired")
"""The codes behind the statuses of orders that nobody wants any more; statuses themselves are every company's own."""

ItemNumber = Literal["ProductCode", "StockKeepingUnit"]

_ORDER = (
    "Id",
    "OrderNumber",
    "Status",
    "StatusCode",
    "IsReductionOrder",
    "TotalAmount",
    "SystemModstamp",
    "Account.Name",
    "Account.AccountNumber",
    "ShippingStreet",
    "ShippingCity",
    "ShippingState",
    "ShippingPostalCode",
    "ShippingCountry",
)
_LINE = (
    "Id",
    "OrderItemNumber",
    "Quantity",
    "UnitPrice",
    "TotalPrice",
    "Description",
    "Product2.Name",
    "Product2.ProductCode",
    "Product2.StockKeepingUnit",
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What orders are read by: names of fields as queries have them, custom ones with their `__c`.

    `requested` is that of an order item which holds the wanted date; `options` are those which configure it. `currency`
    is that of a company with one, and empty where orders tell their own (CurrencyIsoCode).
    """

    org: str = ""
    currency: str = ""
    number: str = "OrderNumber"
    numbers: tuple[ItemNumber, ...] = ("ProductCode", "StockKeepingUnit")
    options: tuple[str, ...] = ()
    requested: str = ""

    def select(self) -> str:
        """The part of a query that names what is wanted of orders."""
        own = () if self.currency else ("CurrencyIsoCode",)
        items = ", ".join(_distinct((*_LINE, *self.options, *filter(None, (self.requested,)))))
        order = ", ".join(_distinct((*_ORDER, self.number, *own)))
        return f"SELECT {order}, (SELECT {items} FROM OrderItems ORDER BY OrderItemNumber) FROM Order"


def _distinct(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))


def read_order(record: object, reading: Reading) -> OrderDraft:
    """The draft of an order's record. Raises UnreadableError with what is wrong, and where."""
    if not isinstance(record, dict) or not isinstance(order := record.get(ORDER), dict):
        raise UnreadableError(
            "this only names an order of Salesforce's: give client_id and client_secret, so that it can be asked for"
        )
    number = text(order, reading.number)
    if not number:
        raise UnreadableError(f"{reading.number} is empty: the order has no number")
    head: dict[str, Any] = {"partner": reading.org, "number": number, "standing": True}
    head["reference"] = text(order, "Id") or None
    head["received"] = aware_time(text(order, "SystemModstamp"))
    code = text(order, "StatusCode")
    if order.get("IsReductionOrder") is True:
        raise UnreadableError("the order is a reduction of another one: change that one")
    if code in OFF:
        return order_draft({**head, "kind": "cancel"})
    if code != ACTIVATED:
        raise UnreadableError(f"the order's status is {quoted(text(order, 'Status'))} ({code}): it is not activated")
    items = child(order, "OrderItems")
    if items.get("done") is False:
        raise UnreadableError("not all of the order's items are here")
    currency = text(order, "CurrencyIsoCode") or reading.currency or None
    lines = [_line(each, at, currency, reading) for at, each in enumerate(children(items, "records"), 1)]
    if not lines:
        raise UnreadableError("the order has no items: nobody knows what was sold")
    _check_total(order, lines, currency)
    account = child(order, "Account")
    customer = text(account, "AccountNumber") or text(account, "Name") or None
    return order_draft({**head, "customer": customer, "currency": currency, "ship_to": _ship_to(order), "lines": lines})


def _line(item: Json, at: int, currency: str | None, reading: Reading) -> dict[str, Any]:
    name = text(item, "OrderItemNumber") or text(item, "Id") or str(at)
    what = f"line {quoted(name)}"
    quantity, price = amount(item, "Quantity", what), amount(item, "UnitPrice", what)
    if quantity is None:
        raise UnreadableError(f"{what}: Quantity is missing")
    told = amount(item, "TotalPrice", what)
    if told is not None and price is not None and not adds_up(told, [product(quantity, price)], currency):
        found = f"{plain(quantity)} × {plain(price)} is {plain(product(quantity, price))}"
        raise UnreadableError(f"{what}: TotalPrice is {plain(told)}, but {found}")
    article = child(item, "Product2")
    date = text(item, reading.requested) if reading.requested else ""
    return {
        "line": name,
        "items": [number for key in reading.numbers if (number := text(article, key))],
        "description": text(article, "Name") or None,
        "quantity": quantity,
        "price": price,
        "requested": day(date[:10], "%Y-%m-%d", reading.requested) if date else None,
        "configuration": {key: value for key in reading.options if (value := text(item, key))} or None,
        "text": text(item, "Description") or None,
    }


def _check_total(order: Json, lines: list[dict[str, Any]], currency: str | None) -> None:
    """TotalAmount is the sum of the items' prices."""
    told = amount(order, "TotalAmount", "the order")
    if told is None or any(line["price"] is None for line in lines):
        return
    amounts = [product(line["quantity"], line["price"]) for line in lines]
    if not adds_up(told, amounts, currency):
        raise UnreadableError(f"TotalAmount is {plain(told)}, but the items come to {plain(total(amounts))}")


def _ship_to(order: Json) -> str | None:
    street = ", ".join(text(order, "ShippingStreet").splitlines())
    town = f"{text(order, 'ShippingPostalCode')} {text(order, 'ShippingCity')}"
    return joined([street, town, text(order, "ShippingState"), text(order, "ShippingCountry")]) or None
