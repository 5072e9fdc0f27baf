from __future__ import annotations

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.sources.edifact_tokens import Interchange, Segment, interchanges
from tests.agents.sources.builders import edifact_order
from tests.effort import times

HEAD = b"UNB+UNOC:3+A+B+260105:0800+1'"


def only(body: bytes) -> Interchange:
    [found] = interchanges(body)
    assert found.fault == ""
    return found


def segment(body: bytes) -> Segment:
    """The segment behind UNB."""
    return only(body).segments[1]


def test_a_segment_is_cut_into_elements_and_components() -> None:
    found = segment(HEAD + b"NAD+BY+123::9++Name'")
    assert (found.tag, found.elements) == ("NAD", (("BY",), ("123", "", "9"), ("",), ("Name",)))
    assert (found.get(2), found.get(2, 3), found.get(2, 9), found.get(9), found.raw) == (
        "123", "9", "", "", "NAD+BY+123::9++Name",
    )  # fmt: skip


def test_una_declares_the_service_characters() -> None:
    body = b"UNA|;,! ~UNB;UNOC|3;A;B;260105|0800;1~QTY;21|1,5|a!;b!!~UNZ;0;1~"
    assert segment(body).elements == (("21", "1,5", "a;b!"),)
    assert only(body).separators.decimal == ","


def test_a_release_character_makes_data_of_the_next_one() -> None:
    assert segment(HEAD + b"FTX+a?+b?:c??+d?'e??'").elements == (("a+b:c?",), ("d'e?",))
    assert segment(HEAD + b"FTX+pay 5?'UNA text'").elements == (("pay 5'UNA text",),)


def test_level_b_has_control_characters_for_service_characters() -> None:
    found = segment(b"UNB\x1dUNOB\x1f1\x1dA\x1dB\x1d1\x1cQTY\x1d21\x1f5?+\x1cUNZ\x1d0\x1d1\x1c")
    assert found.elements == (("21", "5?+"),)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\n\n  ", ""])
def test_line_ends_between_segments_are_nothing(end: str) -> None:
    body = edifact_order().decode().replace("\n", end).encode()
    assert [s.tag for s in only(body).segments] == [s.tag for s in only(edifact_order()).segments]


def test_a_file_wrapped_at_a_fixed_width_is_joined() -> None:
    flat = edifact_order().replace(b"\n", b"")
    wrapped = b"\r\n".join(flat[at : at + 17] for at in range(0, len(flat), 17))
    assert only(wrapped).segments == only(flat).segments


@pytest.mark.parametrize(
    ("level", "text"),
    [("UNOC", "Müller 5 €"), ("UNOD", "Łódź"), ("UNOE", "Насос"), ("UNOF", "Αντλία"), ("UNOL", "5 €"), ("UNOW", "泵 Ł"),
     ("UNOY", "Ünï"), ("UNOA", "PUMP")],
)  # fmt: skip
def test_the_character_set_is_that_of_unb(level: str, text: str) -> None:
    codec = {"UNOC": "cp1252", "UNOD": "iso8859-2", "UNOE": "iso8859-5", "UNOF": "iso8859-7", "UNOL": "iso8859-15"}
    body = HEAD.replace(b"UNOC", level.encode()) + f"FTX+{text}'".encode(codec.get(level, "utf-8"))
    assert segment(body).get(1) == text


def test_interchanges_of_several_character_sets_stand_in_one_file() -> None:
    one = "UNB+UNOC:3+A+B+1'FTX+Ü'UNZ+0+1'".encode("latin-1")
    other = "UNA:+.? 'UNB+UNOW:4+A+B+2'FTX+Ü'UNZ+0+2'".encode()
    assert [found.segments[1].get(1) for found in interchanges(one + b"\r\n" + other + one)] == ["Ü", "Ü", "Ü"]


def test_a_character_that_the_set_does_not_have_stays_a_lone_surrogate() -> None:
    assert segment(HEAD.replace(b"UNOC", b"UNOA") + b"FTX+\xdc'").get(1) == "\udcdc"
    assert segment(HEAD.replace(b"UNOC", b"UNOW") + b"FTX+\xdc'").get(1) == "\udcdc"


def test_elements_are_repeated_from_syntax_4_on() -> None:
    found = segment(HEAD.replace(b":3", b":4") + b"COM+1:TE*2:FX'")
    assert (found.is_repeated, found.elements) == (True, (("1", "TE"),))
    found = segment(HEAD.replace(b":3", b":4") + b"COM+1?*5:TE*2:FX'")
    assert (found.is_repeated, found.elements) == (True, (("1*5", "TE"),))
    assert segment(HEAD + b"FTX+2*3'").elements == (("2*3",),)
    assert segment(b"UNA:+.?*'" + HEAD + b"FTX+2*3'").elements == (("2*3",),)


def test_a_file_that_ends_within_a_segment_says_so() -> None:
    assert [(len(f.segments), f.is_whole) for f in interchanges(HEAD + b"LIN+1'QTY+21:5")] == [(2, False)]
    assert [(len(f.segments), f.is_whole) for f in interchanges(HEAD + b"LIN+1'QTY+21:5?'")] == [(2, False)]


def test_what_opens_an_interchange_ends_the_one_before() -> None:
    assert [len(found.segments) for found in interchanges(HEAD + b"LIN+1'" + HEAD + b"UNA:+.? '" + HEAD)] == [2, 1, 1]


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (b"UNH+1+ORDERS'", "'UNH+1+ORDERS'' stands outside of an interchange: it must begin with UNB"),
        (b"UNA:::::::UNB+UNOC:3'", "each must be a mark of its own"),
        (b"UNA:+X? 'UNB+UNOC:3'", "each must be a mark of its own"),
        (b"UNB+UNOZ:3+A+B'", "the character set 'UNOZ' in UNB is not known"),
        (b"UNB+UNOX:3+A+B'FTX+\x1b$B'", "UNOX with escape sequences"),
    ],
)
def test_what_cannot_be_cut_says_why_and_the_rest_goes_on(body: bytes, fault: str) -> None:
    found = list(interchanges(body + b"\n" + edifact_order()))
    assert fault in found[0].fault
    assert (found[0].segments, found[-1].fault) == ((), "")


def test_an_advice_that_breaks_off_says_so() -> None:
    assert "UNA segment is not whole" in next(interchanges(b"UNA:+.")).fault


def test_what_is_larger_than_any_order_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    [found] = interchanges(HEAD + b"FTX+" + b":" * 70_000 + b"'")
    assert "a segment ('FTX+::::::::::::::::') has 70004 characters" in found.fault
    monkeypatch.setattr("agents.sources.edifact_tokens.SEGMENTS_MOST", 4)
    faults = [each.fault for each in interchanges((HEAD + b"LIN+1'UNZ+0+1'") * 3)]
    assert [fault[:20] for fault in faults] == ["", "the file has more th"]


@given(st.text(alphabet="UNABHZT+:'?.* \n123", max_size=80), st.sampled_from(["", "UNA:+.? '", HEAD.decode()]))
@settings(max_examples=times(80, 5_000))
def test_no_text_brings_the_tokenizer_down(text: str, head: str) -> None:
    for found in interchanges((head + text).encode()):
        assert bool(found.fault) != bool(found.segments)


@given(st.lists(st.lists(st.text(alphabet=string.printable.strip() + "?+:'", max_size=6), min_size=1), min_size=1))
@settings(max_examples=times(80, 5_000))
def test_what_is_written_with_release_characters_is_read_again(elements: list[list[str]]) -> None:
    def escaped(text: str) -> str:
        return "".join(f"?{c}" if c in "?+:'" else c for c in text)

    raw = "+".join(":".join(escaped(part) for part in components) for components in elements)
    read = segment(HEAD + f"FTX+{raw}'".encode())
    assert read.elements == tuple(tuple(components) for components in elements)
