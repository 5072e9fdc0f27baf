from __future__ import annotations

import datetime as dt

import pytest

from agents.sources.x12_answers import Letterhead, order_acknowledgement, reply_to
from agents.sources.x12_envelope import transaction_sets
from protocols.publishing import PartNews
from tests.agents.sources.builders import order_news, part, x12_order

AT = dt.datetime(2026, 1, 6, 9, 30, tzinfo=dt.UTC)
HEAD = Letterhead(("ZZ", "MAKER"), ("ZZ", "NORTHBUY"), "MAKER", "NORTHBUY", is_test=True)
WANTED, LATER = "2026-02-03T00:00:00+01:00", "2026-02-05T14:00:00+01:00"


def segments(body: bytes) -> list[str]:
    """The segments of the only set of an interchange, which has to be sound."""
    [found] = transaction_sets(body.decode("ascii"))
    assert found.fault == ""
    return [segment.raw for segment in found.segments]


def test_an_answer_goes_back_to_where_the_order_came_from() -> None:
    [order] = transaction_sets(x12_order().decode())
    head = reply_to(order)
    assert (head.ours, head.theirs) == (("ZZ", "MAKER"), ("ZZ", "NORTHBUY"))
    assert (head.our_group, head.their_group, head.version, head.is_test) == ("MAKER", "NORTHBUY", "004010", False)
    with pytest.raises(ValueError, match="without an envelope"):
        reply_to(transaction_sets("ISA")[0])


LINE = {"line": "1", "item": "THEIRS", "quantity": "10", "uom": "EA", "unit_price": "9.50"}


@pytest.mark.parametrize(
    ("parts", "status", "wanted"),
    [
        ([part("10", WANTED, WANTED)], "AD", ["ACK*IA*10*EA*067*20260202"]),
        ([part("10", WANTED, LATER)], "AC", ["ACK*DR*10*EA*067*20260205"]),
        (
            [part("4", WANTED, WANTED), part("6", WANTED, LATER)],
            "AC",
            ["ACK*IC*4*EA*067*20260202", "ACK*DR*6*EA*067*20260205"],
        ),
        (
            [part("4", WANTED, WANTED), part("6", WANTED, None, status="infeasible")],
            "AC",
            ["ACK*IQ*4*EA*067*20260202", "ACK*IR*6*EA"],
        ),
        ([part("10", WANTED, None, status="infeasible")], "RD", ["ACK*IR*0*EA"]),
        ([part("10", WANTED, None, status="question")], "AC", ["ACK*IH*10*EA"]),
        ([part("10", WANTED, None, status="cancelled")], "AD", ["ACK*ID*10*EA"]),
    ],
)
def test_every_promise_of_a_line_is_acknowledged(parts: list[PartNews], status: str, wanted: list[str]) -> None:
    found = segments(order_acknowledgement(order_news([LINE], parts), HEAD, 9, AT))
    assert found == [f"BAK*00*{status}*45001*20260105*****20260106", "CUR*SE*EUR", "PO1*1*10*EA*9.50**VP*PUMP", *wanted,
                     "CTT*1"]  # fmt: skip


def test_the_answer_to_a_change_names_it() -> None:
    found = segments(order_acknowledgement(order_news([LINE], [part("10", WANTED, WANTED)]), HEAD, 9, AT, "2"))
    assert found[0] == "BCA*00*AD*45001**2*20260105****20260106"
    assert found[2] == "POC*1*CA*10**EA*9.50**VP*PUMP"


def test_a_reason_is_told_without_separators_or_letters_that_ascii_lacks() -> None:
    parts = [part("10", WANTED, None, status="infeasible", reason="Säge 5*2 ~ größer\nals 泵")]
    found = segments(order_acknowledgement(order_news([LINE], parts), HEAD, 9, AT))
    assert "REF*ZZ**Sage 5 2   grosser?als ?" in found
