from __future__ import annotations

import pytest

from agents.sources.source import Rejected, transactions
from agents.sources.ubl import Ubl
from knowledge.documents import OrderCancel, OrderChange
from tests.agents.sources.builders import only, reason, ubl_line, ubl_order
from tests.agents.sources.xml_builders import ubl_change, ubl_delivery, ubl_document, ubl_reference

SOURCE = Ubl()
PEPPOL = "<cbc:CustomizationID>urn:fdc:peppol.eu:poacc:trns:order_change:3</cbc:CustomizationID>"


def marked(status: str, number: str = "1", quantity: str = "2") -> str:
    stated = f'<cbc:Quantity unitCode="C62">{quantity}</cbc:Quantity>'
    code = f"<cbc:LineStatusCode>{status}</cbc:LineStatusCode>" if status else ""
    return ubl_line(number=number, quantity=f"{code}{stated}")


def change(body: bytes) -> OrderChange:
    [transaction] = transactions(SOURCE, {}, body)
    assert isinstance(transaction.outcome, OrderChange), transaction.outcome
    return transaction.outcome


def quantities(found: OrderChange) -> dict[str, str]:
    return {line.line: f"{line.quantity}" for line in found.lines}


def test_a_change_is_the_whole_order_as_it_is_to_be_unless_its_lines_say_more() -> None:
    amount = "<cbc:LineExtensionAmount>1240</cbc:LineExtensionAmount>"
    total = f"<cac:AnticipatedMonetaryTotal>{amount}</cac:AnticipatedMonetaryTotal>"
    found = change(ubl_change(ubl_line(), ubl_line(number="3"), more=total))
    assert (found.source, found.number, found.complete) == ("ubl:0088:7300", "PO-7", True)
    assert quantities(found) == {"1": "2", "3": "2"}
    assert (found.lines[0].item, f"{found.lines[0].unit_price}", found.currency) == ("PUMP-10", "310.00", "EUR")


def test_where_every_line_says_what_becomes_of_it_only_those_are_changed() -> None:
    lines = [marked("1", "9"), marked("2", "2"), marked("3", "3", "7"), marked("4", "4"), marked("74", "5")]
    found = change(ubl_change(*lines, more=PEPPOL))
    assert not found.complete
    assert quantities(found) == {"9": "2", "2": "0", "3": "7", "5": "2"}


def test_a_line_taken_off_need_not_be_sound_otherwise() -> None:
    off = marked("Cancelled", "2").replace("310.00", "x")
    assert quantities(change(ubl_change(marked("", "1"), off))) == {"1": "2", "2": "0"}
    assert quantities(change(ubl_change(marked("", "1", "0")))) == {"1": "0"}


def test_place_date_and_note_of_the_head_hold_for_the_lines_of_a_change() -> None:
    head = f"<cbc:Note>Ring</cbc:Note>{ubl_delivery('2026-02-02', place='Ayr')}"
    found = change(ubl_change(marked("3"), marked("2", "2"), more=head))
    assert found.source == only(SOURCE, ubl_order()).source
    assert (found.ship_to, found.lines[0].requested, found.lines[0].text) == ("Ayr", "2026-02-02", "Ring")
    assert found.lines[1].requested is None


def test_the_time_of_issue_tells_changes_apart_that_say_the_same() -> None:
    issued = "<cbc:IssueDate>2026-01-05</cbc:IssueDate><cbc:IssueTime>12:30:00Z</cbc:IssueTime>"
    assert f"{change(ubl_change(ubl_line(), more=issued)).received}" == "2026-01-05 12:30:00+00:00"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (ubl_change(ubl_line(), reference=""), "cac:OrderReference names 0 orders"),
        (ubl_change(ubl_line(), more=ubl_reference("PO-8")), "names 2 orders"),
        (ubl_change(ubl_line(), reference=ubl_reference("")), "cac:OrderReference has no cbc:ID"),
        (ubl_change(), "no cac:OrderLine"),
        (ubl_change(marked("4")), "every line says that it is not affected"),
        (ubl_change(marked("3"), marked("", "2"), more=PEPPOL), "line '2': LineStatusCode is missing"),
        (ubl_change(marked("Disputed")), "line '1': LineStatusCode 'Disputed' does not say"),
        (ubl_change(ubl_line(number="")), "line 1 has no cbc:ID"),
        (ubl_change(ubl_line(), more="<cbc:CopyIndicator>true</cbc:CopyIndicator>"), "this is a copy"),
        (ubl_change(ubl_line(), more="<cbc:LineCountNumeric>2</cbc:LineCountNumeric>"), "counts 2 lines, but"),
        (ubl_document("OrderCancellation"), "names no order that would be cancelled"),
        (ubl_document("OrderCancellation", ubl_reference("7"), buyer=""), "names no buyer"),
    ],
)  # fmt: skip
def test_a_change_that_is_not_clear_is_refused(body: bytes, said: str) -> None:
    assert SOURCE.recognises(body, "change.xml")
    assert said in reason(SOURCE, body)


def test_a_cancellation_cancels_every_order_that_it_names_each_by_itself() -> None:
    body = ubl_document("OrderCancellation", "<cbc:ID>X</cbc:ID>", ubl_reference("PO-7"), ubl_reference("PO-8"))
    found = transactions(SOURCE, {}, body)
    assert [each.position for each in found] == ["PO-7", "PO-8"]
    cancels = [each.outcome for each in found if isinstance(each.outcome, OrderCancel)]
    assert [(cancel.source, cancel.number) for cancel in cancels] == [("ubl:0088:7300", n) for n in ("PO-7", "PO-8")]
    [alone] = transactions(SOURCE, {}, ubl_document("OrderCancellation", ubl_reference("PO-7")))
    assert (alone.position, isinstance(alone.outcome, Rejected)) == ("", False)


@pytest.mark.parametrize(
    ("head", "said"),
    [
        ("<cbc:OrderTypeCode>221</cbc:OrderTypeCode>", "a blanket order: nothing is wanted"),
        ("<cbc:OrderTypeCode>230</cbc:OrderTypeCode>", "send a UBL OrderChange"),
        ("<cbc:CopyIndicator>1</cbc:CopyIndicator>", "this is a copy"),
        ("<cbc:LineCountNumeric>3</cbc:LineCountNumeric>", "counts 3 lines, but there are 1"),
    ],
)
def test_an_order_that_asks_for_nothing_or_lacks_lines_is_refused(head: str, said: str) -> None:
    assert said in reason(SOURCE, ubl_order(head=head))


def test_a_plain_order_may_say_so() -> None:
    head = "<cbc:OrderTypeCode>220</cbc:OrderTypeCode><cbc:CopyIndicator>false</cbc:CopyIndicator>"
    assert only(SOURCE, ubl_order(marked("NoStatus"), head=f"{head}<cbc:LineCountNumeric>1</cbc:LineCountNumeric>"))
