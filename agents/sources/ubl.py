"""The source of UBL 2 orders, their changes and cancellations: one document a file, by itself or in its envelope."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

from lxml import etree
from pydantic import Field

from agents.sources import xml_text
from agents.sources.answers import SHIPPED
from agents.sources.errors import UnreadableError
from agents.sources.order_draft import OrderDraft
from agents.sources.source import Fetch, Source, Transaction, XmlConfig, attempt
from agents.sources.texts import decode, quoted
from agents.sources.ubl_answers import despatch_advice, order_response
from agents.sources.ubl_order import CANCELLATION, CHANGE, ORDER, cancelled_orders, read_cancel, read_change, read_order
from agents.sources.xml_schema import check_document, check_schemas
from protocols.publishing import News, OrderNews, Parcel, ShippingOrderNews

NAMESPACES = {"Order": ORDER, "OrderChange": CHANGE, "OrderCancellation": CANCELLATION}
_READERS = {f"{{{ORDER}}}Order": read_order, f"{{{CHANGE}}}OrderChange": read_change}
_CANCELLATION = f"{{{CANCELLATION}}}OrderCancellation"

ENVELOPE = "http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader"
"""The namespace of the envelope that access points put around a document."""

_XML = "application/xml"

_ENVELOPE = f"{{{ENVELOPE}}}StandardBusinessDocument"


class UblConfig(XmlConfig):
    """What the source of UBL can be told."""

    seller: str = Field("seller", max_length=100, description="Our identification, in what is answered.")


class Ubl(Source[UblConfig]):
    """The source of UBL Order, OrderChange and OrderCancellation, versions 2.0 to 2.x, of which each has one namespace.

    Peppol's orders are such. What is read is checked, and what may stand once is refused twice; the whole is validated
    where the standard's schemas are given.
    """

    kind = "ubl"
    title = "UBL Order"
    Config = UblConfig

    def recognises(self, head: bytes, name: str) -> bool:
        found = xml_text.head(head)
        if found is None:
            return False
        if found.has_dtd or (found.root, found.namespace) == ("StandardBusinessDocument", ENVELOPE):
            return any(namespace.encode() in head for namespace in NAMESPACES.values())
        return NAMESPACES.get(found.root) == found.namespace

    def parse(self, headers: Mapping[str, str], body: bytes) -> list[Transaction]:
        text, root = decode(body), _document(xml_text.parse(body))
        check_document(self.config.schema_file, root)
        if root.tag == _CANCELLATION:
            return list(_cancellations(root, text))
        return [attempt("", text, lambda: _read(root))]

    def check(self, fetch: Fetch) -> str:
        return check_schemas(self.config.schema_file, NAMESPACES) or super().check(fetch)

    def answers(self, news: News, told: int) -> Iterator[Parcel]:
        """An OrderResponse, again whenever a promise changes; a DespatchAdvice when goods leave."""
        if isinstance(news, OrderNews):
            number = f"{news.number}-{told + 1}"
            yield Parcel(f"response-{number}.xml", order_response(news, number, self.config.seller), _XML)
        elif isinstance(news, ShippingOrderNews) and news.status == SHIPPED:
            yield Parcel(f"despatch-{news.shipping_order}.xml", despatch_advice(news, self.config.seller), _XML)


def _cancellations(root: etree._Element, text: str) -> Iterator[Transaction]:
    """A transaction for each order that is cancelled."""
    numbers = cancelled_orders(root)
    for number in numbers:
        yield attempt(number if len(numbers) > 1 else "", text, partial(read_cancel, root, number))


def _document(root: etree._Element) -> etree._Element:
    """The document that is in an envelope, or is the whole."""
    if root.tag != _ENVELOPE:
        return root
    inside = [child for child in root if not str(child.tag).startswith(f"{{{ENVELOPE}}}")]
    if len(inside) != 1:
        raise UnreadableError(f"the envelope holds {len(inside)} documents: send one in each")
    return inside[0]


def _read(root: etree._Element) -> OrderDraft:
    reader = _READERS.get(str(root.tag))
    if reader is None:
        raise UnreadableError(
            f"the root element is {quoted(str(root.tag))}, not a UBL Order, OrderChange or …Cancellation"
        )
    return reader(root)
