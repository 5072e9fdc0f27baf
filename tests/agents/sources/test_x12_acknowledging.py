from __future__ import annotations

import datetime as dt

import pytest

from agents.sources.edi import EdiConfig
from agents.sources.source import Ignored, Rejected, transactions
from agents.sources.x12 import X12
from agents.sources.x12_acknowledging import acknowledgements
from agents.sources.x12_envelope import transaction_sets
from tests.agents.sources.builders import BCH, GS, HEADER, ISA, LINES, interchange, x12_order, x12_set

AT = dt.datetime(2026, 1, 6, 9, 30, tzinfo=dt.UTC)


def acknowledged(body: bytes, source: X12 | None = None) -> list[tuple[str, list[str]]]:
    """What a body is answered, kind and segments; each answer has to be a sound interchange."""
    found = []
    for kind, answer in acknowledgements(source or X12(), body, 7, AT):
        [each] = transaction_sets(answer.decode("ascii"))
        assert (each.fault, each.set_id) == ("", kind)
        found.append((kind, [segment.raw for segment in each.segments]))
    return found


def told(*lines: str, header: tuple[str, ...] = HEADER, summary: str = "CTT*1") -> list[str]:
    """What a 997 tells of the only set of an order that is refused."""
    [(_, found)] = acknowledged(x12_order(header=header, lines=lines, summary=(summary,)))
    assert (found[0], found[1], found[-1]) == ("AK1*PO*70", "AK2*850*0001", "AK9*R*1*1*0")
    return found[2:-1]


def test_sets_that_are_read_are_acknowledged_and_others_rejected() -> None:
    body = [*HEADER, *LINES, "CTT*2"]
    mixed = interchange(x12_set(body), x12_set(body, "0002", count=3), x12_set(["BIG*1"], "0003", "810"))
    assert acknowledged(mixed) == [
        ("997", ["AK1*PO*70", "AK2*850*0001", "AK5*A", "AK2*850*0002", "AK5*R*4", "AK2*810*0003", "AK5*R*1",
                 "AK9*P*3*3*1"])
    ]  # fmt: skip
    assert acknowledged(x12_order())[0][1][-1] == "AK9*A*1*1*1"
    test = x12_order().replace(b"*0*P*>", b"*0*T*>")
    assert acknowledged(test, X12(EdiConfig(test_orders=False)))[0][1][-2:] == ["AK5*R*5", "AK9*R*1*1*0"]


@pytest.mark.parametrize(
    ("line", "element"),
    [
        ("PO1*1*many*EA*1.00**VP*A", "AK4*2*330*6*many"),
        ("PO1*1*3*E*1.00**VP*A", "AK4*3*355*4*E"),
        ("PO1*1*1234567890123456*EA*1.00**VP*A", "AK4*2*330*5*1234567890123456"),
    ],
)
def test_an_element_that_is_wrong_is_named_with_its_place_and_a_copy(line: str, element: str) -> None:
    found = told(line, summary="CTT*2")
    assert found == ["AK3*PO1*5**8", element, "AK5*R*5"]


def test_what_is_missing_unknown_or_no_date_is_named_segment_by_segment() -> None:
    header = ("BEG**SA*45001**20261305", "CUR*BY*USD", "DTM**2026")
    assert told("po1*1*3*EA", header=header, summary="CTT") == [
        "AK3*BEG*2**8", "AK4*1*353*1", "AK4*5*373*8*20261305",
        "AK3*DTM*4**8", "AK4*1*374*1", "AK4*2*373*8*2026",
        "AK3*po1*5**1",
        "AK3*CTT*6**8", "AK4*1*354*1",
        "AK3*PO1*7**3",
        "AK5*R*5",
    ]  # fmt: skip


def test_what_makes_no_sense_though_its_grammar_is_sound_is_refused_without_a_segment() -> None:
    assert told(LINES[0], summary="CTT*3") == ["AK5*R*5"]


def test_a_change_is_judged_by_its_own_segments() -> None:
    change = interchange(x12_set([BCH, "POC*1*QI*2*x*EA", "CTT*1"], set_id="860"))
    [(_, found)] = acknowledged(change)
    assert found[2:-1] == ["AK3*POC*3**8", "AK4*4*671*6*x", "AK5*R*5"]


@pytest.mark.parametrize(
    ("trailer", "code"), [("", "3"), ("GE*2*70", "5"), ("GE*1*71", "4")], ids=["missing", "count", "number"]
)
def test_a_group_that_does_not_close_is_told_by_its_code(trailer: str, code: str) -> None:
    body = interchange(x12_set([*HEADER, *LINES, "CTT*2"]), ge=trailer or "N9*X")
    body = body if trailer else body.replace(b"N9*X~\n", b"")
    [(_, found)] = acknowledged(body)
    assert found[-1] == f"AK9*R*1*1*0*{code}"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (interchange(x12_set([*HEADER, *LINES, "CTT*2"]), iea="IEA*2*000000007"), "021"),
        (interchange(x12_set([*HEADER, *LINES, "CTT*2"])).replace(b"IEA*1*000000007~\n", b""), "023"),
        (x12_order().replace(GS.encode(), b"N1*ST~\n" + GS.encode()), "024"),
        (f"{ISA}~\nIEA*0*000000007~\n".encode(), "024"),
    ],
)
def test_an_interchange_that_is_not_sound_is_rejected_as_a_whole(body: bytes, code: str) -> None:
    assert acknowledged(body) == [("TA1", [f"TA1*000000007*260105*0800*R*{code}"])]


def test_an_interchange_that_wants_it_is_acknowledged_itself_before_its_groups() -> None:
    body = x12_order().replace(b"*0*P*>", b"*1*P*>")
    assert [(kind, found[-1]) for kind, found in acknowledged(body)] == [
        ("TA1", "TA1*000000007*260105*0800*A*000"),
        ("997", "AK9*A*1*1*1"),
    ]


def test_every_interchange_is_acknowledged_under_a_number_of_its_own() -> None:
    wanted = x12_order().replace(b"*0*P*>", b"*1*P*>")
    answers = [answer for _, answer in acknowledgements(X12(), wanted + x12_order(), 7, AT)]
    assert [each.split(b"*")[13] for each in answers] == [b"000000007", b"000000008", b"000000009"]


def test_acknowledgements_are_never_answered_and_nothing_is_to_be_done_where_they_accept() -> None:
    refused = x12_order(summary=("CTT*3",))
    broken = interchange(x12_set([*HEADER, *LINES, "CTT*2"]), iea="IEA*2*000000007")
    for body, kind in ((x12_order(), Ignored), (x12_order().replace(b"*0*P*>", b"*1*P*>"), Ignored),
                       (refused, Rejected), (broken, Rejected)):  # fmt: skip
        for _, answer in acknowledgements(X12(), body, 7, AT):
            assert list(acknowledgements(X12(), answer, 9, AT)) == []
            [each] = transactions(X12(), {}, answer)
            assert isinstance(each.outcome, kind), each
    assert list(acknowledgements(X12(), b"rubbish", 9, AT)) == []
