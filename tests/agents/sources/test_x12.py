from __future__ import annotations

import pytest

from agents.sources.edi import EdiConfig
from agents.sources.source import Rejected, transactions
from agents.sources.x12 import X12
from knowledge.documents import CustomerOrder
from tests.agents.sources.builders import HEADER, LINES, interchange, only, reason, x12_order, x12_set

SOURCE = X12()


@pytest.mark.parametrize("prefix", [b"", b"\xef\xbb\xbf", b"  \r\n"])
def test_an_interchange_is_recognised_by_its_isa(prefix: bytes) -> None:
    assert SOURCE.recognises(prefix + x12_order(), "any.name")
    assert only(SOURCE, prefix + x12_order()).number == "45001"


@pytest.mark.parametrize("head", [b"", b"ISAAC NEWTON", b"UNB+UNOA", b"{}"])
def test_other_text_is_not_recognised(head: bytes) -> None:
    assert not SOURCE.recognises(head, "orders.x12")


@pytest.mark.parametrize(
    ("set_id", "said"),
    [
        ("810", "X12 set '810' (invoice) is not an order"),
        ("876", "X12 set 876 (grocery purchase order change) is not read"),
        ("999", "X12 set '999' is not an order"),
    ],
)
def test_another_set_goes_to_quarantine_by_its_name(set_id: str, said: str) -> None:
    assert said in reason(SOURCE, interchange(x12_set(["BIG*20260105*1"], set_id=set_id)))


def test_orders_among_other_sets_are_read() -> None:
    body = [*HEADER, *LINES, "CTT*2"]
    mixed = interchange(x12_set(["BIG*1"], "0001", "810"), x12_set(body, "0002"), x12_set(body, "0003", count=3))
    found = transactions(SOURCE, {}, mixed)
    assert [each.position for each in found] == ["0001", "0002", "0003"]
    assert [type(each.outcome) for each in found] == [Rejected, CustomerOrder, Rejected]


@pytest.mark.parametrize("end", ["~", "\n", "\r\n", "\r", "|\n", "'\r\n    "])
def test_line_ends_and_terminators_make_no_difference(end: str) -> None:
    body = interchange(x12_set([*HEADER, *LINES, "CTT*2*5"]), end=end)
    assert only(SOURCE, body) == only(SOURCE, x12_order())


def test_orders_of_a_test_are_refused_where_they_are_not_wanted() -> None:
    body = x12_order().replace(b"*0*P*>", b"*0*T*>")
    assert only(SOURCE, body).number == "45001"
    assert "marks the interchange as a test" in reason(X12(EdiConfig(test_orders=False)), body)
    assert only(X12(EdiConfig(test_orders=False)), x12_order()).number == "45001"
