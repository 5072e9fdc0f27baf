"""The order desk in its society, on a plant that has everything in stock."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from knowledge.store.tables import CustomerOrderRow, PromiseRow, QuarantineRow, ShippingOrderRow
from simulations.processing import Processing
from simulations.torture.documents import after, order
from tests.random_plants import Case
from tests.test_properties import findings, society, take

FILES = {
    "items.csv": "item,kind,supply\nA,finished,stock\nB,finished,stock\nC,finished,stock\n",
    "stock.csv": "item,quantity\nA,100\nB,100\nC,100\n",
}


@pytest.fixture
def plant() -> Iterator[Processing]:
    """A society that has taken an order of 5 A, 3 B and 2 C."""
    processing = society(Case(FILES, ()))
    take(processing, order("1", "NORTH", [("A", 5, 9), ("B", 3, 9), ("C", 2, 9)], 0))
    yield processing
    assert findings(processing) == []


def version(*lines: dict[str, Any], minutes: int = 10, **more: Any) -> dict[str, Any]:
    head = {"type": "order_change", "source": "t", "number": "1", "complete": True, "received": after(minutes)}
    return {**head, "lines": lines, **more}


def line(number: str, item: str, quantity: str) -> dict[str, Any]:
    return {"line": number, "item": item, "quantity": quantity, "requested": after(9 * 1440), "unit_price": "10"}


def promised(processing: Processing) -> dict[str, tuple[str, str, str]]:
    rows = processing.store.rows(PromiseRow)
    return {row["line"]: (row["item"], row["quantity"], row["status"]) for row in rows}


def test_a_new_version_takes_off_what_it_does_not_name(plant: Processing) -> None:
    take(plant, version(line("1", "A", "7"), line("4", "C", "1"), ship_to="Leith"))
    assert promised(plant) == {
        "1": ("A", "7", "promised"),
        "2": ("B", "3", "cancelled"),
        "3": ("C", "2", "cancelled"),
        "4": ("C", "1", "promised"),
    }
    shipping = {row["item"]: (row["quantity"], row["ship_to"]) for row in plant.store.rows(ShippingOrderRow)}
    assert shipping == {"A": (7, "Leith"), "C": (1, "Leith")}


def test_a_version_after_another_counts_alone_and_the_same_again_is_ignored(plant: Processing) -> None:
    first, second = version(line("1", "A", "7")), version(line("2", "B", "4"), minutes=20)
    for document in (first, second, first, second):
        take(plant, document)
    assert {number: found[1:] for number, found in promised(plant).items()} == {
        "1": ("7", "cancelled"),
        "2": ("4", "promised"),
        "3": ("2", "cancelled"),
    }


def test_a_version_of_nothing_cancels_the_order_and_one_with_lines_reopens_it(plant: Processing) -> None:
    take(plant, version({"line": "1", "quantity": "0"}))
    assert {row["status"] for row in plant.store.rows(CustomerOrderRow)} == {"cancelled"}
    take(plant, version(line("1", "A", "2"), minutes=20))
    assert promised(plant)["1"] == ("A", "2", "promised")
    assert {row["status"] for row in plant.store.rows(CustomerOrderRow)} == {"open"}


def test_a_version_of_an_order_that_was_never_received_is_quarantined(plant: Processing) -> None:
    take(plant, version(line("1", "A", "2"), number="99"))
    [row] = plant.store.rows(QuarantineRow)
    assert row["reason"] == "order t/99 was never received"


def standing(*lines: dict[str, Any], minutes: int = 10, **more: Any) -> dict[str, Any]:
    head = {"type": "customer_order", "source": "t", "number": "1", "customer": "NORTH", "received": after(minutes)}
    return {**head, "standing": True, "lines": lines, **more}


def test_an_order_as_it_stands_is_taken_where_it_is_new_and_else_in_place_of_what_was_known(plant: Processing) -> None:
    take(plant, standing(line("1", "A", "7"), line("4", "C", "1")))
    take(plant, standing(line("1", "B", "2"), number="2"))
    found = [(row["order"], row["line"], row["quantity"], row["status"]) for row in plant.store.rows(PromiseRow)]
    assert sorted(found) == [
        ("t/1", "1", "7", "promised"),
        ("t/1", "2", "3", "cancelled"),
        ("t/1", "3", "2", "cancelled"),
        ("t/1", "4", "1", "promised"),
        ("t/2", "1", "2", "promised"),
    ]
    assert plant.store.rows(QuarantineRow) == []


def test_an_order_that_stands_as_it_stood_before_is_as_it_was_then(plant: Processing) -> None:
    for minutes, quantity in ((10, "7"), (20, "8"), (30, "7")):
        take(plant, standing(line("1", "A", quantity), minutes=minutes))
    assert promised(plant)["1"] == ("A", "7", "promised")


def test_the_end_of_whatever_there_is_of_an_order_is_no_fault_where_there_is_nothing(plant: Processing) -> None:
    cancel = {"type": "order_cancel", "source": "t", "number": "1", "standing": True, "received": after(10)}
    take(plant, {**cancel, "number": "99"})
    assert plant.store.rows(QuarantineRow) == []
    take(plant, cancel)
    assert {row["status"] for row in plant.store.rows(CustomerOrderRow)} == {"cancelled"}
    take(plant, standing(line("1", "A", "7"), minutes=20))
    assert promised(plant)["1"] == ("A", "7", "promised")


def shipping(processing: Processing) -> dict[str, tuple[str, str]]:
    """The shipping order and the place of what goes, by item."""
    rows = processing.store.rows(ShippingOrderRow, status=("planned", "released"))
    return {row["item"]: (row["shipping_order"], row["ship_to"]) for row in rows}


def test_lines_go_where_they_are_to_go_and_to_two_places_in_two_shipments(plant: Processing) -> None:
    document = order("2", "NORTH", [("A", 5, 9), ("B", 3, 9), ("C", 2, 9)], 5)
    document["ship_to"] = "Ayr"
    document["lines"][1]["ship_to"] = "Leith"
    before = set(shipping(plant))
    take(plant, {**version({"line": "1", "quantity": "0"}), "number": "1"})
    take(plant, document)
    found = shipping(plant)
    assert before == set(found)
    assert {item: place for item, (_, place) in found.items()} == {"A": "Ayr", "B": "Leith", "C": "Ayr"}
    assert found["A"][0] == found["C"][0] != found["B"][0]


def test_an_order_that_goes_elsewhere_keeps_its_shipping_order(plant: Processing) -> None:
    before = shipping(plant)
    lines = [{"line": str(n), "text": "to Leith"} for n in (1, 2, 3)]
    take(plant, {**version(*lines, ship_to="Leith"), "complete": False})
    assert shipping(plant) == {item: (number, "Leith") for item, (number, _) in before.items()}
    take(plant, {**version({"line": "2", "ship_to": "Ayr"}, minutes=20), "complete": False})
    after = shipping(plant)
    assert (after["A"], after["C"]) == ((before["A"][0], "Leith"), (before["C"][0], "Leith"))
    assert after["B"][1] == "Ayr"
    assert after["B"][0] != before["B"][0]


def held(processing: Processing, number: str = "1") -> dict[str, tuple[str, str]]:
    """Quantity and status of the lines of an order."""
    rows = processing.store.rows(PromiseRow, order=f"t/{number}")
    return {row["line"]: (row["quantity"], row["status"]) for row in rows}


def off(minutes: int, number: str = "1") -> dict[str, Any]:
    fields = {"type": "order_cancel", "source": "t", "number": number, "standing": True}
    return {**fields, "received": after(minutes)}


def test_how_an_order_stood_before_what_is_known_undoes_nothing(plant: Processing) -> None:
    newest = {"1": ("7", "promised"), "2": ("3", "cancelled"), "3": ("2", "cancelled")}
    take(plant, standing(line("1", "A", "7"), minutes=20))
    assert held(plant) == newest
    placed = order("1", "NORTH", [("A", 9, 9)], 0)
    change = version(line("1", "A", "8"), minutes=15, standing=True)
    for late in (standing(line("1", "A", "6"), minutes=10), placed, change, off(19)):
        take(plant, late)
        assert held(plant) == newest
    assert plant.store.rows(QuarantineRow) == []
    take(plant, off(30))
    take(plant, standing(line("1", "A", "7"), minutes=25))
    assert {status for _, status in held(plant).values()} == {"cancelled"}
    take(plant, standing(line("1", "A", "4"), minutes=30))  # in the same second: who knows; what comes last counts
    assert held(plant)["1"] == ("4", "promised")


def test_an_order_that_stands_again_as_it_did_is_as_new_as_that(plant: Processing) -> None:
    for quantity, minutes in (("7", 10), ("7", 30), ("5", 20)):
        take(plant, standing(line("1", "A", quantity), minutes=minutes))
    assert held(plant)["1"] == ("7", "promised")


def test_an_order_that_was_called_off_before_it_came_is_not_taken_unless_it_is_placed_anew(plant: Processing) -> None:
    take(plant, off(20, number="2"))
    take(plant, order("2", "NORTH", [("A", 1, 9)], 10))
    assert held(plant, "2") == {}
    take(plant, standing(line("1", "A", "1"), number="2", minutes=30))
    assert held(plant, "2") == {"1": ("1", "promised")}
    assert plant.store.rows(QuarantineRow) == []
