from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.sources.errors import UnreadableError
from agents.sources.json_text import DEPTH_MOST, pieces
from agents.sources.json_values import wrapped

texts = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=10)
scalars = st.none() | st.booleans() | st.integers(-(10**30), 10**30) | texts
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4))
objects = st.dictionaries(st.text(alphabet="abc", max_size=5), values, max_size=4)


def faults(body: str | bytes) -> list[tuple[str, str]]:
    found = pieces(body if isinstance(body, bytes) else body.encode())
    return [(piece.position, piece.fault) for piece in found]


@given(objects)
def test_one_object_is_one_piece_without_position(value: dict[str, object]) -> None:
    [piece] = pieces(json.dumps(value, indent=2).encode())
    assert (piece.position, piece.value, piece.fault) == ("", value, "")


@given(st.lists(objects, min_size=1, max_size=5))
def test_an_array_is_cut_by_index_and_each_text_is_its_own(several: list[dict[str, object]]) -> None:
    found = pieces(json.dumps(several).encode())
    assert [piece.position for piece in found] == [str(index) for index in range(len(several))]
    assert [json.loads(piece.text) for piece in found] == several


@given(st.lists(objects, min_size=2, max_size=5))
def test_one_object_a_line_is_cut_by_line_number(several: list[dict[str, object]]) -> None:
    body = "\r\n".join(json.dumps(value) for value in several).encode()
    found = pieces(body)
    assert [(piece.position, piece.value) for piece in found] == [(str(n), v) for n, v in enumerate(several, 1)]


def test_blank_lines_count_but_hold_nothing() -> None:
    assert faults('{"a":1}\n\n{"b":2}\n') == [("1", ""), ("3", "")]


@pytest.mark.parametrize("broken", ["garbage", '{"a":', '{"a":1}}', '{"a":1},', "{"])
def test_a_broken_line_costs_that_line_only(broken: str) -> None:
    found = faults(f'{{"a":1}}\n{broken}\n{{"b":2}}')
    assert [position for position, _ in found] == ["1", "2", "3"]
    assert [bool(fault) for _, fault in found] == [False, True, False]


@pytest.mark.parametrize("body", ['[{"a":1},]', '[{"a":1} {"b":2}]', '[{"a":1}', "[", '[{"a":1}] x', "[1,", "[,1]"])
def test_a_broken_array_is_not_read_in_part(body: str) -> None:
    [(position, fault)] = faults(body)
    assert position == ""
    assert "nothing of the array was read" in fault


def test_an_empty_array_is_said_to_be_empty() -> None:
    assert faults("[]") == [("", "the array is empty: there is no document in it")]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('{"a": NaN}', "NaN is not a number"),
        ('{"a": -Infinity}', "-Infinity is not a number"),
        ('{"a": 1, "a": 2}', "the key 'a' stands twice"),
        ('{"a": ' + "9" * 5000 + "}", "5000 digits"),
        ('{"a": 1.' + "9" * 5000 + "}", "more digits"),
        ('{"a": "\\ud800"}', "U+D800"),
        ('{"\\ud800": 1}', "U+D800"),
        ('{"a": "\\u0000"}', "U+0000"),
        ('{"a":' * 100_000, "nested deeper"),
        ('{"a": [' + "[" * DEPTH_MOST + "]" * DEPTH_MOST + "]}", "nested deeper"),
        ('{"a": 1} x', "more follows the JSON value at column 10"),
        ('{"a": 1', "breaks off"),
        ('{"a": tru}', "not valid JSON at column 7"),
        ('{\n"a" 1}', "not valid JSON at line 2, column 5"),
    ],
)
def test_what_json_readers_overlook_is_a_fault(body: str, said: str) -> None:
    [(_, fault)] = faults(body)
    assert said in fault


def test_such_a_fault_costs_its_own_element_only() -> None:
    found = faults('[{"a": NaN}, {"a": 1}, {"a": 1, "a": 2}]')
    assert [bool(fault) for _, fault in found] == [True, False, True]


def test_a_byte_that_is_not_utf_8_costs_its_own_line_only() -> None:
    found = faults(b'{"a":"caf\xe9"}\n{"a":"caf\xc3\xa9"}')
    assert [fault for _, fault in found] == ["it holds the byte 0xE9, which is not UTF-8: save the file as UTF-8", ""]


def test_a_number_with_a_point_keeps_its_digits() -> None:
    [piece] = pieces(b'{"a": 310.10, "b": 0.1000000000000000055511151231257827}')
    assert piece.value == {"a": "310.10", "b": "0.1000000000000000055511151231257827"}


@given(st.binary(max_size=200))
def test_no_body_brings_the_reader_down(body: bytes) -> None:
    for piece in pieces(body):
        assert piece.fault or piece.value is None or piece.text


@pytest.mark.parametrize("body", ["[{},{},{},{}]", "[1,2,3,4,", '{"a":1}\n{"a":1}\n\n{"a":1}\n{"a":1}\n'])
def test_more_documents_than_a_body_may_hold_are_refused_before_they_fill_the_memory(
    body: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agents.sources.json_text.PIECES_MOST", 3)
    [(position, fault)] = faults(body)
    assert position == ""
    assert "documents: send them in pieces" in fault


def test_a_list_within_an_object_holds_no_more_either(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agents.sources.json_values.PIECES_MOST", 3)
    assert len(list(wrapped(b'{"orders":[{},{},{}]}', "order", "orders"))) == 3
    with pytest.raises(UnreadableError, match="orders holds more than 3 documents: send them in pieces"):
        list(wrapped(b'[{"orders":[{},{}]},{"orders":[{},{}]}]', "order", "orders"))
