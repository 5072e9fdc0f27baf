"""A cXML OrderRequest as an order, a whole new version of one, or its cancellation, and the total that must agree."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import combinations
from typing import Any

from lxml import etree

from agents.sources.cxml_bundles import unbundled
from agents.sources.cxml_lines import Line, read_line
from agents.sources.cxml_words import CXML, attribute, comments, currency, money, says_yes, ship_to
from agents.sources.drafts import aware_time
from agents.sources.errors import UnreadableError
from agents.sources.exact import adds_up, plain, total
from agents.sources.order_draft import OrderDraft, order_draft
from agents.sources.texts import quoted

KINDS = {"": "order", "new": "order", "update": "change", "delete": "cancel"}
"""What the type of a request makes of it; `new` where it is not said."""

NETWORK_DOMAINS = ("networkid", "aribanetworkid", "duns")
"""Domains of credentials, best first, where a party has several."""


def read_document(root: etree._Element, *, test_orders: bool) -> OrderDraft:
    """The draft of a cXML document; tests are refused unless they are wanted. Raises UnreadableError with the place."""
    if root.tag != "cXML":
        raise UnreadableError(f"the root element is {quoted(str(root.tag))}, not cXML")
    request = CXML.one(root, "Request")
    order = CXML.one(request, "OrderRequest") if request is not None else None
    if request is None or order is None:
        raise UnreadableError(f"this is a cXML {_kind(root)}, not an OrderRequest")
    if attribute(request, "deploymentMode").lower() == "test" and not test_orders:
        raise UnreadableError("deploymentMode says that this is a test order, which nobody awaits")
    header = CXML.one(order, "OrderRequestHeader")
    if header is None:
        raise UnreadableError("OrderRequestHeader is missing")
    partner = _sender(root)
    draft = {
        "kind": _request_type(header),
        "partner": partner,
        "customer": partner,
        "number": attribute(header, "orderID"),
        "reference": attribute(root, "payloadID") or None,
        "received": aware_time(attribute(root, "timestamp")) or aware_time(attribute(header, "orderDate")),
    }
    if not draft["number"]:
        raise UnreadableError("orderID is empty: the order has no number")
    return order_draft(draft if draft["kind"] == "cancel" else {**draft, **_content(order, header)})


def _kind(root: etree._Element) -> str:
    """What a document is that is no order: the deepest names that say it."""
    inside = [child for child in root if child.tag != "Header"]
    names = [*map(str, (child.tag for child in inside)), *(str(each.tag) for child in inside for each in child)]
    return " ".join(names[:2]) or "document without content"


def _sender(root: etree._Element) -> str:
    """Whose order it is: who sent it first, or else who sent it last, by the best of its credentials."""
    for party in ("From", "Sender"):
        nodes = CXML.all(root, f"Header/{party}/Credential[not(@type='marketplace')]")
        found = {attribute(node, "domain").lower(): name for node in nodes if (name := CXML.first(node, "Identity"))}
        if found:
            return next((found[domain] for domain in NETWORK_DOMAINS if domain in found), next(iter(found.values())))
    raise UnreadableError("Header/From/Credential names no Identity: whose order it is is not said")


def _request_type(header: etree._Element) -> str:
    stated = attribute(header, "type")
    kind = KINDS.get(stated)
    if kind is None:
        raise UnreadableError(f"the type of the request is {quoted(stated)}: new, update or delete is wanted")
    if attribute(header, "orderType") == "blanket":
        raise UnreadableError("orderType says that this is a blanket order: nothing is wanted before it is released")
    if says_yes(header, "isInternalVersion"):
        raise UnreadableError("isInternalVersion says that this is not for the supplier")
    return kind


def _content(order: etree._Element, header: etree._Element) -> dict[str, Any]:
    """What is wanted: an update is a whole new version of its order."""
    nodes = CXML.all(order, "ItemOut")
    if not nodes:
        raise UnreadableError("the order has no ItemOut")
    numbered = sum(1 for node in nodes if attribute(node, "lineNumber"))
    if numbered not in (0, len(nodes)):
        raise UnreadableError(f"{len(nodes) - numbered} of {len(nodes)} ItemOut have no lineNumber: give each one")
    money_of = currency(
        (*CXML.all(header, "Total"), *(each for node in nodes for each in CXML.all(node, "ItemDetail")))
    )
    lines = unbundled([read_line(node, ordinal) for ordinal, node in enumerate(nodes, 1)])
    _check_total(order, header, lines, money_of)
    place, places = ship_to(header), {line.draft["ship_to"] for line in lines}
    if place is None and len(places) == 1:
        [place] = places
    drafts = [line.draft for line in lines]
    complete = "to be shipped complete" if says_yes(header, "shipComplete") else ""
    requested, notes = _requested(header), "\n".join(filter(None, (comments(header), complete)))
    for draft in drafts:
        if not draft["schedule"]:
            draft["requested"] = draft["requested"] or requested
        draft["text"] = "\n".join(filter(None, (notes, draft["text"]))) or None
    return {"currency": money_of, "ship_to": place, "lines": drafts, "complete": attribute(header, "type") == "update"}


def _requested(header: etree._Element) -> str | None:
    periods = CXML.all(header, "DeliveryPeriod/Period")
    ends = (attribute(header, "requestedDeliveryDate"), *(attribute(period, "endDate") for period in periods))
    return next(filter(None, ends), None)


def _check_total(order: etree._Element, header: etree._Element, lines: Sequence[Line], currency: str | None) -> None:
    """The order's Total is quantity × price of its lines; some senders count shipping or tax in, some do not.

    It says nothing where a price is missing, or where one is modified by allowances and charges.
    """
    stated = money(header, "Total/Money", "the order")
    amounts = [line.amount for line in lines if line.amount is not None]
    if stated is None or len(amounts) < len(lines) or CXML.all(order, ".//Modifications"):
        return
    head = (money(header, f"{kind}/Money", "the order") or Decimal(0) for kind in ("Shipping", "Tax"))
    inside = (total(line.extras[at] for line in lines) for at in (0, 1))
    extras = [extra for extra in (*head, *inside) if extra]
    counted = (chosen for size in range(len(extras) + 1) for chosen in combinations(extras, size))
    if not any(adds_up(stated, (*amounts, *chosen), currency) for chosen in counted):
        raise UnreadableError(
            f"Total says that the order comes to {plain(stated)}, but quantity × price of its lines comes to "
            f"{plain(total(amounts))}"
        )
