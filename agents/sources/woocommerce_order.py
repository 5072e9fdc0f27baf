"""Orders as WooCommerce's REST interface and its webhooks write them (versions 1 to 3), read into drafts.

What an order's status says decides: one that is paid for, or otherwise in a status that counts, is demand; one that
waits for payment, has failed or is completed is none, and is refused with that reason. News of an order says how it
stands, or that it is off.
"""

from __future__ import annotations

import html
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from agents.sources.drafts import aware_time
from agents.sources.errors import UnreadableError
from agents.sources.exact import EXACT, minor_digits, price_of_one, total
from agents.sources.json_documents import holds_own_type, looks_like_json
from agents.sources.json_values import Json, amount, child, children, day, text
from agents.sources.order_draft import OrderDraft, order_draft
from agents.sources.texts import joined, quoted

ItemNumber = Literal["sku", "global_unique_id", "variation_id", "product_id"]

OFF = ("cancelled", "refunded", "failed", "trash")
"""Statuses of orders that nobody wants any more."""

_DONE = ("completed", "shipped", "delivered")
_WHY = {
    "pending": "it waits for payment",
    "on-hold": "its payment is awaited",
    "checkout-draft": "the buyer has not placed it yet",
    "auto-draft": "nobody has placed it yet",
    "draft": "nobody has placed it yet",
    "completed": "the shop has completed it already",
    "cancelled": "it was cancelled",
    "refunded": "it was paid back",
    "failed": "its payment has failed",
    "trash": "it was thrown away",
}
_MARKS = (
    b'"order_key"',
    b'"date_created"',
    b'"date_created_gmt"',
    b'"total_line_items_quantity"',
    b'"method_id"',
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a shop's orders are read by: `statuses` are those that count, `numbers` the fields that number an article.

    `requested` is the key of the metadata that holds the wanted date, of a line or of the order, as `pattern` says.
    """

    shop: str = ""
    statuses: tuple[str, ...] = ("processing",)
    numbers: tuple[ItemNumber, ...] = ("sku", "global_unique_id")
    requested: str = ""
    pattern: str = "%Y-%m-%d"


def looks_like_woocommerce(head: bytes) -> bool:
    """Whether a body is an order of WooCommerce's, or several."""
    if not looks_like_json(head) or b'"line_items"' not in head or holds_own_type(head):
        return False
    return any(mark in head for mark in _MARKS)


def counts(order: Json, reading: Reading) -> bool:
    """Whether an order's status is one that counts."""
    return text(order, "status").removeprefix("wc-") in reading.statuses


def is_off(order: Json) -> bool:
    """Whether an order is one that nobody wants any more."""
    return text(order, "status").removeprefix("wc-") in OFF


def read_order(order: object, reading: Reading, news: bool = False) -> OrderDraft:
    """The draft of a WooCommerce order object; `news` where it stands for what has become of an order.

    Raises UnreadableError with what is wrong, and where.
    """
    if not isinstance(order, dict) or not isinstance(order.get("line_items"), list):
        raise UnreadableError("a WooCommerce order is an object with a list of line_items")
    number = text(order, "number") or text(order, "order_number") or text(order, "id")
    if not number:
        raise UnreadableError("number is empty: the order has no number")
    who = {"partner": reading.shop or "shop", "number": number, "reference": text(order, "id") or None}
    if news and is_off(order):
        return order_draft({**who, "kind": "cancel", "standing": True, "received": _time(order, "modified")})
    _check_status(order, reading)
    currency = text(order, "currency") or None
    lines = [_line(each, at, currency, reading) for at, each in enumerate(order["line_items"])]
    if not lines:
        raise UnreadableError("line_items is empty: the order has no line")
    _check_sums(order, lines)
    wanted = _meta(order).get(reading.requested, "") if reading.requested else ""
    note = text(order, "customer_note") or text(order, "note")
    for line in lines:
        date = line.pop("date") or wanted
        line["requested"] = day(str(date).strip(), reading.pattern, reading.requested) if date else None
        line["text"] = "\n".join(filter(None, (line["text"], note))) or None
    return order_draft(
        {
            **who,
            "standing": news,
            "customer": _customer(order),
            "received": _time(order, "modified" if news else "created"),
            "currency": currency,
            "ship_to": _ship_to(order),
            "lines": lines,
        }
    )


def _check_status(order: Json, reading: Reading) -> None:
    status = text(order, "status").removeprefix("wc-")
    if not status:
        raise UnreadableError("status is empty: nobody knows whether the order is wanted")
    if status not in reading.statuses:
        why = _WHY.get(status, "that is none of the statuses that count")
        cure = "" if status in (*OFF, *_DONE) else f"; add it to statuses ({', '.join(reading.statuses)}) to take it"
        raise UnreadableError(f"the order's status is {quoted(status)}: {why}{cure}")
    if children(order, "refunds"):
        raise UnreadableError("the order was paid back in part (refunds): order what is still wanted")
    if order.get("parent_id") not in (None, 0, "", "0"):
        raise UnreadableError(f"the order belongs to order {order['parent_id']}: take that one")


def _line(item: object, at: int, currency: str | None, reading: Reading) -> dict[str, Any]:
    if not isinstance(item, dict):
        raise UnreadableError(f"line_items[{at}] is not an object")
    name = text(item, "id") or str(at + 1)
    what = f"line {quoted(name)}"
    quantity = amount(item, "quantity", what)
    if quantity is None:
        raise UnreadableError(f"{what}: quantity is missing")
    options = _meta(item)
    date = options.pop(reading.requested, "") if reading.requested else ""
    parent = text(item, "bundled_by") or text(item, "composite_parent") or text(item, "parent_item_id")
    numbers = [number for key in reading.numbers if (number := text(item, key)) not in ("", "0")]
    return {
        "line": name,
        "items": numbers,
        "description": html.unescape(text(item, "parent_name") or text(item, "name")) or None,
        "quantity": quantity,
        "price": _price(item, quantity, currency, what),
        "configuration": options or None,
        "text": f"part of line {parent}" if parent else "",
        "date": date,
    }


def _price(item: Json, quantity: Decimal, currency: str | None, what: str) -> Decimal | None:
    """What is paid for one, before taxes: `total` is after discounts; `price` is worked out of it, and rounded."""
    paid = amount(item, "total", what)
    if paid is None or quantity <= 0:
        return amount(item, "price", what)
    if paid < 0:
        raise UnreadableError(f"{what}: total is {text(item, 'total')}, less than nothing")
    return price_of_one(paid, quantity, currency)


def _meta(values: Json) -> dict[str, Any]:
    """The metadata that people see: keys that begin with _ are the shop's own business.

    Raises UnreadableError where a key has several values.
    """
    found: dict[str, Any] = {}
    for key in ("meta_data", "meta"):
        for each in children(values, key):
            name, value = text(each, "key"), each.get("value")
            if not name or name.startswith("_") or value in (None, ""):
                continue
            if found.setdefault(name, value) != value:
                raise UnreadableError(f"{key}: {quoted(name)} has several values")
    return found


def _check_sums(order: Json, lines: list[dict[str, Any]]) -> None:
    """The old interface tells how many pieces there are, and what they come to; neither may have lost a line."""
    pieces = amount(order, "total_line_items_quantity", "the order")
    found = total(line["quantity"] for line in lines)
    if pieces is not None and pieces != found:
        raise UnreadableError(f"total_line_items_quantity is {pieces:f}, but the lines come to {found:f}")
    _check_total(order)


def _check_total(order: Json) -> None:
    """The order's total is that of its lines, shipping and fees with their taxes.

    Shops round taxes by line or at the end, as they please: so much it may differ.
    """
    told = amount(order, "total", "the order")
    taxes = amount(order, "total_tax", "the order")
    parts = [each for key in ("line_items", "shipping_lines", "fee_lines") for each in children(order, key)]
    amounts = [amount(each, "total", "a line") for each in parts]
    if told is None or taxes is None or any(each is None for each in amounts):
        return
    found = EXACT.add(total(each for each in amounts if each is not None), taxes)
    if abs(EXACT.subtract(told, found)) > Decimal(len(parts) + 1).scaleb(-minor_digits(text(order, "currency"))):
        raise UnreadableError(f"total is {told:f}, but the lines, shipping, fees and taxes come to {found:f}")


def _time(order: Json, event: str) -> Any:
    """When an order was created or modified, in UTC; the old interface has it with its offset, under other names."""
    old = text(order, {"created": "created_at", "modified": "updated_at"}[event])
    told = text(order, f"date_{event}_gmt")
    return aware_time(f"{told}Z") if told and not told.endswith("Z") else aware_time(told or old)


def _customer(order: Json) -> str | None:
    billing = child(order, "billing") or child(order, "billing_address")
    customer = text(order, "customer_id")
    values = (text(billing, "email"), text(child(order, "customer"), "email"), "" if customer == "0" else customer)
    return next(filter(None, values), None)


def _ship_to(order: Json) -> str | None:
    """The shipping address; where it says no street, goods go to the billing address."""
    for key in ("shipping", "shipping_address", "billing", "billing_address"):
        address = child(order, key)
        if text(address, "address_1"):
            name = f"{text(address, 'first_name')} {text(address, 'last_name')}"
            town = f"{text(address, 'postcode')} {text(address, 'city')}"
            lines = (text(address, "company"), text(address, "address_1"), text(address, "address_2"))
            return joined([name, *lines, town, text(address, "state"), text(address, "country")])
    return None
