from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from agents.sources.drafts import TYPES, aware_time, document
from agents.sources.errors import UnreadableError
from agents.sources.order_draft import order_draft
from tests.agents.sources.builders import contract_order


def complaint(value: object) -> str:
    with pytest.raises(UnreadableError) as caught:
        document(value)
    return str(caught.value)


def test_every_type_of_the_contract_is_known() -> None:
    assert len(TYPES) == 12
    assert TYPES[0] == "customer_order"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"number": ""}, "number: is empty"),
        ({"lines": []}, "lines: is empty"),
        ({"lines": [{"line": "1", "item": "A", "quantity": "x"}]}, "lines[0].quantity: 'x' is not a number"),
        ({"lines": [{"line": "1", "item": "A", "quantity": "0"}]}, "lines[0].quantity: should be greater than 0"),
        ({"lines": [{"line": "1", "quantity": "1"}]}, "line 1 has neither item nor description"),
        ({"colour": "red"}, "colour: is not a field of customer_order"),
        ({"received": "2026-01-05T08:00:00"}, "received: '2026-01-05T08:00:00' has no offset"),
        ({"received": 1700000000}, "received: a time in ISO 8601"),
        ({"received": "9999-01-05T08:00:00Z"}, "received: 9999-01-05T08:00:00+00:00 is not a year"),
        ({"type": "order"}, "the type 'order' is not known; it is one of customer_order"),
        ({"currency": 5}, "currency: should be a valid string ('5' was found)"),
    ],
)
def test_a_complaint_names_the_place_and_what_is_wrong(change: dict[str, Any], said: str) -> None:
    assert said in complaint(contract_order(**change))


def test_a_complaint_is_free_of_the_validators_jargon() -> None:
    text = complaint({"type": "customer_order", "lines": [{"foo": 1}] * 20})
    assert "pydantic" not in text
    assert "http" not in text
    assert text.endswith("and 37 problems more")


@pytest.mark.parametrize("value", [None, 5, "text", [], [contract_order()]])
def test_what_is_no_object_is_no_document(value: object) -> None:
    assert "JSON object" in complaint(value)


def test_an_object_without_type_is_told_the_types() -> None:
    assert "there is no `type`; it is one of customer_order, order_change" in complaint({"number": "1"})


def test_a_foreign_order_is_complained_of_by_its_own_line_numbers() -> None:
    lines = [
        {"line": "10", "items": ["A"], "quantity": Decimal(1)},
        {"line": "20", "items": ["B"], "quantity": Decimal(0)},
    ]
    with pytest.raises(UnreadableError, match="line '20': quantity: should be greater than 0"):
        order_draft({"number": "1", "lines": lines}).document("x")


def test_only_a_time_with_an_offset_is_a_time_of_receipt() -> None:
    assert aware_time("2026-01-05T08:00:00+01:00") is not None
    for text in ("2026-01-05", "2026-01-05T08:00:00", "", "T", "2026-13-05T08:00:00Z", "0001-01-05T08:00:00Z"):
        assert aware_time(text) is None
