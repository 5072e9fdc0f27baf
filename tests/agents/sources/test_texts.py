from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.sources.texts import (
    EXCERPT_LENGTH,
    REASON_LENGTH,
    decode,
    excerpt,
    is_clean,
    joined,
    one_line,
    quoted,
    sample,
    stain,
)


@given(st.binary())
def test_decoding_never_fails_and_an_excerpt_can_always_be_stored(body: bytes) -> None:
    excerpt(decode(body)).encode()


def test_the_byte_order_mark_is_no_text() -> None:
    assert decode(b"\xef\xbb\xbfabc") == "abc"


def test_a_byte_that_is_not_utf_8_is_told_by_its_value() -> None:
    assert "0xE9" in stain(decode(b"caf\xe9"))
    assert not is_clean(decode(b"caf\xe9"))


def test_a_lone_surrogate_and_a_nul_are_no_characters() -> None:
    assert "U+D800" in stain("\ud800")
    assert "U+0000" in stain("a\x00")
    assert stain("naïve") == ""


def test_an_excerpt_is_bounded() -> None:
    assert len(excerpt("x" * (EXCERPT_LENGTH + 1))) == EXCERPT_LENGTH


@given(st.text())
def test_a_reason_is_one_printable_line(text: str) -> None:
    line = one_line(text)
    assert len(line) <= REASON_LENGTH
    assert all(character.isprintable() for character in line)


def test_a_long_value_is_cut_in_quotes() -> None:
    assert quoted("x" * 100, 3) == "'xxx…'"


@pytest.mark.parametrize(("parts", "line"), [(["A", "", " B "], "A, B"), ([], "")])
def test_an_address_is_what_its_parts_say(parts: list[str], line: str) -> None:
    assert joined(parts) == line


def test_nothing_is_kept_to_be_mended_of_what_is_no_text() -> None:
    assert sample(b"PK\x03\x04\0\0") == ""
    assert sample("Größe".encode()) == "Größe"
