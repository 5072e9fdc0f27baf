"""The source of Shopify orders, as the shop's Admin REST interface and its webhooks write them.

Read are open orders as they stand. An order that was cancelled, paid back, shipped or cut down before it got here is
no demand as its lines say it: it goes to quarantine with that reason, rather than to the shop floor. So do the shop's
test orders, which nobody pays and nobody awaits.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from agents.sources.drafts import aware_time
from agents.sources.errors import UnreadableError
from agents.sources.exact import adds_up, number, plain, product, total
from agents.sources.json_documents import holds_own_type, looks_like_json
from agents.sources.json_text import Piece, pieces, written
from agents.sources.order_draft import OrderDraft, order_draft
from agents.sources.source import Source, SourceConfig, Transaction, attempt, rejected
from agents.sources.texts import joined, quoted
from agents.sources.unsupported import WOOCOMMERCE

NO_VARIANT = "Default Title"
"""What Shopify calls the only variant of a product that has none."""

Json = Mapping[str, Any]


class Shopify(Source[SourceConfig]):
    """The source of Shopify orders: bare, in `{"order": …}`, in `{"orders": […]}`, in an array, or one a line."""

    kind = "shopify"
    title = "Shopify"

    def recognises(self, head: bytes, name: str) -> bool:
        return (
            looks_like_json(head)
            and b'"line_items"' in head
            and not (holds_own_type(head) or WOOCOMMERCE.recognises(head, name))
        )

    def parse(self, headers: Mapping[str, str], body: bytes) -> list[Transaction]:
        return [_read(order) for piece in pieces(body) for order in _orders(piece)]


def _read(piece: Piece) -> Transaction:
    if piece.fault:
        return rejected(piece.position, piece.text, piece.fault)
    return attempt(piece.position, piece.text, lambda: read_order(piece.value))


def _orders(piece: Piece) -> Iterator[Piece]:
    """The orders in a piece: itself, or those that it wraps."""
    value = piece.value
    if isinstance(value, dict) and isinstance(several := value.get("orders"), list) and not piece.fault:
        for index, each in enumerate(several):
            yield Piece(".".join(filter(None, (piece.position, str(index)))), each, "", written(each))
        if not several:
            yield Piece(piece.position, None, "the list of orders is empty", piece.text)
    elif isinstance(value, dict) and isinstance(value.get("order"), dict):
        yield Piece(piece.position, value["order"], piece.fault, piece.text)
    else:
        yield piece


def read_order(order: object) -> OrderDraft:
    """The order of a Shopify order object. Raises UnreadableError with what is wrong, and where."""
    if not isinstance(order, dict) or not isinstance(order.get("line_items"), list):
        raise UnreadableError("a Shopify order is an object with a list of line_items")
    _check_open(order)
    order_number = _text(order, "name") or _text(order, "order_number") or _text(order, "id")
    if not order_number:
        raise UnreadableError("name is empty: the order has no number")
    note = _note(order)
    lines = [_line(each, ordinal, note) for ordinal, each in enumerate(order["line_items"], 1)]
    if not lines:
        raise UnreadableError("line_items is empty: the order has no line")
    currency = _text(order, "currency") or None
    _check_total(order, lines, currency)
    return order_draft(
        {
            "partner": _shop(order),
            "number": order_number,
            "customer": _customer(order),
            "received": aware_time(_text(order, "created_at")),
            "currency": currency,
            "ship_to": _ship_to(order),
            "lines": lines,
        }
    )


def _check_open(order: Json) -> None:
    """Refuse what is no open order: what it says is not what somebody waits for."""
    if cancelled := _text(order, "cancelled_at"):
        raise UnreadableError(f"the order was cancelled at {cancelled}: nothing of it is wanted")
    if order.get("test") is True:
        raise UnreadableError("the order is a test of the shop (test is true): nobody waits for it")
    if (paid := _text(order, "financial_status")) in ("refunded", "voided"):
        raise UnreadableError(f"the order's payment was {paid}: nothing of it is wanted")
    if (shipped := _text(order, "fulfillment_status")) in ("fulfilled", "partial"):
        how = "shipped" if shipped == "fulfilled" else "shipped in part"
        raise UnreadableError(f"the order was {how} by the shop already: order what is still wanted")


def _line(item: object, ordinal: int, note: str) -> dict[str, Any]:
    if not isinstance(item, dict):
        raise UnreadableError(f"line_items[{ordinal - 1}] is not an object")
    name = _text(item, "id") or str(ordinal)
    what = f"line {quoted(name)}"
    quantity = number(_text(item, "quantity"), f"{what}: quantity")
    now = _text(item, "current_quantity")
    if now and number(now, f"{what}: current_quantity") != quantity:
        raise UnreadableError(
            f"{what} was changed after it was ordered: {now} of {plain(quantity)} is still wanted "
            "(current_quantity); order what is still wanted"
        )
    price = _text(item, "price")
    title, variant = _text(item, "title"), _text(item, "variant_title")
    described = " - ".join(part for part in (title, "" if variant == NO_VARIANT else variant) if part)
    return {
        "line": name,
        "items": [_text(item, "sku")] if _text(item, "sku") else [],
        "description": described or _text(item, "name") or None,
        "quantity": quantity,
        "price": number(price, f"{what}: price") if price else None,
        "configuration": _pairs(item.get("properties"), f"{what}: properties") or None,
        "text": note or None,
    }


def _check_total(order: Json, lines: list[dict[str, Any]], currency: str | None) -> None:
    """total_line_items_price is the sum of quantity × price, before discounts, taxes and shipping."""
    told = _text(order, "total_line_items_price")
    if not told or any(line["price"] is None for line in lines):
        return
    amounts = [product(line["quantity"], line["price"]) for line in lines]
    if not adds_up(number(told, "total_line_items_price"), amounts, currency):
        raise UnreadableError(
            f"total_line_items_price is {told}, but quantity × price of the lines comes to {plain(total(amounts))}"
        )


def _text(values: Json, key: str) -> str:
    """A value as text; empty where it is missing, null or no plain value."""
    value = values.get(key)
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return ""
    return str(value).strip()


def _child(values: Json, key: str) -> Json:
    value = values.get(key)
    return value if isinstance(value, dict) else {}


def _pairs(pairs: object, what: str) -> dict[str, Any]:
    """A list of {name, value} as one mapping."""
    found: dict[str, Any] = {}
    for pair in pairs if isinstance(pairs, list) else ():
        if not isinstance(pair, dict) or not _text(pair, "name"):
            continue
        name = _text(pair, "name")
        if found.setdefault(name, pair.get("value")) != pair.get("value"):
            raise UnreadableError(f"{what}: {quoted(name)} has several values")
    return found


def _note(order: Json) -> str:
    """The buyer's note and the order's attributes. They speak of the whole order, so every line carries them."""
    attributes = _pairs(order.get("note_attributes"), "note_attributes")
    return "\n".join(filter(None, (_text(order, "note"), *(f"{name}: {value}" for name, value in attributes.items()))))


def _shop(order: Json) -> str:
    """The shop's domain, as far as the order tells it."""
    try:
        return urlsplit(_text(order, "order_status_url")).hostname or "shop"
    except ValueError:
        return "shop"


def _customer(order: Json) -> str | None:
    customer = _child(order, "customer")
    values = (_text(customer, "email"), _text(order, "email"), _text(order, "contact_email"), _text(customer, "id"))
    return next(filter(None, values), None)


def _ship_to(order: Json) -> str | None:
    address = _child(order, "shipping_address")
    town = f"{_text(address, 'zip')} {_text(address, 'city')}"
    parts = [_text(address, key) for key in ("name", "company", "address1", "address2")]
    country = _text(address, "country_code") or _text(address, "country")
    return joined([*parts, town, _text(address, "province"), country]) or None
