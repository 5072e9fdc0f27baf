"""Orders as Shopify's Admin REST interface and its webhooks write them, read into drafts.

An order by itself is read as it stands. One that was cancelled, paid back, shipped or cut down before it got here is
no demand as its lines say it: it is refused with that reason, rather than sent to the shop floor. So are the shop's
test orders, which nobody pays and nobody awaits. News of an order says how it stands, or that it is off.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal
from urllib.parse import urlsplit

from agents.sources.drafts import aware_time
from agents.sources.errors import UnreadableError
from agents.sources.exact import EXACT, adds_up, number, plain, price_of_one, product, total
from agents.sources.json_values import Json, amount, child, children, day, pairs, text
from agents.sources.order_draft import OrderDraft, order_draft
from agents.sources.texts import joined, quoted

NO_VARIANT = "Default Title"
"""What Shopify calls the only variant of a product that has none."""

ItemNumber = Literal["sku", "variant_id", "product_id"]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a shop's orders are read by: `numbers` are the fields that number an article, best first.

    `requested` names the line property or note attribute that holds the wanted date, written as `pattern` says.
    """

    shop: str = ""
    numbers: tuple[ItemNumber, ...] = ("sku",)
    requested: str = ""
    pattern: str = "%Y-%m-%d"


def read_order(order: object, reading: Reading, news: bool = False) -> OrderDraft:
    """The draft of a Shopify order object; `news` where it stands for what has become of an order.

    Raises UnreadableError with what is wrong, and where.
    """
    if not isinstance(order, dict) or not isinstance(order.get("line_items"), list):
        raise UnreadableError("a Shopify order is an object with a list of line_items")
    _check_demand(order, news)
    order_number = text(order, "name") or text(order, "order_number") or text(order, "id")
    if not order_number:
        raise UnreadableError("name is empty: the order has no number")
    who: dict[str, Any] = {"partner": reading.shop or _shop(order), "number": order_number}
    who["reference"] = text(order, "id") or None
    received = aware_time(text(order, "updated_at" if news else "created_at"))
    if news and _is_off(order):
        return order_draft({**who, "kind": "cancel", "standing": True, "received": received})
    lines = _lines(order, reading, news)
    if not lines:
        return order_draft({**who, "kind": "cancel", "standing": True, "received": received})
    return order_draft(
        {
            **who,
            **_kind(order, news),
            "customer": _customer(order),
            "received": received,
            "currency": text(order, "currency") or None,
            "ship_to": _ship_to(order),
            "lines": lines,
        }
    )


def _kind(order: Json, news: bool) -> dict[str, Any]:
    """What an order is as news: of one that was shipped in part only who knows it knows what is still wanted."""
    if news and text(order, "fulfillment_status") == "partial":
        return {"kind": "change", "complete": True, "standing": True}
    return {"standing": news}


def is_shipped(order: Json) -> bool:
    """Whether the shop has shipped all of an order: news of it asks for nothing more."""
    return text(order, "fulfillment_status") == "fulfilled"


def _is_off(order: Json) -> bool:
    """Whether an order was called off, or all of it paid back."""
    return bool(text(order, "cancelled_at")) or text(order, "financial_status") in ("refunded", "voided")


def _check_demand(order: Json, news: bool) -> None:
    """Refuse what nobody waits for."""
    if (cancelled := text(order, "cancelled_at")) and not news:
        raise UnreadableError(f"the order was cancelled at {cancelled}: nothing of it is wanted")
    if order.get("test") is True:
        raise UnreadableError("the order is a test of the shop (test is true): nobody waits for it")
    if _is_off(order):
        if not news:
            paid = text(order, "financial_status")
            raise UnreadableError(f"the order's payment was {paid}: nothing of it is wanted")
    elif is_shipped(order):
        raise UnreadableError("the order was shipped by the shop already: order what is still wanted")
    elif text(order, "fulfillment_status") == "partial" and not news:
        raise UnreadableError("the order was shipped in part by the shop already: order what is still wanted")


def _lines(order: Json, reading: Reading, news: bool) -> list[dict[str, Any]]:
    attributes = pairs(order, "note_attributes", "note_attributes")
    wanted = attributes.pop(reading.requested, None) if reading.requested else None
    note = "\n".join(filter(None, (text(order, "note"), *(f"{name}: {value}" for name, value in attributes.items()))))
    currency = text(order, "currency") or None
    lines = [
        _Line(each, at, currency).draft(reading, wanted, note, news) for at, each in enumerate(order["line_items"])
    ]
    if not lines:
        raise UnreadableError("line_items is empty: the order has no line")
    _check_total(order, currency)
    return [line for line in lines if not (news and line["quantity"] == 0)]


class _Line:
    """A line item of an order, with its name for reasons."""

    def __init__(self, item: object, at: int, currency: str | None) -> None:
        if not isinstance(item, dict):
            raise UnreadableError(f"line_items[{at}] is not an object")
        self.item: Json = item
        self.name = text(item, "id") or str(at + 1)
        self.what = f"line {quoted(self.name)}"
        self.currency = currency
        self.ordered = number(text(item, "quantity"), f"{self.what}: quantity")

    def draft(self, reading: Reading, wanted: object, note: str, news: bool) -> dict[str, Any]:
        """The fields of the line's draft; the order's date and note hold where it has none of its own."""
        options = pairs(self.item, "properties", f"{self.what}: properties")
        date = options.pop(reading.requested, None) if reading.requested else None
        date = wanted if date in (None, "") else date
        variant = text(self.item, "variant_title")
        described = [text(self.item, "title"), "" if variant == NO_VARIANT else variant]
        parent = text(self.item, "parent_line_item_id")
        return {
            "line": self.name,
            "items": [told for key in reading.numbers if (told := text(self.item, key))],
            "description": " - ".join(filter(None, described)) or text(self.item, "name") or None,
            "quantity": self._wanted(news),
            "requested": None if date in (None, "") else day(str(date).strip(), reading.pattern, reading.requested),
            "price": self._price(),
            "configuration": options or None,
            "text": "\n".join(filter(None, (f"part of line {parent}" if parent else "", note))) or None,
        }

    def _wanted(self, news: bool) -> Decimal:
        """How much is still wanted of what was ordered."""
        now = amount(self.item, "current_quantity", self.what)
        if now is None or now == self.ordered:
            return self.ordered
        if not news:
            raise UnreadableError(
                f"{self.what} was changed after it was ordered: {plain(now)} of {plain(self.ordered)} is still wanted "
                "(current_quantity); order what is still wanted"
            )
        return now

    def _price(self) -> Decimal | None:
        """The price of one, less what the discounts of the line and its share of the order's take off."""
        price = amount(self.item, "price", self.what)
        given = [
            amount(each, "amount", f"{self.what}: discount") for each in children(self.item, "discount_allocations")
        ]
        off = total(each for each in given if each is not None)
        if price is None or not off or self.ordered <= 0:
            return price
        left = EXACT.subtract(product(price, self.ordered), off)
        if left < 0:
            raise UnreadableError(f"{self.what}: discounts of {plain(off)} are more than it costs")
        return price_of_one(left, self.ordered, self.currency)


def _check_total(order: Json, currency: str | None) -> None:
    """total_line_items_price is the sum of quantity × price, before discounts, taxes and shipping."""
    told = amount(order, "total_line_items_price", "the order")
    lines = order["line_items"]
    if told is None or not all(text(line, "price") for line in lines):
        return
    amounts = [
        product(number(text(line, "quantity"), "quantity"), number(text(line, "price"), "price")) for line in lines
    ]
    if not adds_up(told, amounts, currency):
        found = plain(total(amounts))
        raise UnreadableError(
            f"total_line_items_price is {plain(told)}, but quantity × price of the lines comes to {found}"
        )


def _shop(order: Json) -> str:
    """The shop's domain, as far as the order tells it."""
    try:
        return urlsplit(text(order, "order_status_url")).hostname or "shop"
    except ValueError:
        return "shop"


def _customer(order: Json) -> str | None:
    customer = child(order, "customer")
    values = (text(customer, "email"), text(order, "email"), text(order, "contact_email"), text(customer, "id"))
    return next(filter(None, values), None)


def _ship_to(order: Json) -> str | None:
    address = child(order, "shipping_address")
    town = f"{text(address, 'zip')} {text(address, 'city')}"
    parts = [text(address, key) for key in ("name", "company", "address1", "address2")]
    country = text(address, "country_code") or text(address, "country")
    return joined([*parts, town, text(address, "province"), country]) or None
