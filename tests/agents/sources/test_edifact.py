from __future__ import annotations

import pytest

from agents.sources.edi import EdiConfig
from agents.sources.edifact import Edifact
from agents.sources.source import Rejected, transactions
from tests.agents.sources.builders import BGM, LINS, edifact_interchange, edifact_message, edifact_order, only, reason

SOURCE = Edifact()


@pytest.mark.parametrize("prefix", [b"", b"\xef\xbb\xbf", b"  \r\n", b"UNA:+.? '"])
def test_an_interchange_is_recognised_by_its_beginning(prefix: bytes) -> None:
    assert SOURCE.recognises(prefix + edifact_order(), "any.name")
    assert only(SOURCE, prefix + edifact_order()).number == "45001"


@pytest.mark.parametrize("head", [b"", b"UNANIMOUS", b"UNBOUND", b"ISA*00", b"{}"])
def test_other_text_is_not_recognised(head: bytes) -> None:
    assert not SOURCE.recognises(head, "orders.edi")


def test_another_message_goes_to_quarantine_by_its_name() -> None:
    said = reason(SOURCE, edifact_interchange(edifact_message(["BGM+380+1"], kind="INVOIC", count=9)))
    assert said == "EDIFACT message 'INVOIC' (invoice) is not an order"
    assert "'WHAT' is not an order" in reason(SOURCE, edifact_interchange(edifact_message(["BGM+1"], kind="WHAT")))


def test_orders_among_other_messages_are_read() -> None:
    body = [*BGM, *LINS, "UNS+S"]
    mixed = edifact_interchange(
        edifact_message(["BGM+380+1"], "1", "INVOIC"), edifact_message(body, "2"), edifact_message(body, "3", count=2)
    )
    found = transactions(SOURCE, {}, mixed)
    assert [(each.position, isinstance(each.outcome, Rejected)) for each in found] == [
        ("1", True), ("2", False), ("3", True),
    ]  # fmt: skip


def test_orders_of_a_test_are_refused_where_they_are_not_wanted() -> None:
    body = edifact_order().replace(b"0800+7'", b"0800+7++++++1'")
    assert only(SOURCE, body).number == "45001"
    assert "marks the interchange as a test" in reason(Edifact(EdiConfig(test_orders=False)), body)
    assert only(Edifact(EdiConfig(test_orders=False)), edifact_order()).number == "45001"
