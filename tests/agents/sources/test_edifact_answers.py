from __future__ import annotations

import datetime as dt

import pytest

from agents.sources.edifact import Edifact
from agents.sources.edifact_answers import Letterhead, order_response, reply_to, syntax_reports
from agents.sources.edifact_envelope import messages
from agents.sources.source import Ignored, Rejected, transactions
from protocols.publishing import PartNews
from tests.agents.sources.builders import (
    BGM,
    LINS,
    edifact_interchange,
    edifact_message,
    edifact_order,
    order_news,
    part,
)

AT = dt.datetime(2026, 1, 6, 9, 30, tzinfo=dt.UTC)
HEAD = Letterhead(("MAKER", "14"), ("NORTHBUY", "14"), is_test=True)
WANTED, LATER = "2026-02-03T00:00:00+01:00", "2026-02-05T14:00:00+01:00"
LINE = {"line": "1", "item": "THEIRS", "quantity": "10", "uom": "EA", "unit_price": "9.50"}


def segments(body: bytes) -> list[str]:
    """The segments of the only message of an interchange, which has to be sound."""
    [found] = messages(body)
    assert found.fault == ""
    return [segment.raw for segment in found.segments]


def test_an_answer_goes_back_to_where_the_order_came_from() -> None:
    [order] = messages(edifact_order())
    assert reply_to(order) == Letterhead(("MAKER", "14"), ("NORTHBUY", "14"), is_test=False)
    with pytest.raises(ValueError, match="without an interchange"):
        reply_to(messages(b"UNB")[0])


def test_messages_that_are_read_are_acknowledged_and_others_rejected() -> None:
    body = [*BGM, *LINS, "UNS+S"]
    mixed = edifact_interchange(
        edifact_message(body), edifact_message(body, "2", count=3), edifact_message(["BGM+380"], "3", "INVOIC")
    )
    [report] = syntax_reports(Edifact(), mixed, 7, AT)
    assert segments(report) == [
        "UCI+7+NORTHBUY:14+MAKER:14+7",
        "UCM+1+ORDERS:D:96A:UN+7",
        "UCM+2+ORDERS:D:96A:UN+4+29+UNT",
        "UCM+3+INVOIC:D:96A:UN+4+17",
    ]


def refused(*lines: str, header: tuple[str, ...] = BGM, summary: str = "UNS+S") -> list[str]:
    """What a CONTRL says of the only message of an order that is refused."""
    [report] = syntax_reports(Edifact(), edifact_interchange(edifact_message([*header, *lines, summary])), 7, AT)
    uci, *found = segments(report)
    assert uci == "UCI+7+NORTHBUY:14+MAKER:14+7"
    return found


@pytest.mark.parametrize(
    ("quantity", "code"), [("QTY+21:many", "37"), ("QTY+21", "13"), ("QTY+21:1234567890123456", "39")]
)
def test_a_value_that_is_wrong_is_named_with_its_place(quantity: str, code: str) -> None:
    found = refused("LIN+1++PUMP-10:SA", quantity, "PRI+AAA:9.50", summary="UNS+D+S")
    assert found == ["UCM+1+ORDERS:D:96A:UN+4", "UCS+7", f"UCD+{code}+2:2"]


def test_every_segment_with_a_wrong_value_is_named() -> None:
    header = ("BGM+2200+45001+9", "DTM+137:20261301:102", "NAD", "CUX+2:EUR:9")
    assert refused("LIN+1++PUMP-10:SA", "QTY+21:x", header=header) == [
        "UCM+1+ORDERS:D:96A:UN+4", "UCS+2", "UCD+39+2:1", "UCS+3", "UCD+12+2:2", "UCS+4", "UCD+13+2:1", "UCS+7",
        "UCD+37+2:2",
    ]  # fmt: skip


def test_what_makes_no_sense_though_its_grammar_is_sound_is_refused_without_a_segment() -> None:
    found = refused(*LINS, "UNS+S", summary="CNT+2:9")
    assert found == ["UCM+1+ORDERS:D:96A:UN+4+18"]


@pytest.mark.parametrize(
    ("unz", "told"), [("UNZ+2+7", "29+UNZ"), ("UNZ+1+8", "28+UNZ"), ("", "13+UNZ")], ids=["count", "number", "missing"]
)
def test_an_interchange_that_is_not_sound_is_rejected_as_a_whole(unz: str, told: str) -> None:
    body = edifact_interchange(edifact_message([*BGM, *LINS, "UNS+S"]), unz=unz or "UNZ+1+7")
    body = body if unz else body[: body.index(b"UNZ")]
    [report] = syntax_reports(Edifact(), body, 7, AT)
    assert segments(report) == [f"UCI+7+NORTHBUY:14+MAKER:14+4+{told}"]


def test_nothing_is_to_be_done_where_a_report_accepts() -> None:
    for body, kind in ((edifact_order(), Ignored), (edifact_order(summary=("UNS+S", "CNT+2:9")), Rejected)):
        for report in syntax_reports(Edifact(), body, 7, AT):
            [each] = transactions(Edifact(), {}, report)
            assert isinstance(each.outcome, kind)


def test_every_interchange_is_reported_on_and_a_report_never() -> None:
    reports = syntax_reports(Edifact(), edifact_order() + edifact_order(), 7, AT)
    assert [messages(each)[0].text.splitlines()[-1] for each in reports] == ["UNZ+1+7'", "UNZ+1+8'"]
    assert syntax_reports(Edifact(), reports[0], 9, AT) == []
    assert syntax_reports(Edifact(), b"rubbish", 9, AT) == []


@pytest.mark.parametrize(
    ("parts", "status", "wanted"),
    [
        ([part("10", WANTED, WANTED)], "AP", ["LIN+1+5+PUMP:SA", "QTY+113:10:PCE", "DTM+67:20260202:102"]),
        ([part("10", WANTED, LATER)], "AC", ["LIN+1+3+PUMP:SA", "QTY+113:10:PCE", "DTM+67:20260205:102"]),
        (
            [part("4", WANTED, WANTED), part("6", WANTED, None, status="infeasible", reason="no saw")],
            "AC",
            ["LIN+1+3+PUMP:SA", "QTY+113:4:PCE", "QTY+83:6:PCE", "DTM+67:20260202:102", "FTX+AAO+++no saw"],
        ),
        ([part("10", WANTED, None, status="infeasible")], "RE", ["LIN+1+7+PUMP:SA", "QTY+113:0:PCE", "QTY+83:10:PCE"]),
        ([part("10", WANTED, None, status="cancelled")], "AP", ["LIN+1+2+PUMP:SA", "QTY+113:0:PCE"]),
    ],
)
def test_a_line_is_answered_with_what_is_promised_of_it(parts: list[PartNews], status: str, wanted: list[str]) -> None:
    found = segments(order_response(order_news([LINE], parts), HEAD, 9, AT))
    head = [f"BGM+231+9+9+{status}", "DTM+137:202601060930:203", "RFF+ON:45001", "NAD+BY+N-1::92", "NAD+SU+MAKER::92",
            "CUX+2:EUR:9"]  # fmt: skip
    lines = [wanted[0], "QTY+21:10:PCE", *wanted[1:], "PRI+AAA:9.50"]
    assert found == [*head, *lines, "UNS+S", "CNT+2:1"]


def test_several_deliveries_are_a_schedule() -> None:
    found = segments(
        order_response(order_news([LINE], [part("4", WANTED, WANTED), part("6", WANTED, LATER)]), HEAD, 9, AT)
    )
    assert found[found.index("SCC+1") : found.index("UNS+S")] == [
        "SCC+1", "QTY+113:4:PCE", "DTM+67:20260202:102", "QTY+113:6:PCE", "DTM+67:20260205:102",
    ]  # fmt: skip


def test_the_answer_to_a_change_names_it() -> None:
    answer = order_response(order_news([LINE], [part("10", WANTED, WANTED)]), HEAD, 9, AT, change="45001-2")
    assert "RFF+CR:45001-2" in segments(answer)


def test_marks_are_released_and_what_latin_1_lacks_becomes_a_question_mark() -> None:
    parts = [part("10", WANTED, None, status="infeasible", reason="Säge? 5+2 'x'\n泵")]
    answer = order_response(order_news([LINE], parts), HEAD, 9, AT)
    assert "FTX+AAO+++Säge?? 5?+2 ?'x?' ??" in segments(answer)
    [message] = messages(answer)
    assert next(s.get(4) for s in message.segments if s.tag == "FTX") == "Säge? 5+2 'x' ?"
