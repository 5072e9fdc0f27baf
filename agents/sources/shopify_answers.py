"""What is answered to a shop by its Admin interface: a metafield says what is promised, a fulfilment what has left.

A fulfilment carries our shipping order as its tracking number, so that the same answer makes no second one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from agents.sources.errors import SourceError
from agents.sources.exact import plain
from agents.sources.fetching import Fetch
from agents.sources.json_values import Json, child, children, text
from agents.sources.record_answers import RecordAnswer
from agents.sources.shopify_admin import Admin, gid, number_of
from agents.sources.shopify_records import next_page
from agents.sources.texts import quoted

NAMESPACE, KEY = "society", "promise"
"""Of the order's metafield that says what is promised."""

_SET = """
mutation ($metafields: [MetafieldsSetInput!]!) {
  metafieldsSet(metafields: $metafields) { userErrors { message } }
}"""

_FULFILMENTS = """
query ($id: ID!) {
  order(id: $id) { fulfillments(first: 250) { id status trackingInfo { number } } }
}"""

_FULFILLED = """
query ($id: ID!, $after: String) {
  fulfillment(id: $id) {
    fulfillmentLineItems(first: 50, after: $after) {
      nodes { quantity lineItem { id } } pageInfo { hasNextPage endCursor } }
  }
}"""

_ORDERS = """
query ($id: ID!, $after: String) {
  order(id: $id) {
    fulfillmentOrders(first: 20, after: $after) { nodes { id status } pageInfo { hasNextPage endCursor } }
  }
}"""

_LINES = """
query ($id: ID!, $after: String) {
  fulfillmentOrder(id: $id) {
    lineItems(first: 50, after: $after) {
      nodes { id remainingQuantity lineItem { id } } pageInfo { hasNextPage endCursor } }
  }
}"""

_CREATE = """
mutation ($fulfillment: FulfillmentInput!) {
  fulfillmentCreate(fulfillment: $fulfillment) { fulfillment { id } userErrors { message } }
}"""

_FULFILLABLE = ("OPEN", "IN_PROGRESS")


@dataclass(frozen=True, slots=True)
class ShopAnswers:
    """Writes answers into a shop; `notify` has the shop tell its customer of what has left."""

    admin: Admin
    notify: bool

    def write(self, answer: RecordAnswer, fetch: Fetch) -> None:
        """Write one. Raises SourceError where the shop refuses it."""
        if not answer.reference.isdigit():
            raise SourceError(f"order {answer.number} came without the shop's own id: the shop cannot be told of it")
        if answer.shipping_order:
            self._fulfil(answer, fetch)
        else:
            self._promise(answer, fetch)

    def _promise(self, answer: RecordAnswer, fetch: Fetch) -> None:
        owner = gid("Order", answer.reference)
        field = {"ownerId": owner, "namespace": NAMESPACE, "key": KEY, "type": "multi_line_text_field"}
        self.admin.change(fetch, "metafieldsSet", _SET, {"metafields": [{**field, "value": answer.text}]})

    def _fulfil(self, answer: RecordAnswer, fetch: Fetch) -> None:
        """A fulfilment for every fulfilment order, for each is of one place, of what is not fulfilled there yet."""
        left = self._left(answer, fetch)
        own = gid("Order", answer.reference)
        for order in list(self._listed(fetch, _ORDERS, own, "order", "fulfillmentOrders")):
            if text(order, "status") not in _FULFILLABLE or not any(left.values()):
                continue
            taken = {}
            for line in self._listed(fetch, _LINES, text(order, "id"), "fulfillmentOrder", "lineItems"):
                name = number_of(text(child(line, "lineItem"), "id"))
                if quantity := min(left.get(name, 0), int(text(line, "remainingQuantity") or "0")):
                    taken[text(line, "id")] = quantity
                    left[name] -= quantity
            if taken:
                self._create(answer, text(order, "id"), taken, fetch)

    def _left(self, answer: RecordAnswer, fetch: Fetch) -> dict[str, int]:
        """What has left of each line, less what fulfilments with the number of this shipping order have already."""
        left = {each.line: _whole(each.quantity, answer.number, each.line) for each in answer.left}
        order = child(self.admin.ask(fetch, _FULFILMENTS, {"id": gid("Order", answer.reference)}), "order")
        if not order:
            raise SourceError(f"the shop has no order {answer.reference} ({answer.number})")
        for each in children(order, "fulfillments"):
            numbers = [text(one, "number") for one in children(each, "trackingInfo")]
            if answer.shipping_order not in numbers or text(each, "status") == "CANCELLED":
                continue
            for line in self._listed(fetch, _FULFILLED, text(each, "id"), "fulfillment", "fulfillmentLineItems"):
                name = number_of(text(child(line, "lineItem"), "id"))
                left[name] = max(0, left.get(name, 0) - int(text(line, "quantity") or "0"))
        return left

    def _listed(self, fetch: Fetch, query: str, of: str, kind: str, name: str) -> Iterator[Json]:
        """All that a list of an object holds."""
        after: str | None = None
        while True:
            found = child(child(self.admin.ask(fetch, query, {"id": of, "after": after}), kind), name)
            yield from children(found, "nodes")
            if not (after := next_page(found)):
                return

    def _create(self, answer: RecordAnswer, order: str, taken: Mapping[str, int], fetch: Fetch) -> None:
        lines = [{"id": name, "quantity": quantity} for name, quantity in taken.items()]
        said: dict[str, Any] = {
            "lineItemsByFulfillmentOrder": [{"fulfillmentOrderId": order, "fulfillmentOrderLineItems": lines}],
            "trackingInfo": {"number": answer.shipping_order},
            "notifyCustomer": self.notify,
        }
        self.admin.change(fetch, "fulfillmentCreate", _CREATE, {"fulfillment": said})


def _whole(quantity: Decimal, order: str, line: str) -> int:
    if quantity != quantity.to_integral_value():
        raise SourceError(f"line {quoted(line)} of order {order}: a shop has whole pieces only, not {plain(quantity)}")
    return int(quantity)
