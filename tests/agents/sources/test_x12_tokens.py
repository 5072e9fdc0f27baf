from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.sources.errors import UnreadableError
from agents.sources.x12_tokens import Segment, Separators, interchanges, separators

FIELDS = ["00", " " * 10, "00", " " * 10, "ZZ", "A".ljust(15), "ZZ", "B".ljust(15), "260105", "0800", "U", "00401", "7"]


def isa(element: str = "*", component: str = ">") -> str:
    return element.join(["ISA", *FIELDS, "0", "P", component])


def tags(text: str) -> list[list[str]]:
    return [[segment.tag for segment in each.segments] for each in interchanges(text)]


@pytest.mark.parametrize(
    ("element", "component", "end", "terminator"),
    [
        ("*", ">", "~", "~"),
        ("*", ">", "~\r\n", "~"),
        ("*", "~", "|\r\n", "|"),
        ("~", "`", "*\n", "*"),
        ("*", ">", "\n", "\n"),
        ("*", ">", "\r\n", "\n"),
        ("*", ">", "\r", "\r"),
        ("*", ">", " \r\n", "\n"),
        ("\x1d", "\x1f", "\x1c", "\x1c"),
        ("|", "^", "'", "'"),
    ],
)
def test_the_separators_are_the_isa_s_own(element: str, component: str, end: str, terminator: str) -> None:
    text = end.join([isa(element, component), f"GS{element}PO{element}x y", f"IEA{element}1{element}7"]) + end
    [interchange] = interchanges(text)
    assert interchange.separators == Separators(element, component, terminator)
    assert interchange.segments[1] == Segment("GS", ("PO", "x y"), f"GS{element}PO{element}x y")
    assert [segment.tag for segment in interchange.segments] == ["ISA", "GS", "IEA"]


def test_an_isa_padded_short_or_with_other_blanks_is_understood() -> None:
    short = isa().replace("A" + " " * 14, "A" + "\xa0" * 3)
    assert separators(short + "~GS*PO~", 0).terminator == "~"


def test_an_element_beyond_the_end_is_empty() -> None:
    segment = Segment("PO1", ("1", "2"), "PO1*1*2")
    assert (segment.element(1), segment.element(2), segment.element(3)) == ("1", "2", "")


def test_indentation_and_blank_lines_are_no_data() -> None:
    assert tags(f"\ufeff\n{isa()}~\n\n    GS*PO ~\n\tIEA*1*7~\n\x1a") == [["ISA", "GS", "IEA"]]


def test_a_wrapped_file_is_joined_again() -> None:
    [interchange] = interchanges(f"{isa()}~GS*P\r\nO*1~IEA*1*7~")
    assert interchange.segments[1].elements == ("PO", "1")


def test_the_last_terminator_may_be_missing() -> None:
    assert tags(f"{isa()}~GS*PO~IEA*1*7") == [["ISA", "GS", "IEA"]]


def test_interchanges_with_different_separators_follow_each_other() -> None:
    text = f"{isa()}~GS*PO~IEA*1*7~\n{isa('|', '^')}'GS|PO'IEA|1|7'"
    assert tags(text) == [["ISA", "GS", "IEA"], ["ISA", "GS", "IEA"]]


def test_an_interchange_without_end_stops_where_the_next_begins() -> None:
    assert tags(f"{isa()}~GS*PO~{isa()}~GS*PO~IEA*1*7~") == [["ISA", "GS"], ["ISA", "GS", "IEA"]]


@pytest.mark.parametrize(
    "text",
    [
        "ISA",
        "ISAA00A",
        "ISA*00*",
        isa()[:-1],
        isa(),
        isa() + "G",
        isa(component="*") + "~",
        isa(component="~") + "~",
        isa() + " GS",
    ],
)
def test_an_isa_that_is_not_whole_is_refused(text: str) -> None:
    with pytest.raises(UnreadableError, match=r"ISA"):
        separators(text, 0)


def test_a_broken_interchange_stops_no_other() -> None:
    found = list(interchanges(f"ISA*00*broken~\n{isa()}~IEA*0*7~ trailing rubbish"))
    assert [bool(each.fault) for each in found] == [True, False, True]
    assert "trailing rubbish" in found[2].fault


@given(st.text(max_size=300))
def test_no_text_brings_the_tokenizer_down(text: str) -> None:
    for each in interchanges("ISA" + text):
        assert each.fault or each.segments


def test_what_is_larger_than_any_order_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    [found] = interchanges(f"{isa()}~MSG*{'x' * 70_000}~IEA*0*7~")
    assert "has 70004 characters: is its terminator missing?" in found.fault
    monkeypatch.setattr("agents.sources.x12_tokens.SEGMENTS_MOST", 4)
    faults = [each.fault for each in interchanges(f"{isa()}~ST*850*1~IEA*0*7~" * 3)]
    assert [fault[:20] for fault in faults] == ["", "the file has more th"]
