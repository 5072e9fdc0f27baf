"""The source of UBL 2 orders: one Order document a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lxml import etree

from agents.sources import xml_text
from agents.sources.drafts import aware_time
from agents.sources.errors import UnreadableError
from agents.sources.exact import adds_up, number, plain, total
from agents.sources.order_draft import OrderDraft, order_draft
from agents.sources.source import Source, SourceConfig, Transaction, attempt
from agents.sources.texts import decode, quoted
from agents.sources.ubl_lines import ORDER, UBL, Line, deliveries, read_line
from agents.sources.xml_text import content


class Ubl(Source[SourceConfig]):
    """The source of UBL Order documents, versions 2.0 and later, which share one namespace."""

    kind = "ubl"
    title = "UBL Order"

    def recognises(self, head: bytes, name: str) -> bool:
        found = xml_text.head(head)
        if found is None:
            return False
        return (found.root, found.namespace) == ("Order", ORDER) or (found.has_dtd and ORDER.encode() in head)

    def parse(self, headers: Mapping[str, str], body: bytes) -> list[Transaction]:
        return [attempt("", decode(body), lambda: read_order(xml_text.parse(body)))]


def read_order(root: etree._Element) -> OrderDraft:
    """The order of an Order element. Raises UnreadableError with what is wrong, and where."""
    if root.tag != f"{{{ORDER}}}Order":
        raise UnreadableError(f"the root element is {quoted(str(root.tag))}, not a UBL Order")
    version = UBL.text(root, "cbc:UBLVersionID")
    if version and not version.startswith("2."):
        raise UnreadableError(f"UBL version {quoted(version)} is not read: 2.x is")
    order_number = UBL.text(root, "cbc:ID")
    if not order_number:
        raise UnreadableError("cbc:ID is empty: the order has no number")
    currency = _currency(root)
    lines = [read_line(node, ordinal, currency) for ordinal, node in enumerate(UBL.all(root, "cac:OrderLine"), 1)]
    if not lines:
        raise UnreadableError("the order has no cac:OrderLine")
    _check_total(root, lines, currency)
    header = deliveries(root, "the order")
    if header.schedule:
        raise UnreadableError("the order's cac:Delivery stands several times: give each line its own")
    drafts = [line.draft for line in lines]
    notes = "\n".join(content(note) for note in UBL.all(root, "cbc:Note"))
    for draft in drafts:
        if not draft["schedule"]:
            draft["requested"] = draft["requested"] or header.requested
        draft["text"] = "\n".join(filter(None, (notes, draft["text"]))) or None
    buyer, sender = _buyer(root)
    return order_draft(
        {
            "partner": sender,
            "number": order_number,
            "customer": buyer,
            "received": aware_time(f"{UBL.text(root, 'cbc:IssueDate')}T{UBL.text(root, 'cbc:IssueTime')}"),
            "currency": currency,
            "ship_to": header.ship_to,
            "lines": drafts,
        }
    )


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
