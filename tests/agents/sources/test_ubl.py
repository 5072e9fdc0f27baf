from __future__ import annotations

from decimal import Decimal

import pytest

from agents.sources.ubl import Ubl
from tests.agents.sources.builders import UBL_NAMESPACES, only, reason, ubl_line, ubl_order

SOURCE = Ubl()

DELIVERY = (
    "<cac:Delivery><cac:DeliveryAddress><cbc:StreetName>Dock Road</cbc:StreetName>"
    "<cbc:BuildingNumber>5</cbc:BuildingNumber>"
    "<cbc:CityName>Leith</cbc:CityName><cbc:PostalZone>EH6</cbc:PostalZone>"
    "<cac:Country><cbc:IdentificationCode>GB</cbc:IdentificationCode></cac:Country></cac:DeliveryAddress>"
    "<cac:RequestedDeliveryPeriod><cbc:EndDate>2026-02-02</cbc:EndDate></cac:RequestedDeliveryPeriod></cac:Delivery>"
)


def total(amount: str) -> str:
    inner = f'<cbc:LineExtensionAmount currencyID="EUR">{amount}</cbc:LineExtensionAmount>'
    return f"<cac:AnticipatedMonetaryTotal>{inner}</cac:AnticipatedMonetaryTotal>"


def test_an_order_is_read_with_its_partner_and_customer() -> None:
    order = only(SOURCE, ubl_order())
    assert (order.source, order.number, order.customer, order.currency) == ("ubl:0088:7300", "PO-7", "NORTH", "EUR")
    [line] = order.lines
    assert (line.item, line.quantity, line.uom, line.unit_price) == ("PUMP-10", Decimal(2), "C62", Decimal("310.00"))


def test_a_buyer_without_numbers_is_known_by_name() -> None:
    party = "<cac:Party><cac:PartyName><cbc:Name>North Ltd</cbc:Name></cac:PartyName></cac:Party>"
    order = only(SOURCE, ubl_order(buyer=f"<cac:BuyerCustomerParty>{party}</cac:BuyerCustomerParty>"))
    assert (order.source, order.customer) == ("ubl:North Ltd", "North Ltd")


def test_date_place_and_note_of_the_header_hold_for_its_lines() -> None:
    head = "<cbc:Note>Ring first</cbc:Note><cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>"
    order = only(SOURCE, ubl_order(head=head, more=DELIVERY))
    assert order.ship_to == "Dock Road 5, EH6 Leith, GB"
    assert (order.lines[0].requested, order.lines[0].text) == ("2026-02-02", "Ring first")


@pytest.mark.parametrize(
    ("issued", "received"), [("12:30:00Z", "2026-01-05T12:30:00+00:00"), ("12:30:00", None), ("", None)]
)
def test_the_time_of_receipt_is_given_only_with_an_offset(issued: str, received: str | None) -> None:
    head = f"<cbc:IssueDate>2026-01-05</cbc:IssueDate><cbc:IssueTime>{issued}</cbc:IssueTime>"
    order = only(SOURCE, ubl_order(head=head))
    assert (order.received and order.received.isoformat()) == received


def test_the_currency_is_that_of_the_amounts_where_the_document_names_none() -> None:
    assert only(SOURCE, ubl_order(head="")).currency == "EUR"


def test_a_total_that_agrees_is_let_pass() -> None:
    assert only(SOURCE, ubl_order(ubl_line(), ubl_line(number="2"), more=total("1240.00")))


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (ubl_order(number="<cbc:ID/>"), "the order has no number"),
        (ubl_order(number="<cbc:ID>1</cbc:ID><cbc:ID>2</cbc:ID>"), "cbc:ID stands 2 times"),
        (ubl_order(buyer=""), "names no buyer"),
        (ubl_order("<cbc:Note/>"), "no cac:OrderLine"),
        (ubl_order(more=total("1000.00")), "the lines come to 1000.00, but they come to 620.00"),
        (ubl_order(more=DELIVERY + DELIVERY.replace("Leith", "Ayr")), "several places"),
        (ubl_order(head="<cbc:DocumentCurrencyCode>USD</cbc:DocumentCurrencyCode>"), "several currencies: USD, EUR"),
        (ubl_order(ubl_line(), ubl_line()), "line 1 stands twice"),
        (ubl_order().replace(b">2.1<", b">3.0<"), "UBL version '3.0'"),
        (ubl_order(prolog='<!DOCTYPE Order [<!ENTITY a "b">]>'), "DTD"),
        (ubl_order(ubl_line(item="<cac:Item/>")), "line 1 has neither item nor description"),
        (ubl_order()[:-9], "not well-formed XML"),
    ],
)
def test_what_does_not_hold_is_told(body: bytes, said: str) -> None:
    assert SOURCE.recognises(body, "order.xml")
    assert said in reason(SOURCE, body)


def test_only_the_order_of_ubl_is_recognised_whatever_its_prefix() -> None:
    assert SOURCE.recognises(b'<o:Order xmlns:o="urn:oasis:names:specification:ubl:schema:xsd:Order-2">', "x")
    assert not SOURCE.recognises(b'<Order xmlns="urn:example:order">', "order.xml")
    assert not SOURCE.recognises(b"<Order>", "order.xml")
    assert not SOURCE.recognises(b"{}", "order.xml")


def test_elements_of_another_namespace_are_not_taken_for_ubl() -> None:
    foreign = ubl_order().replace(b"CommonBasicComponents-2", b"CommonBasicComponents-9")
    assert "the order has no number" in reason(SOURCE, foreign)


def test_a_root_that_is_no_order_is_told() -> None:
    assert "not a UBL Order" in reason(SOURCE, f"<Invoice {UBL_NAMESPACES}/>".encode())


def test_a_document_is_read_in_the_envelope_of_an_access_point() -> None:
    space = "http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader"
    header = (
        "<s:StandardBusinessDocumentHeader><s:HeaderVersion>1.0</s:HeaderVersion></s:StandardBusinessDocumentHeader>"
    )
    order = ubl_order(prolog="").decode()

    def envelope(*inside: str) -> bytes:
        name = "s:StandardBusinessDocument"
        return f'<{name} xmlns:s="{space}">{header}{"".join(inside)}</{name}>'.encode()

    assert SOURCE.recognises(envelope(order), "order.xml")
    assert only(SOURCE, envelope(order)) == only(SOURCE, ubl_order())
    assert not SOURCE.recognises(envelope("<Invoice/>"), "order.xml")
    assert "the envelope holds 2 documents" in reason(SOURCE, envelope(order, order))
