"""Documents' names, and what supply still brings."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from knowledge.plant import SupplyStatus
from knowledge.supply import PurchaseRow, Release, WorkOrder, base_document, line_document, order_document, readable

ORDER = WorkOrder("WO 1", "A", 10, 3, 8, SupplyStatus.RELEASED)
ROW = PurchaseRow("PO/1", 1, "S", "R", 10, Decimal(1), "EUR", 3, 8, SupplyStatus.RELEASED)


@given(st.text(min_size=1), st.text(min_size=1), st.text(min_size=1))
def test_separators_in_a_name_never_separate(source: str, number: str, line: str) -> None:
    document = line_document(source, number, line)
    assert document.split("/")[:2] == order_document(source, number).split("/")
    assert [readable(part) for part in document.split("/")] == [source, number, line]
    assert base_document(f"{document}#2") == document


def test_every_row_of_a_purchase_order_has_a_name_of_its_own() -> None:
    assert [ROW.document, replace(ROW, row=2).document] == ["PO%2F1", "PO%2F1#2"]
    assert ORDER.document == "WO%201"


def test_what_is_still_to_come_is_less_what_came() -> None:
    assert [replace(ORDER, made=4).receipt, replace(ORDER, made=12).receipt] == [6, 0]
    assert [replace(ROW, received=4).receipt, replace(ROW, received=12).receipt] == [6, 0]


def test_nothing_is_counted_on_from_an_order_that_starves() -> None:
    assert replace(ORDER, starved=True).receipt == 0


def test_supply_begins_when_it_is_started_or_ordered() -> None:
    assert (ORDER.begin, ORDER.time, ROW.begin, ROW.time) == (3, 8, 3, 8)


def test_a_release_is_delivered_its_transit_after_it_ships() -> None:
    assert Release("d", "o", "1", "A", 5, 100, 120, 90, 1, "C", transit=20).delivery == 120
