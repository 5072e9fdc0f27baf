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
