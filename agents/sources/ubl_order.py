"""UBL Order, OrderChange and OrderCancellation as drafts: heads, and the totals that must agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lxml import etree

from agents.sources.drafts import aware_time
from agents.sources.errors import UnreadableError
from agents.sources.exact import adds_up, number, plain, total
from agents.sources.order_draft import OrderDraft, order_draft
from agents.sources.texts import quoted
from agents.sources.ubl_deliveries import deliveries
from agents.sources.ubl_lines import Line, Status, read_line
from agents.sources.ubl_vocabulary import SCHEMA, UBL
from agents.sources.xml_text import content

ORDER = f"{SCHEMA}Order-2"
CHANGE = f"{SCHEMA}OrderChange-2"
CANCELLATION = f"{SCHEMA}OrderCancellation-2"

PEPPOL_CHANGE = "urn:fdc:peppol.eu:poacc:trns:order_change:"
"""How the CustomizationID of Peppol's order changes begins: each line of them says what is to become of it."""

NO_ORDERS = {
    "221": "a blanket order: nothing is wanted before it is called off",
    "258": "a standing order: nothing is wanted before it is called off",
    "325": "a pro forma: nothing is ordered",
    "230": "a request to change an order: send a UBL OrderChange",
    "231": "a response to an order",
}
"""Codes of UN/CEFACT 1001 in cbc:OrderTypeCode that ask for nothing."""


def read_order(root: etree._Element) -> OrderDraft:
    """The order of an Order element. Raises UnreadableError with what is wrong, and where."""
    _check_version(root)
    code = UBL.text(root, "cbc:OrderTypeCode")
    if code in NO_ORDERS:
        raise UnreadableError(f"OrderTypeCode {code} says that this is {NO_ORDERS[code]}")
    order_number = UBL.text(root, "cbc:ID")
    if not order_number:
        raise UnreadableError("cbc:ID is empty: the order has no number")
    currency = _currency(root)
    lines = _lines(root, currency)
    _check_total(root, lines, currency)
    return order_draft({**_head(root, lines, currency), "number": order_number})


def read_change(root: etree._Element) -> OrderDraft:
    """The change of an OrderChange element. Raises UnreadableError with what is wrong, and where.

    By the standard it is the whole of the order as it is to be. Where every line says what is to become of it, as in
    Peppol's, only those are changed that say so, whether the others are there or not.
    """
    _check_version(root)
    references = _references(root)
    if len(references) != 1:
        raise UnreadableError(f"cac:OrderReference names {len(references)} orders: one is changed at a time")
    currency = _currency(root)
    lines = _lines(root, currency, changes=True)
    unsaid = [line for line in lines if line.status is Status.UNSAID]
    if unsaid and UBL.text(root, "cbc:CustomizationID").startswith(PEPPOL_CHANGE):
        name = quoted(unsaid[0].draft["line"])
        raise UnreadableError(f"line {name}: LineStatusCode is missing, which has to stand in Peppol's order changes")
    complete = bool(unsaid)
    if complete:
        _check_total(root, lines, currency)
    else:
        lines = [line for line in lines if line.status is not Status.UNTOUCHED]
    if not lines:
        raise UnreadableError("every line says that it is not affected: nothing is changed")
    head = _head(root, lines, currency)
    return order_draft({**head, "kind": "change", "complete": complete, "number": references[0]})


def cancelled_orders(root: etree._Element) -> list[str]:
    """The numbers of the orders that a cancellation names. Raises UnreadableError where there is none."""
    _check_version(root)
    references = _references(root)
    if not references:
        raise UnreadableError("cac:OrderReference names no order that would be cancelled")
    return references


def read_cancel(root: etree._Element, order_number: str) -> OrderDraft:
    """The cancellation of one of its orders. Raises UnreadableError with what is wrong, and where."""
    fields = {"kind": "cancel", "partner": _buyer(root)[1], "number": order_number, "received": _issued(root)}
    return order_draft(fields)


def _check_version(root: etree._Element) -> None:
    version = UBL.text(root, "cbc:UBLVersionID")
    if version and not version.startswith("2."):
        raise UnreadableError(f"UBL version {quoted(version)} is not read: 2.x is")
    if UBL.text(root, "cbc:CopyIndicator").lower() in ("true", "1"):
        raise UnreadableError("CopyIndicator says that this is a copy: the document itself counts")


def _references(root: etree._Element) -> list[str]:
    """The orders that a change or a cancellation is about, each once."""
    numbers = [UBL.text(node, "cbc:ID") for node in UBL.all(root, "cac:OrderReference")]
    if "" in numbers:
        raise UnreadableError("cac:OrderReference has no cbc:ID: the number of the order is wanted")
    return list(dict.fromkeys(numbers))


def _lines(root: etree._Element, currency: str | None, *, changes: bool = False) -> list[Line]:
    nodes = UBL.all(root, "cac:OrderLine")
    if not nodes:
        raise UnreadableError("the order has no cac:OrderLine")
    counted = UBL.text(root, "cbc:LineCountNumeric")
    if counted and number(counted, "cbc:LineCountNumeric") != len(nodes):
        raise UnreadableError(f"LineCountNumeric counts {counted} lines, but there are {len(nodes)} cac:OrderLine")
    return [read_line(node, ordinal, currency, changes=changes) for ordinal, node in enumerate(nodes, 1)]


def _head(root: etree._Element, lines: Sequence[Line], currency: str | None) -> Mapping[str, Any]:
    """All but kind and number, with what the head says of every line said in each."""
    header = deliveries(root, "the order")
    if header.schedule:
        raise UnreadableError("the order's cac:Delivery stands several times: give each line its own")
    notes = "\n".join(content(note) for note in UBL.all(root, "cbc:Note"))
    drafts = [line.draft for line in lines]
    for draft in drafts:
        if draft.get("removed"):
            continue
        if not draft["schedule"]:
            draft["requested"] = draft["requested"] or header.requested
        draft["text"] = "\n".join(filter(None, (notes, draft["text"]))) or None
    buyer, sender = _buyer(root)
    return {
        "partner": sender,
        "customer": buyer,
        "received": _issued(root),
        "currency": currency,
        "ship_to": header.ship_to,
        "lines": drafts,
    }


def _issued(root: etree._Element) -> Any:
    return aware_time(f"{UBL.text(root, 'cbc:IssueDate')}T{UBL.text(root, 'cbc:IssueTime')}")


def _buyer(root: etree._Element) -> tuple[str, str]:
    """The customer, and the partner that the order's number belongs to."""
    party = "cac:BuyerCustomerParty/cac:Party"
    endpoint = UBL.first(root, f"{party}/cbc:EndpointID")
    identity = UBL.first(root, f"{party}/cac:PartyIdentification/cbc:ID")
    name = UBL.first(root, f"{party}/cac:PartyName/cbc:Name", f"{party}/cac:PartyLegalEntity/cbc:RegistrationName")
    if not (endpoint or identity or name):
        raise UnreadableError("cac:BuyerCustomerParty names no buyer: an identification or a name is wanted")
    return identity or name or endpoint, endpoint or identity or name


def _currency(root: etree._Element) -> str | None:
    """The currency of every amount of the order; the document's own, or else the one that they all are in."""
    stated = UBL.text(root, "cbc:DocumentCurrencyCode")
    amounts = (
        "cac:OrderLine/cac:LineItem/cac:Price/cbc:PriceAmount | cac:OrderLine/cac:LineItem/cbc:LineExtensionAmount"
        " | cac:AnticipatedMonetaryTotal/cbc:LineExtensionAmount"
    )
    found: dict[str, None] = {stated: None} if stated else {}
    for node in UBL.all(root, amounts):
        if currency := str(node.get("currencyID") or "").strip():
            found[currency] = None
    if len(found) > 1:
        raise UnreadableError(f"the order's amounts are in several currencies: {', '.join(found)}")
    return next(iter(found), None)


def _check_total(root: etree._Element, lines: Sequence[Line], currency: str | None) -> None:
    """The order's LineExtensionAmount is the sum of its lines', stated or else reckoned."""
    told = UBL.text(root, "cac:AnticipatedMonetaryTotal/cbc:LineExtensionAmount")
    amounts = [line.amount for line in lines if line.amount is not None]
    if not told or len(amounts) < len(lines):
        return
    if not adds_up(number(told, "cac:AnticipatedMonetaryTotal/cbc:LineExtensionAmount"), amounts, currency):
        raise UnreadableError(
            f"AnticipatedMonetaryTotal says that the lines come to {told}, but they come to {plain(total(amounts))}"
        )
