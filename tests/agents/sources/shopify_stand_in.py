"""A stand-in for a shop of Shopify's: its GraphQL Admin interface as far as it is used, run by a real GraphQL engine.

What is not in the schema, costs more than a query may, is outside the app's scopes, or makes no sense is refused, as
the shop does it.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLError,
    OperationDefinitionNode,
    SelectionSetNode,
    build_schema,
    execute_sync,
    parse,
    validate,
)
from graphql.language import IntValueNode, VariableNode

from tests.agents.sources.stand_in import Answer, Call

SCHEMA = build_schema("""
scalar DateTime
type Query {
  orders(first: Int, after: String, query: String, sortKey: OrderSortKeys): OrderConnection!
  ordersCount(query: String): Count
  order(id: ID!): Order
  fulfillment(id: ID!): Fulfillment
  fulfillmentOrder(id: ID!): FulfillmentOrder
}
type Mutation {
  metafieldsSet(metafields: [MetafieldsSetInput!]!): MetafieldsSetPayload
  fulfillmentCreate(fulfillment: FulfillmentInput!, message: String): FulfillmentCreatePayload
}
enum OrderSortKeys { CREATED_AT UPDATED_AT }
enum OrderDisplayFulfillmentStatus { FULFILLED PARTIALLY_FULFILLED UNFULFILLED }
enum OrderDisplayFinancialStatus { PAID REFUNDED VOIDED PENDING }
enum FulfillmentOrderStatus { OPEN IN_PROGRESS CLOSED CANCELLED ON_HOLD }
enum FulfillmentStatus { SUCCESS CANCELLED }
type PageInfo { hasNextPage: Boolean! endCursor: String }
type Count { count: Int! }
type Attribute { key: String! value: String }
type MoneyV2 { amount: String! currencyCode: String! }
type MoneyBag { shopMoney: MoneyV2! }
type DiscountAllocation { allocatedAmountSet: MoneyBag! }
type Node { id: ID! }
type CustomerEmailAddress { emailAddress: String! }
type Customer { id: ID! defaultEmailAddress: CustomerEmailAddress }
type MailingAddress {
  name: String company: String address1: String address2: String zip: String city: String province: String
  countryCodeV2: String
}
type LineItem {
  id: ID! sku: String title: String! variantTitle: String quantity: Int! currentQuantity: Int!
  variant: Node product: Node customAttributes: [Attribute!]!
  originalUnitPriceSet: MoneyBag! discountAllocations: [DiscountAllocation!]!
}
type LineItemConnection { nodes: [LineItem!]! pageInfo: PageInfo! }
type Order {
  id: ID! name: String! createdAt: DateTime! updatedAt: DateTime! cancelledAt: DateTime test: Boolean!
  displayFinancialStatus: OrderDisplayFinancialStatus displayFulfillmentStatus: OrderDisplayFulfillmentStatus!
  currencyCode: String! note: String email: String customAttributes: [Attribute!]! customer: Customer
  shippingAddress: MailingAddress
  lineItems(first: Int, after: String): LineItemConnection!
  fulfillments(first: Int): [Fulfillment!]!
  fulfillmentOrders(first: Int, after: String): FulfillmentOrderConnection!
}
type OrderConnection { nodes: [Order!]! pageInfo: PageInfo! }
type FulfillmentTrackingInfo { number: String company: String url: String }
type FulfillmentLineItem { quantity: Int lineItem: LineItem! }
type FulfillmentLineItemConnection { nodes: [FulfillmentLineItem!]! pageInfo: PageInfo! }
type Fulfillment {
  id: ID! status: FulfillmentStatus! trackingInfo: [FulfillmentTrackingInfo!]!
  fulfillmentLineItems(first: Int, after: String): FulfillmentLineItemConnection!
}
type FulfillmentOrderLineItem { id: ID! remainingQuantity: Int! lineItem: LineItem! }
type FulfillmentOrderLineItemConnection { nodes: [FulfillmentOrderLineItem!]! pageInfo: PageInfo! }
type FulfillmentOrder {
  id: ID! status: FulfillmentOrderStatus!
  lineItems(first: Int, after: String): FulfillmentOrderLineItemConnection!
}
type FulfillmentOrderConnection { nodes: [FulfillmentOrder!]! pageInfo: PageInfo! }
type UserError { field: [String!] message: String! }
type MetafieldsSetPayload { userErrors: [UserError!]! }
type FulfillmentCreatePayload { fulfillment: Fulfillment userErrors: [UserError!]! }
input MetafieldsSetInput { ownerId: ID! namespace: String key: String! value: String! type: String }
input FulfillmentTrackingInput { number: String company: String url: String }
input FulfillmentOrderLineItemInput { id: ID! quantity: Int! }
input FulfillmentOrderLineItemsInput {
  fulfillmentOrderId: ID! fulfillmentOrderLineItems: [FulfillmentOrderLineItemInput!]
}
input FulfillmentInput {
  lineItemsByFulfillmentOrder: [FulfillmentOrderLineItemsInput!]! notifyCustomer: Boolean
  trackingInfo: FulfillmentTrackingInput
}
""")

DEAREST = 1000
"""Points that a single query may cost."""

_FULFIL = "merchant_managed_fulfillment_orders"
SCOPES = frozenset({"read_orders", "read_customers", "write_orders", f"read_{_FULFIL}", f"write_{_FULFIL}"})
_NEEDED = {
    "metafieldsSet": "write_orders",
    "fulfillmentCreate": f"write_{_FULFIL}",
    "fulfillmentOrders": f"read_{_FULFIL}",
    "fulfillmentOrder": f"read_{_FULFIL}",
    "customer": "read_customers",
    "variant": "read_products",
    "product": "read_products",
    "orders": "read_orders",
    "ordersCount": "read_orders",
    "order": "read_orders",
}


class Shop:
    """A shop's orders, given as its webhooks have them; each has a fulfilment order for each of `places`, in which its
    lines lie by turns. The first token is worn out after so many calls."""

    def __init__(
        self, *orders: dict[str, Any], places: int = 1, scopes: frozenset[str] = SCOPES, worn_after: int = 10**9
    ) -> None:
        self.orders, self.places, self.scopes = list(orders), places, scopes
        self.tokens, self.left = 0, worn_after
        self.metafields: dict[tuple[str, str, str], str] = {}
        self.fulfilments: list[dict[str, Any]] = []

    def answer(self, call: Call) -> Answer:
        if call.path == "/admin/oauth/access_token":
            assert call.form() == {"grant_type": "client_credentials", "client_id": "c", "client_secret": "s"}
            self.tokens += 1
            return Answer({"access_token": f"token {self.tokens}", "expires_in": 86399})
        self.left -= 1
        if call.headers["x-shopify-access-token"] not in (f"token {self.tokens}", "shpat_1") or self.left == 0:
            return Answer({"errors": "[API] Invalid API key or access token"}, 401)
        assert (call.method, call.path) == ("POST", "/admin/api/2026-10/graphql.json"), call
        asked = call.json()
        document = parse(asked["query"])
        problems = validate(SCHEMA, document) or list(self._refused(document, asked["variables"]))
        if problems:
            return Answer({"errors": [each.formatted for each in problems]})
        done = execute_sync(SCHEMA, document, self._root(), variable_values=asked["variables"])
        return Answer(done.formatted)

    def _refused(self, document: DocumentNode, variables: Mapping[str, Any]) -> Iterator[GraphQLError]:
        for operation in document.definitions:
            assert isinstance(operation, OperationDefinitionNode)
            for field in _fields(operation.selection_set, variables):
                if (scope := _NEEDED.get(field, "")) and scope not in self.scopes:
                    said = f"Access denied for {field} field. Required access: `{scope}` access scope."
                    yield GraphQLError(said, extensions={"code": "ACCESS_DENIED"})
            if (cost := _cost(operation.selection_set, variables)) > DEAREST:
                said = f"Query cost is {cost}, which exceeds the single query max cost limit ({DEAREST})."
                yield GraphQLError(said, extensions={"code": "MAX_COST_EXCEEDED"})

    def _root(self) -> dict[str, Any]:
        return {
            "orders": self._listed,
            "ordersCount": lambda _, query: {"count": len([o for o in self.orders if not o.get("cancelled_at")])},
            "order": lambda _, **said: _with(said["id"], map(self._order, self.orders)),
            "fulfillment": lambda _, **said: _with(said["id"], map(self._fulfilment, self.fulfilments)),
            "fulfillmentOrder": lambda _, **said: self._fulfilment_orders().get(said["id"]),
            "metafieldsSet": self._set,
            "fulfillmentCreate": self._create,
        }

    def _listed(self, _: Any, first: int, query: str, sortKey: str, after: str | None = None) -> Any:  # noqa: N803
        assert sortKey == "UPDATED_AT"
        since = re.fullmatch(r"updated_at:>='(.+)'", query)
        begin = dt.datetime.fromisoformat(since[1] if since else "2000-01-01T00:00:00Z")
        assert since or query == "status:open"
        found = [o for o in self.orders if dt.datetime.fromisoformat(o["updated_at"]) >= begin]
        found.sort(key=lambda order: str(order["updated_at"]))
        return _page([self._order(each) for each in found], min(first, 2), after)

    def _order(self, order: dict[str, Any]) -> dict[str, Any]:
        customer = order.get("customer") or {}
        lines = [_line(line) for line in order["line_items"]]
        mine = [f for f in self.fulfilments if f["order"] == order["id"]]
        orders = [each for each in self._fulfilment_orders().values() if each["order"] == order["id"]]
        status = {"fulfilled": "FULFILLED", "partial": "PARTIALLY_FULFILLED"}.get(order.get("fulfillment_status") or "")
        address = order.get("shipping_address")
        return {
            "id": _gid("Order", order["id"]),
            "name": order["name"],
            "createdAt": order["created_at"],
            "updatedAt": order.get("updated_at", order["created_at"]),
            "cancelledAt": order.get("cancelled_at"),
            "test": order.get("test", False),
            "displayFinancialStatus": (order.get("financial_status") or "paid").upper(),
            "displayFulfillmentStatus": status or "UNFULFILLED",
            "currencyCode": order["currency"],
            "note": order.get("note"),
            "email": order.get("email"),
            "customAttributes": _attributes(order.get("note_attributes", ())),
            "customer": {
                "id": _gid("Customer", customer.get("id", 0)),
                "defaultEmailAddress": {"emailAddress": customer["email"]} if "email" in customer else None,
            },
            "shippingAddress": address and {**address, "countryCodeV2": address.get("country_code")},
            "lineItems": _pages(lines),
            "fulfillments": lambda _, first: [self._fulfilment(each) for each in mine][:first],
            "fulfillmentOrders": _pages(orders),
        }

    def _fulfilment_orders(self) -> dict[str, dict[str, Any]]:
        """The fulfilment orders of all orders, by id."""
        found: dict[str, dict[str, Any]] = {}
        for order in self.orders:
            for place in range(self.places):
                name = _gid("FulfillmentOrder", f"{order['id']}{place}")
                lines = [self._to_fulfil(line) for line in order["line_items"][place :: self.places]]
                closed = not any(line["remainingQuantity"] for line in lines)
                status = "CLOSED" if closed else "OPEN"
                found[name] = {"id": name, "order": order["id"], "status": status, "lineItems": _pages(lines)}
                found[name]["lines"] = lines
        return found

    def _to_fulfil(self, line: dict[str, Any]) -> dict[str, Any]:
        mine = [f for f in self.fulfilments if f["status"] == "SUCCESS"]
        done = sum(f["lines"].get(line["id"], 0) for f in mine)
        wanted = line.get("current_quantity", line["quantity"])
        name = _gid("FulfillmentOrderLineItem", f"7{line['id']}")
        return {"id": name, "remainingQuantity": wanted - done, "line": line["id"], "lineItem": _line(line)}

    def _fulfilment(self, made: dict[str, Any]) -> dict[str, Any]:
        known = {line["id"]: line for order in self.orders for line in order["line_items"]}
        lines = [{"quantity": n, "lineItem": _line(known[line])} for line, n in made["lines"].items()]
        tracking = [{"number": made["number"]}]
        return {**made, "trackingInfo": tracking, "fulfillmentLineItems": _pages(lines)}

    def _set(self, _: Any, metafields: Sequence[dict[str, str]]) -> Any:
        for each in metafields:
            if not each["value"].strip():
                return {"userErrors": [{"message": "Value can't be blank."}]}
            if each["ownerId"] not in {_gid("Order", order["id"]) for order in self.orders}:
                return {"userErrors": [{"message": "Owner does not exist."}]}
            self.metafields[each["ownerId"], each["namespace"], each["key"]] = each["value"]
        return {"userErrors": []}

    def _create(self, _: Any, fulfillment: dict[str, Any]) -> Any:
        [wanted] = fulfillment["lineItemsByFulfillmentOrder"]
        order = self._fulfilment_orders().get(wanted["fulfillmentOrderId"])
        if order is None or order["status"] != "OPEN":
            return {"userErrors": [{"message": "Fulfillment order does not exist or is not open."}]}
        known = {line["id"]: line for line in order["lines"]}
        taken: dict[int, int] = {}
        for line in wanted["fulfillmentOrderLineItems"]:
            found = known.get(line["id"])
            if found is None or not 0 < line["quantity"] <= found["remainingQuantity"]:
                said = "Invalid fulfillment order line item quantity requested."
                return {"userErrors": [{"message": said}]}
            taken[found["line"]] = line["quantity"]
        made = {"id": _gid("Fulfillment", len(self.fulfilments) + 1), "order": order["order"], "status": "SUCCESS"}
        number, notified = fulfillment["trackingInfo"]["number"], fulfillment.get("notifyCustomer", False)
        self.fulfilments.append({**made, "lines": taken, "number": number, "notified": notified})
        return {"fulfillment": self._fulfilment(self.fulfilments[-1]), "userErrors": []}


def _with(name: str, objects: Iterable[dict[str, Any]]) -> dict[str, Any] | None:
    return next((each for each in objects if each["id"] == name), None)


def _gid(kind: str, number: object) -> str:
    return f"gid://shopify/{kind}/{number}"


def _line(line: dict[str, Any]) -> dict[str, Any]:
    variant, product = line.get("variant_id"), line.get("product_id")
    discounts = line.get("discount_allocations", ())
    return {
        "id": _gid("LineItem", line["id"]),
        "sku": line.get("sku"),
        "title": line["title"],
        "variantTitle": line.get("variant_title"),
        "quantity": line["quantity"],
        "currentQuantity": line.get("current_quantity", line["quantity"]),
        "variant": variant and {"id": _gid("ProductVariant", variant)},
        "product": product and {"id": _gid("Product", product)},
        "customAttributes": _attributes(line.get("properties", ())),
        "originalUnitPriceSet": _money(line["price"]),
        "discountAllocations": [{"allocatedAmountSet": _money(each["amount"])} for each in discounts],
    }


def _money(amount: str) -> dict[str, Any]:
    return {"shopMoney": {"amount": amount, "currencyCode": "EUR"}}


def _attributes(pairs: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"key": each["name"], "value": each["value"]} for each in pairs]


def _pages(values: list[Any]) -> Callable[..., Any]:
    return lambda _, first, after=None: _page(values, first, after)


def _page(values: list[Any], first: int, after: str | None) -> dict[str, Any]:
    start = int(after or 0)
    end = start + first
    return {"nodes": values[start:end], "pageInfo": {"hasNextPage": end < len(values), "endCursor": str(end)}}


def _fields(selections: SelectionSetNode | None, variables: Mapping[str, Any]) -> Iterator[str]:
    """The names of all fields that are asked for, but those that a variable leaves out."""
    for field in selections.selections if selections is not None else ():
        assert isinstance(field, FieldNode)
        named = [a.value.name.value for d in field.directives or () for a in d.arguments or ()
                 if isinstance(a.value, VariableNode)]  # fmt: skip
        if all(variables[name] for name in named):
            yield field.name.value
            yield from _fields(field.selection_set, variables)


def _cost(selections: SelectionSetNode | None, variables: Mapping[str, Any]) -> int:
    """Points of a query: one an object, and as many times as a list is to have entries."""
    found = 0
    for field in selections.selections if selections is not None else ():
        assert isinstance(field, FieldNode)
        if field.selection_set is None:
            continue
        times = 1
        for argument in field.arguments or ():
            if argument.name.value == "first":
                value = argument.value
                assert isinstance(value, IntValueNode | VariableNode)
                times = int(value.value) if isinstance(value, IntValueNode) else variables[value.name.value]
        found += 1 + times * _cost(field.selection_set, variables)
    return found
