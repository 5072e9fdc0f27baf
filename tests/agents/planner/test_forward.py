"""The forward pass: an estimate of the earliest time, on top of a plan."""

from __future__ import annotations

from agents.planner.forward import Forward
from agents.planner.regenerate import Plan
from knowledge.plant import Plant, WorkCentre
from tests.agents.planner.plants import NOW, bom, book, bought, day, made, offer, plant, route


def forward(of: Plant, **stock: int) -> Forward:
    """A pass on an empty plan."""
    return Forward(book(of, stock), Plan(0))


BOUGHT = plant([made("A", 2), bought("R")], boms=[bom("A", ("R", 2))], offers=[offer("S", "R", days=3)])


def test_what_is_on_the_shelf_is_there_now() -> None:
    assert forward(BOUGHT, A=5).supply("A", 5) == NOW


def test_what_is_made_waits_for_what_it_is_made_of() -> None:
    assert forward(BOUGHT, R=9).supply("A", 4) == day(2)
    assert forward(BOUGHT, R=9).supply("A", 5) == day(5)


def test_two_needs_of_one_pass_do_not_take_the_same_piece() -> None:
    assert forward(BOUGHT, A=5).earliest([("A", 3), ("A", 3)]) == day(5)


def test_operations_follow_each_other_on_their_machines() -> None:
    of = plant([made("A")], routes=[route("A", ("W", 10), ("X", 20))], centres=[WorkCentre("W"), WorkCentre("X")])
    assert forward(of).supply("A", 6) == NOW + 180 * 60


def test_a_trial_takes_nothing() -> None:
    of = plant([made("A")], routes=[route("A", ("W", 10))], centres=[WorkCentre("W")])
    found = forward(of)
    assert [found.supply("A", 6), found.supply("A", 6)] == [NOW + 3600, NOW + 7200]


def test_an_item_that_nobody_supplies_is_named() -> None:
    found = forward(plant([made("A"), bought("R")], boms=[bom("A", ("R", 1))]))
    assert found.supply("A", 1) is None
    assert "R" in found.blocked


def test_the_staircase_rises_to_what_may_be_promised() -> None:
    assert forward(BOUGHT, A=5).staircase("A") == [(NOW, 5)]
