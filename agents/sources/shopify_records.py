"""Orders asked of Shopify's GraphQL Admin interface, in the form that its webhooks have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agents.sources.errors import FetchError
from agents.sources.fetching import Fetch
from agents.sources.json_values import Json, child, children, text
from agents.sources.shopify_admin import Admin, gid, number_of

_LINES = 50
"""Lines of an order in one answer: what a query may cost does not hold many more."""

CHANGED = """
query ($first: Int!, $after: String, $query: String) {
  orders(first: $first, after: $after, query: $query, sortKey: UPDATED_AT) {
    nodes { id updatedAt }
    pageInfo { hasNextPage endCursor }
  }
}"""

COUNT = 'query { ordersCount(query: "status:open") { count } }'

_ORDER = """
query ($id: ID!, $lines: Int!, $after: String, $articles: Boolean!) {
  order(id: $id) {
    id name createdAt updatedAt cancelledAt test
    displayFinancialStatus displayFulfillmentStatus currencyCode note email
    customAttributes { key value }
    customer { id defaultEmailAddress { emailAddress } }
    shippingAddress { name company address1 address2 zip city province countryCodeV2 }
    lineItems(first: $lines, after: $after) {
      nodes {
        id sku title variantTitle quantity currentQuantity
        variant @include(if: $articles) { id }
        product @include(if: $articles) { id }
        customAttributes { key value }
        originalUnitPriceSet { shopMoney { amount } }
        discountAllocations { allocatedAmountSet { shopMoney { amount } } }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
}"""

_FULFILLED = {"FULFILLED": "fulfilled", "PARTIALLY_FULFILLED": "partial"}


def order_of(admin: Admin, fetch: Fetch, number: str, *, articles: bool) -> Json:
    """An order as it stands, with all of its lines; empty where the shop has none of this number. Raises FetchError.

    With `articles` lines have the ids of their variant and product, which an app may see that may read products.
    """
    found: Json = {}
    lines: list[Json] = []
    after: str | None = None
    while True:
        asked = {"id": gid("Order", number), "lines": _LINES, "after": after, "articles": articles}
        found = child(admin.ask(fetch, _ORDER, asked), "order")
        if not found:
            return {}
        items = child(found, "lineItems")
        lines += children(items, "nodes")
        if not (after := next_page(items)):
            return _as_webhook(found, lines)


def next_page(connection: Json) -> str:
    """Where a list goes on; empty where it ends. Raises FetchError where that is not said."""
    page = child(connection, "pageInfo")
    if page.get("hasNextPage") is False:
        return ""
    if not (after := text(page, "endCursor")):
        raise FetchError("the shop does not say whether a list goes on")
    return after


def _as_webhook(order: Json, lines: list[Json]) -> dict[str, Any]:
    customer = child(order, "customer")
    return {
        "id": number_of(text(order, "id")),
        "name": text(order, "name"),
        "created_at": text(order, "createdAt"),
        "updated_at": text(order, "updatedAt"),
        "cancelled_at": text(order, "cancelledAt") or None,
        "test": order.get("test"),
        "financial_status": text(order, "displayFinancialStatus").lower(),
        "fulfillment_status": _FULFILLED.get(text(order, "displayFulfillmentStatus")),
        "currency": text(order, "currencyCode"),
        "note": text(order, "note") or None,
        "email": text(order, "email") or None,
        "customer": {
            "id": number_of(text(customer, "id")),
            "email": text(child(customer, "defaultEmailAddress"), "emailAddress"),
        },
        "note_attributes": _attributes(order),
        "shipping_address": _address(child(order, "shippingAddress")),
        "line_items": [_line(each) for each in lines],
    }


def _line(line: Json) -> dict[str, Any]:
    discounts = children(line, "discountAllocations")
    return {
        "id": number_of(text(line, "id")),
        "sku": text(line, "sku") or None,
        "variant_id": number_of(text(child(line, "variant"), "id")),
        "product_id": number_of(text(child(line, "product"), "id")),
        "title": text(line, "title"),
        "variant_title": text(line, "variantTitle") or None,
        "quantity": line.get("quantity"),
        "current_quantity": line.get("currentQuantity"),
        "price": _money(line, "originalUnitPriceSet"),
        "properties": _attributes(line),
        "discount_allocations": [{"amount": _money(each, "allocatedAmountSet")} for each in discounts],
    }


def _money(values: Json, key: str) -> str | None:
    return text(child(child(values, key), "shopMoney"), "amount") or None


def _attributes(values: Json) -> list[Mapping[str, Any]]:
    return [{"name": each.get("key"), "value": each.get("value")} for each in children(values, "customAttributes")]


def _address(address: Json) -> Json | None:
    return {**address, "country_code": text(address, "countryCodeV2")} if address else None
