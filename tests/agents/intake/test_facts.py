from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.intake.facts import OrderError, changed_order, facts_of, fingerprint
from knowledge.documents import CustomerOrder, OrderChange
from knowledge.plant import Alias
from tests.agents.planner.plants import made, plant

LINES = st.lists(
    st.fixed_dictionaries(
        {"line": st.sampled_from("123456"), "item": st.sampled_from("ABC"), "quantity": st.integers(1, 9)},
        optional={"unit_price": st.integers(0, 5), "text": st.just("upright"), "ship_to": st.just("Ayr")},
    ),
    min_size=1,
    unique_by=lambda line: line["line"],
)


def order(*lines: dict[str, Any], **more: Any) -> CustomerOrder:
    return CustomerOrder.model_validate({"source": "t", "number": "1", "lines": lines, **more})


def change(*lines: dict[str, Any], **more: Any) -> OrderChange:
    return OrderChange.model_validate({"source": "t", "number": "1", "lines": lines, **more})


@given(LINES, LINES)
def test_a_complete_change_makes_the_order_what_it_says_whatever_it_was(
    old: list[dict[str, Any]], new: list[dict[str, Any]]
) -> None:
    assert changed_order(order(*old), change(*new, complete=True)) == order(*new)


@given(LINES, LINES)
def test_another_change_keeps_what_it_does_not_name(old: list[dict[str, Any]], new: list[dict[str, Any]]) -> None:
    found = changed_order(order(*old), change(*new))
    assert found is not None
    before, said = ({line["line"]: line for line in lines} for lines in (old, new))
    assert {line.line for line in found.lines} == before.keys() | said.keys()
    for line in found.lines:
        merged = {**before.get(line.line, {}), **said.get(line.line, {})}
        assert line == order(merged).lines[0]


def test_what_a_complete_change_leaves_out_of_a_line_is_not_given_any_more() -> None:
    old = order({"line": "1", "item": "A", "quantity": 5, "requested": "2026-02-02", "unit_price": "9.50"})
    new = changed_order(old, change({"line": "1", "item": "A", "quantity": 5}, complete=True))
    assert new is not None
    assert (new.lines[0].requested, new.lines[0].unit_price) == (None, None)


def test_a_line_of_quantity_nothing_is_not_on_a_new_version_whether_it_was_before_or_not() -> None:
    old, gone = order({"line": "1", "item": "A", "quantity": 5}), [{"line": n, "quantity": 0} for n in "17"]
    new = changed_order(old, change(*gone, {"line": "2", "item": "A", "quantity": 5}, complete=True))
    assert new is not None
    assert [line.line for line in new.lines] == ["2"]
    assert changed_order(old, change(*gone, complete=True)) is None
    with pytest.raises(OrderError, match="line 7 is not on the order"):
        changed_order(old, change(*gone))


def test_a_line_twice_in_a_new_version_is_refused() -> None:
    line = {"line": "1", "item": "A", "quantity": 5}
    with pytest.raises(OrderError, match="line 1 stands twice"):
        changed_order(order(line), change(line, line, complete=True))


@pytest.mark.parametrize("complete", [False, True])
def test_the_place_and_the_currency_change_where_they_are_given(complete: bool) -> None:
    line = {"line": "1", "item": "A", "quantity": 5}
    old = order(line, currency="EUR", ship_to="Ayr")
    kept = changed_order(old, change(line, complete=complete))
    new = changed_order(old, change(line, complete=complete, currency="USD", ship_to="Leith"))
    assert kept is not None
    assert new is not None
    assert [(each.currency, each.ship_to) for each in (kept, new)] == [("EUR", "Ayr"), ("USD", "Leith")]


def test_a_change_that_says_nothing_of_the_head_has_the_fingerprint_that_it_always_had() -> None:
    plain = change({"line": "1", "quantity": Decimal(5)})
    assert fingerprint(plain, with_time=True) == "75d0ab5aa7d2c5c99bb0257e34edf68f"
    marks = {fingerprint(change({"line": "1", "quantity": 5}, **more), with_time=True)
             for more in ({}, {"complete": True}, {"currency": "EUR"}, {"ship_to": "Ayr"})}  # fmt: skip
    assert len(marks) == 4


@pytest.mark.parametrize(
    ("source", "customer", "item"),
    [
        ("shop", "ACME", "OF-SHOP"),
        ("edifact:4711", "ACME", "OF-EDIFACT"),
        ("manual", "ACME", "OF-ACME"),
        ("manual", "B", "OF-ALL"),
    ],
)
def test_a_foreign_number_is_that_of_the_source_its_format_the_customer_or_anybody(
    source: str, customer: str, item: str
) -> None:
    items = {"shop": "OF-SHOP", "edifact": "OF-EDIFACT", "ACME": "OF-ACME", "": "OF-ALL"}
    known = replace(
        plant([made(code) for code in items.values()]),
        aliases={(key, "77"): Alias(code, Decimal(1)) for key, code in items.items()},
    )
    said = order({"line": "1", "item": "77", "quantity": 5, "unit_price": 1}, source=source, customer=customer)
    assert [line.item for line in facts_of(known, said, 1, 0).lines] == [item]
