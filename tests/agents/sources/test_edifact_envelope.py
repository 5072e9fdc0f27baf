from __future__ import annotations

import pytest

from agents.sources.edifact_envelope import Message, messages
from tests.agents.sources.builders import BGM, LINS, UNB, edifact_interchange, edifact_message, edifact_order

BODY = [*BGM, *LINS, "UNS+S", "CNT+2:2"]
SOUND = edifact_message(BODY)


def only(body: bytes) -> Message:
    [found] = messages(body)
    return found


def written(*segments: str) -> bytes:
    return "".join(f"{segment}'" for segment in (UNB, *segments)).encode()


def test_a_message_knows_its_kind_directory_and_sender() -> None:
    found = only(edifact_order())
    assert (found.position, found.kind, found.release, found.sender, found.fault) == (
        "1",
        "ORDERS",
        "96A",
        "NORTHBUY",
        "",
    )
    assert [found.segments[0].tag, found.segments[-1].tag] == ["BGM", "CNT"]


def test_several_messages_each_keep_their_own_fault() -> None:
    found = messages(edifact_interchange(SOUND, edifact_message(BODY, "2", count=7), edifact_message(BODY, "3")))
    assert [(each.position, bool(each.fault)) for each in found] == [("1", False), ("2", True), ("3", False)]


def test_messages_of_one_reference_have_positions_of_their_own() -> None:
    assert [each.position for each in messages(edifact_order() + edifact_order())] == ["1", "1-2"]


def test_groups_are_taken_apart() -> None:
    ung = "UNG+ORDERS+A+B+260105:0800+9+UN+D:96A"
    assert only(written(ung, *SOUND, "UNE+1+9", "UNZ+1+7")).fault == ""
    for une, said in (("UNE+2+9", "UNE counts '2' messages, but 1"), ("UNE+1+8", "UNE closes group '8'")):
        assert said in only(written(ung, *SOUND, une, "UNZ+1+7")).fault
    assert "the group breaks off" in only(written(ung, *SOUND, "UNZ+1+7")).fault
    assert "outside of every message of its group" in only(written(ung, "BGM+220", *SOUND, "UNE+1+9", "UNZ+1+7")).fault
    assert "UNE counts '1' messages, but 0" in only(written(ung, "UNE+1+9", "UNZ+1+7")).fault
    mixed = messages(written(*SOUND, ung, *SOUND, "UNE+1+9", "UNZ+1+7"))
    assert ["others outside" in each.fault for each in mixed] == [True, True]


@pytest.mark.parametrize(
    ("segments", "said"),
    [
        ((*SOUND,), "the interchange breaks off: it has no UNZ"),
        ((*SOUND, "UNZ+2+7"), "UNZ counts '2' messages, but 1 arrived"),
        ((*SOUND, "UNZ+x+7"), "UNZ counts 'x' messages"),
        ((*SOUND, "UNZ+1+8"), "UNZ closes interchange '8', but UNB opened '7'"),
        ((*SOUND, "LIN+1", "UNZ+1+7"), "segment 'LIN' stands outside of every message"),
        ((*SOUND[:-1], "UNZ+1+7"), "message 1 breaks off: it has no UNT"),
        ((*SOUND[:-1], "UNT+14+2", "UNZ+1+7"), "UNT closes message '2', but UNH opened '1'"),
        ((*SOUND[:-2], SOUND[-1], "UNZ+1+7"), "UNT counts '14' segments, but the message has 13"),
        (("UNZ+0+7",), "there is no message in the interchange"),
        (("UNH+1+ORDERS:D:96A:UN++1:C", "UNT+2+1", "UNZ+1+7"), "is one of several parts"),
    ],
)
def test_a_control_that_does_not_agree_is_told(segments: tuple[str, ...], said: str) -> None:
    assert said in only(written(*segments)).fault


def test_a_missing_trailer_keeps_what_comes_next_apart() -> None:
    found = messages(written(*SOUND[:-1], *edifact_message(BODY, "2"), "UNZ+2+7"))
    assert [(each.position, each.fault[:18]) for each in found] == [("1", "message 1 breaks o"), ("2", "")]


def test_the_text_of_a_message_is_an_interchange_that_can_be_sent_again() -> None:
    found = messages(edifact_interchange(SOUND, edifact_message(BODY, "2", count=7)))[1]
    mended = found.text.replace("UNT+7+2", "UNT+14+2")
    assert only(mended.encode()).segments == found.segments
    assert only(mended.encode()).fault == ""


def test_the_text_of_another_character_set_is_mended_as_utf_8() -> None:
    latin = edifact_order().replace(b"UNOB", b"UNOC").replace(b"CAB", b"C\xc4B")
    found = only(latin)
    assert "UNOW" in found.text
    assert only(found.text.encode()).segments == found.segments


def test_service_characters_of_its_own_are_kept_in_the_text() -> None:
    body = "UNA|;,! ~" + edifact_order().decode().translate(str.maketrans(":+'", "|;~"))
    found = only(body.encode().replace(b";7~", b";a!~b~").replace(b"UNB;UNOB", b"UNB;UNOC"))
    assert found.fault == ""
    assert only(found.text.encode()) == found


def test_a_byte_that_the_character_set_does_not_have_costs_its_message_only() -> None:
    found = messages(edifact_interchange(SOUND, edifact_message(["BGM+220+X"], "2")).replace(b"CAB", b"C\xc4B"))
    assert "byte 0xC4, which the character set 'UNOB' of UNB does not have: declare UNOC (Latin-1) or" in found[0].fault
    assert found[1].fault == ""


def test_an_interchange_that_is_a_test_says_so() -> None:
    assert [only(edifact_interchange(SOUND, unb=UNB + more)).is_test for more in ("", "++++++1")] == [False, True]
