"""Small XML documents beside those of `builders`: changes and cancellations of UBL orders, and cXML."""

from __future__ import annotations

from agents.sources.ubl import Ubl
from knowledge.documents import OrderLine
from tests.agents.sources.builders import UBL_BUYER, UBL_NAMESPACES, only, reason, ubl_line, ubl_order


def ubl_only_line(**parts: str) -> OrderLine:
    """The line of an order of one, as read; `parts` are those of `ubl_line`."""
    [found] = only(Ubl(), ubl_order(ubl_line(**parts))).lines
    return found


def ubl_complaint(**parts: str) -> str:
    """Why an order of one line is rejected."""
    return reason(Ubl(), ubl_order(ubl_line(**parts)))


def ubl_delivery(end: str = "", quantity: str = "", place: str = "", unit: str = "C62", clock: str = "") -> str:
    """A cac:Delivery."""
    share = f'<cbc:Quantity unitCode="{unit}">{quantity}</cbc:Quantity>' if quantity else ""
    town = f"<cac:DeliveryAddress><cbc:CityName>{place}</cbc:CityName></cac:DeliveryAddress>" if place else ""
    time = f"<cbc:EndTime>{clock}</cbc:EndTime>" if clock else ""
    period = (
        f"<cac:RequestedDeliveryPeriod><cbc:EndDate>{end}</cbc:EndDate>{time}</cac:RequestedDeliveryPeriod>"
        if end
        else ""
    )
    return f"<cac:Delivery>{share}{town}{period}</cac:Delivery>"


def ubl_document(root: str, *body: str, buyer: str = UBL_BUYER) -> bytes:
    """A UBL document of another kind than Order, whose namespace ends in its name."""
    namespaces = UBL_NAMESPACES.replace("xsd:Order-2", f"xsd:{root}-2")
    return f"<{root} {namespaces}>{buyer}{''.join(body)}</{root}>".encode()


def ubl_reference(number: str) -> str:
    """A cac:OrderReference."""
    return f"<cac:OrderReference><cbc:ID>{number}</cbc:ID></cac:OrderReference>"


def ubl_change(*lines: str, more: str = "", reference: str = ubl_reference("PO-7")) -> bytes:
    """A UBL OrderChange."""
    return ubl_document("OrderChange", "<cbc:ID>C-1</cbc:ID>", more, reference, *lines)


def cxml_price(amount: str, basis: str = "", currency: str = "EUR") -> str:
    """A UnitPrice; `basis` are the attributes of a PriceBasisQuantity of pieces."""
    of = f"<PriceBasisQuantity {basis}><UnitOfMeasure>EA</UnitOfMeasure></PriceBasisQuantity>" if basis else ""
    return f'<UnitPrice><Money currency="{currency}">{amount}</Money></UnitPrice>{of}'


def cxml_line(
    number: str = "1",
    *,
    quantity: str = "2",
    item: str = "<SupplierPartID>PUMP-10</SupplierPartID>",
    price: str = cxml_price("310.00"),
    unit: str = "EA",
    detail: str = "",
    attributes: str = "",
    more: str = "",
) -> str:
    """An ItemOut."""
    named = f'lineNumber="{number}"' if number else ""
    description = '<Description xml:lang="en">Pump<ShortName>P</ShortName></Description>'
    body = f"{price}{description}<UnitOfMeasure>{unit}</UnitOfMeasure>{detail}"
    return (
        f'<ItemOut quantity="{quantity}" {named} {attributes}><ItemID>{item}</ItemID>'
        f"<ItemDetail>{body}</ItemDetail>{more}</ItemOut>"
    )


def cxml_total(amount: str) -> str:
    """A Total."""
    return f'<Total><Money currency="EUR">{amount}</Money></Total>'


CXML_FROM = '<From><Credential domain="NetworkId"><Identity>NORTH</Identity></Credential></From>'
CXML_SENDER = (
    '<Sender><Credential domain="NetworkId"><Identity>HUB</Identity><SharedSecret>abracadabra</SharedSecret>'
    "</Credential><UserAgent>Hub</UserAgent></Sender>"
)


def cxml_order(
    *lines: str,
    attributes: str = 'type="new"',
    number: str = "PO-7",
    head: str = "",
    parties: str = CXML_FROM + CXML_SENDER,
    mode: str = "production",
    prolog: str = '<!DOCTYPE cXML SYSTEM "http://xml.cXML.org/schemas/cXML/1.2.050/cXML.dtd">',
) -> bytes:
    """A cXML OrderRequest."""
    header = f'<OrderRequestHeader orderID="{number}" orderDate="2026-01-05T08:00:00Z" {attributes}>'
    order = f"{header}{head}</OrderRequestHeader>{''.join(lines or (cxml_line(),))}"
    return cxml_document(
        f'<Request deploymentMode="{mode}"><OrderRequest>{order}</OrderRequest></Request>', parties, prolog
    )


def cxml_document(content: str, parties: str = CXML_FROM + CXML_SENDER, prolog: str = "") -> bytes:
    """A cXML document of any content."""
    root = '<cXML payloadID="17@hub" timestamp="2026-01-05T09:00:00+01:00">'
    return f"{prolog}{root}<Header>{parties}</Header>{content}</cXML>".encode()
