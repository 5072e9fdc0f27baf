from __future__ import annotations

from decimal import Decimal

import pytest

from agents.sources.cxml import Cxml
from agents.sources.source import transactions
from knowledge.documents import OrderCancel, OrderChange
from tests.agents.sources.builders import only, reason
from tests.agents.sources.xml_builders import CXML_FROM, CXML_SENDER, cxml_line, cxml_order, cxml_price, cxml_total

SOURCE = Cxml()

SHIP_TO = (
    '<ShipTo><Address addressID="D7"><Name xml:lang="en">Acme</Name><PostalAddress><DeliverTo>Ann</DeliverTo>'
    "<Street>Dock Road 5</Street><City>Leith</City><PostalCode>EH6</PostalCode>"
    '<Country isoCountryCode="GB">Great Britain</Country></PostalAddress></Address></ShipTo>'
)


def money(kind: str, amount: str) -> str:
    return f'<{kind}><Money currency="EUR">{amount}</Money></{kind}>'


def test_an_order_is_read_with_its_sender_place_and_time() -> None:
    order = only(SOURCE, cxml_order(head=f"{cxml_total('620.00')}{SHIP_TO}<Comments>Ring  first</Comments>"))
    assert (order.source, order.number, order.customer, order.currency) == ("cxml:NORTH", "PO-7", "NORTH", "EUR")
    assert order.ship_to == "Acme, Ann, Dock Road 5, EH6 Leith, GB"
    assert f"{order.received}" == "2026-01-05 09:00:00+01:00"
    [line] = order.lines
    assert (line.item, line.quantity, line.uom, line.unit_price) == ("PUMP-10", Decimal(2), "EA", Decimal("310.00"))
    assert (line.description, line.text) == ("Pump P", "Ring first")


def test_an_update_is_a_whole_new_version_and_a_deletion_cancels() -> None:
    lines = (cxml_line(quantity="3"), cxml_line("4", quantity="0"))
    body = cxml_order(*lines, attributes='type="update" orderVersion="2"', head=SHIP_TO)
    [update] = transactions(SOURCE, {}, body)
    assert isinstance(update.outcome, OrderChange), update.outcome
    change = update.outcome
    assert (change.source, change.number, change.complete) == ("cxml:NORTH", "PO-7", True)
    assert (change.ship_to, change.currency) == ("Acme, Ann, Dock Road 5, EH6 Leith, GB", "EUR")
    assert [(line.line, f"{line.quantity}", line.item) for line in change.lines] == [
        ("1", "3", "PUMP-10"),
        ("4", "0", "PUMP-10"),
    ]
    [delete] = transactions(SOURCE, {}, cxml_order(cxml_line(quantity="x"), attributes='type="delete"'))
    assert isinstance(delete.outcome, OrderCancel)
    assert (delete.outcome.source, delete.outcome.number) == ("cxml:NORTH", "PO-7")


@pytest.mark.parametrize(
    ("parties", "partner"),
    [
        (CXML_SENDER, "HUB"),
        (CXML_FROM.replace("NetworkId", "DUNS") + CXML_SENDER, "NORTH"),
        (('<From><Credential domain="x"><Identity>A</Identity></Credential>'
         '<Credential domain="NetworkID"><Identity>B</Identity></Credential></From>'), "B"),
        (('<From><Credential domain="NetworkId" type="marketplace"><Identity>M</Identity></Credential>'
         '<Credential domain="x"><Identity>A</Identity></Credential></From>'), "A"),
    ],
)  # fmt: skip
def test_the_sender_is_known_by_the_best_of_its_credentials(parties: str, partner: str) -> None:
    assert only(SOURCE, cxml_order(parties=parties)).customer == partner


def test_the_date_of_the_head_holds_for_lines_without_one() -> None:
    lines = (cxml_line("1", attributes='requestedDeliveryDate="2026-03-02"'), cxml_line("2"))
    stated = cxml_order(*lines, attributes='requestedDeliveryDate="2026-02-02T12:00:00+01:00"')
    assert [line.requested for line in only(SOURCE, stated).lines] == ["2026-03-02", "2026-02-02T12:00:00+01:00"]
    period = '<DeliveryPeriod><Period startDate="2026-02-01" endDate="2026-02-05"/></DeliveryPeriod>'
    assert [line.requested for line in only(SOURCE, cxml_order(*lines, head=period)).lines] == [
        "2026-03-02",
        "2026-02-05",
    ]


def test_the_place_of_every_line_is_that_of_the_order() -> None:
    both = only(SOURCE, cxml_order(cxml_line("1", more=SHIP_TO), cxml_line("2", more=SHIP_TO)))
    assert both.ship_to == both.lines[0].ship_to == "Acme, Ann, Dock Road 5, EH6 Leith, GB"
    one = only(SOURCE, cxml_order(cxml_line("1", more=SHIP_TO), cxml_line("2")))
    assert (one.ship_to, one.lines[1].ship_to) == (None, None)
    bare = '<ShipTo><Address addressID="D7"><Name/></Address></ShipTo>'
    assert only(SOURCE, cxml_order(head=bare)).ship_to == "D7"


@pytest.mark.parametrize(
    ("total", "extras"),
    [("620", ""), ("620.00", money("Shipping", "9.00") + money("Tax", "62.00")), ("629", money("Shipping", "9.00")),
     ("691", money("Shipping", "9.00") + money("Tax", "62.00")), ("682", money("Tax", "62.00"))],
)  # fmt: skip
def test_a_total_agrees_with_or_without_shipping_and_tax(total: str, extras: str) -> None:
    assert only(SOURCE, cxml_order(head=cxml_total(total) + extras))
    assert only(SOURCE, cxml_order(cxml_line(more=extras), head=cxml_total(total)))


def test_a_total_says_nothing_where_prices_are_missing_or_modified() -> None:
    assert only(SOURCE, cxml_order(cxml_line(price=""), head=cxml_total("5"))).lines[0].unit_price is None
    modified = cxml_price("310").replace("</UnitPrice>", "<Modifications/></UnitPrice>")
    assert only(SOURCE, cxml_order(cxml_line(price=modified), head=cxml_total("5")))


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (cxml_order(head=cxml_total("62")), "the order comes to 62, but quantity × price of its lines comes to 620.00"),
        (cxml_order(head=cxml_total("1,620")), "the order: Total/Money '1,620' is not a number"),
        (cxml_order(head=cxml_total("620").replace("EUR", "USD")), "several currencies: USD, EUR"),
        (cxml_order(number=""), "orderID is empty"),
        (cxml_order(attributes='type="change"'), "the type of the request is 'change'"),
        (cxml_order(attributes='orderType="blanket"'), "a blanket order: nothing is wanted"),
        (cxml_order(attributes='isInternalVersion="yes"'), "not for the supplier"),
        (cxml_order(parties="<From/>"), "names no Identity"),
        (cxml_order(cxml_line("1"), cxml_line("")), "1 of 2 ItemOut have no lineNumber"),
        (cxml_order(cxml_line("1"), cxml_line("1")), "line '1' stands twice"),
        (cxml_order(" "), "the order has no ItemOut"),
        (cxml_order(cxml_line(quantity="0")), "should be greater than 0"),
        (cxml_order().replace(b"<OrderRequestHeader", b"<Header2").replace(b"/OrderRequestHeader", b"/Header2"),
         "OrderRequestHeader is missing"),
    ],
)  # fmt: skip
def test_what_does_not_hold_is_told(body: bytes, said: str) -> None:
    assert said in reason(SOURCE, body)


def test_that_an_order_is_to_be_shipped_complete_is_for_people() -> None:
    order = only(SOURCE, cxml_order(attributes='shipComplete="yes"', head="<Comments>Ring</Comments>"))
    assert order.lines[0].text == "Ring\nto be shipped complete"


def test_lines_without_numbers_count_from_one() -> None:
    assert [line.line for line in only(SOURCE, cxml_order(cxml_line(""), cxml_line(""))).lines] == ["1", "2"]
