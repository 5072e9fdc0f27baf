from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from agents.sources.errors import UnreadableError
from agents.sources.json_values import amount, child, children, day, listed, pairs, peek, text, wrapped
from tests.agents.sources.builders import as_json


@pytest.mark.parametrize(
    ("value", "found"),
    [("  a ", "a"), (7, "7"), (True, ""), (None, ""), ([1], ""), ({}, ""), (Decimal("1.10"), "1.10")],
)
def test_a_plain_value_is_text_and_anything_else_is_nothing(value: object, found: str) -> None:
    assert text({"key": value}, "key") == found
    assert text({}, "key") == ""


def test_amounts_are_exact_and_name_their_place() -> None:
    assert amount({"a": "1.10"}, "a", "line 1") == Decimal("1.10")
    assert amount({"a": None}, "a", "line 1") is None
    with pytest.raises(UnreadableError, match="line 1: a 'much' is not a number"):
        amount({"a": "much"}, "a", "line 1")


@pytest.mark.parametrize("value", [None, 5, "x", [5, None]])
def test_what_is_no_object_or_list_of_them_is_empty(value: Any) -> None:
    assert child({"a": value}, "a") == {}
    assert children({"a": value}, "a") == []


def test_pairs_with_one_name_and_two_values_are_refused() -> None:
    assert pairs({"p": [{"name": "a", "value": 1}, {"name": "a", "value": 1}, {"value": 2}]}, "p", "line") == {"a": 1}
    with pytest.raises(UnreadableError, match="line: 'a' has several values"):
        pairs({"p": [{"name": "a", "value": 1}, {"name": "a", "value": 2}]}, "p", "line")


def test_a_date_is_read_as_it_is_said_to_be_written() -> None:
    assert day("03.02.2026", "%d.%m.%Y", "wish") == "2026-02-03"
    with pytest.raises(UnreadableError, match="wish '02/03/2026' is not a date as '%Y-%m-%d' writes it"):
        day("02/03/2026", "%Y-%m-%d", "wish")


def test_objects_are_found_in_every_wrapping() -> None:
    one, two = {"id": 1}, {"id": 2}
    for body in (as_json([one, {"order": two}]), as_json({"orders": [one, two]}), as_json(one) + b"\n" + as_json(two)):
        assert [piece.value for piece in wrapped(body, "order", "orders")] == [one, two]
    [empty] = wrapped(as_json({"orders": []}), "order", "orders")
    assert empty.fault == "the list of orders is empty"
    [twice] = wrapped(b'{"order": {"id": 1, "id": 2}}', "order", "orders")
    assert "stands twice" in twice.fault


@pytest.mark.parametrize("body", [b"", b"webhook_id=7", b"5", b"[" * 100_000, b"\xff\xfe", b"null"])
def test_a_look_at_what_is_nothing_finds_nothing(body: bytes) -> None:
    assert peek(body) == {}
    assert listed(body) == []
