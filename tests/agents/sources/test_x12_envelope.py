from __future__ import annotations

from agents.sources.x12_envelope import transaction_sets
from tests.agents.sources.builders import GS, ISA, interchange, x12_set

BODY = ("BEG*00*SA*1**20260105", "PO1*1*1*EA*1**VP*A")


def fault(text: bytes | str) -> str:
    [found] = transaction_sets(text.decode() if isinstance(text, bytes) else text)
    return found.fault


def sound(*numbers: str) -> bytes:
    return interchange(*(x12_set(BODY, number) for number in numbers))


def test_a_sound_set_has_no_fault_and_is_named_by_its_control_number() -> None:
    [found] = transaction_sets(sound("0042").decode())
    assert (found.position, found.set_id, found.sender, found.fault) == ("0042", "850", "NORTHBUY", "")
    assert [segment.tag for segment in found.segments] == ["BEG", "PO1"]


def test_sets_of_one_number_are_told_apart() -> None:
    text = (sound("0001") + sound("0001")).decode()
    assert [found.position for found in transaction_sets(text)] == ["0001", "0001-2"]


def test_a_set_s_text_is_an_interchange_of_its_own() -> None:
    for found in transaction_sets(sound("0001", "0002").decode()):
        [again] = transaction_sets(found.text)
        assert (again.segments, again.fault) == (found.segments, "")


def test_a_wrong_segment_count_is_a_fault() -> None:
    assert "SE counts '9' segments, but the set has 4" in fault(interchange(x12_set(BODY, count=9)))


def test_a_count_that_is_no_number_is_a_fault() -> None:
    assert "SE counts 'x'" in fault(sound("1").replace(b"SE*4", b"SE*x"))


def test_a_trailer_of_another_set_is_a_fault() -> None:
    assert "SE closes set '9999'" in fault(sound("0001").replace(b"SE*4*0001", b"SE*4*9999"))


def test_a_set_without_trailer_is_cut_off() -> None:
    assert "no SE" in fault(sound("0001").replace(b"SE*4*0001~\n", b""))


def test_a_fault_of_one_set_stops_no_other_of_the_group() -> None:
    body = interchange(x12_set(BODY, "0001", count=9), x12_set(BODY, "0002"))
    assert [bool(found.fault) for found in transaction_sets(body.decode())] == [True, False]


def test_a_group_that_lacks_a_set_is_not_processed() -> None:
    body = interchange(x12_set(BODY, "0001"), x12_set(BODY, "0002"), ge="GE*3*70").decode()
    assert all("GE counts '3' sets, but 2 arrived" in found.fault for found in transaction_sets(body))


def test_a_group_closed_by_another_s_trailer_is_not_processed() -> None:
    assert "GE closes group '71'" in fault(interchange(x12_set(BODY), ge="GE*1*71"))


def test_an_interchange_cut_off_is_not_processed() -> None:
    whole = sound("0001")
    assert "no IEA" in fault(whole[: whole.index(b"IEA")])
    assert "no GE" in fault(whole[: whole.index(b"GE*")])


def test_an_interchange_that_lacks_a_group_is_not_processed() -> None:
    assert "IEA counts '2' groups, but 1 arrived" in fault(interchange(x12_set(BODY), iea="IEA*2*000000007"))


def test_another_number_in_iea_is_let_pass() -> None:
    assert fault(interchange(x12_set(BODY), iea="IEA*1*000000001")) == ""


def test_a_segment_outside_of_every_set_is_a_fault() -> None:
    assert "'N1' stands outside" in fault(sound("0001").replace(b"GE*", b"N1*ST*X~\nGE*"))
    assert "'N1' stands outside of every group" in fault(sound("0001").replace(b"IEA*", b"N1*ST*X~\nIEA*"))


def test_a_set_outside_of_a_group_is_a_fault() -> None:
    assert "GS is missing" in fault(sound("0001").replace(GS.encode() + b"~\n", b""))


def test_a_group_whose_set_lost_its_header_is_still_reported() -> None:
    lost = interchange(x12_set(BODY)).replace(b"ST*850*0001~\n", b"")
    [found] = transaction_sets(lost.decode())
    assert (found.position, found.set_id) == ("GS70", "")
    assert "stands outside of every set" in found.fault


def test_an_interchange_without_any_set_is_reported() -> None:
    [found] = transaction_sets(f"{ISA}~IEA*0*000000007~")
    assert (found.position, found.fault) == ("ISA000000007", "there is no transaction set in the interchange")


def test_an_acknowledgement_of_an_interchange_disturbs_nothing() -> None:
    assert fault(sound("0001").replace(GS.encode(), b"TA1*000000001*260105*0800*A*000~\n" + GS.encode())) == ""


def test_bytes_that_are_not_utf_8_cost_their_set_only() -> None:
    body = interchange(x12_set((*BODY, "MSG*caf\xe9"), "0001"), x12_set(BODY, "0002")).decode().encode("latin-1")
    first, second = transaction_sets(body.decode("utf-8", "surrogateescape"))
    assert "0xE9" in first.fault
    assert second.fault == ""
