"""Promises: the requested time where it can be kept, else the earliest; never at the cost of an earlier promise."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.planner import promise
from agents.planner.book import Book, Commitment
from agents.planner.promise import Found, Part, Promiser, Want
from agents.planner.regenerate import regenerate
from agents.planner.release_split import split
from knowledge.plant import Bom, Customer, Plant, WorkCentre, component
from knowledge.shelf_life import Lot
from tests.agents.planner.plants import NOW, bom, book, bought, day, made, offer, plant, route
from tests.effort import times

_HOURS = 3600


def one_machine() -> Plant:
    """A takes an hour a piece on the only machine, and one R, which takes a day to come."""
    return plant(
        [made("A"), bought("R")],
        boms=[bom("A", ("R", 1))],
        routes=[route("A", ("W", 60))],
        centres=[WorkCentre("W")],
        offers=[offer("S", "R", days=1)],
    )


def commitment(key: str, quantity: int, time: int, sequence: int = 1) -> Commitment:
    return Commitment(key, time, (("A", quantity, key),), sequence)


def earliest(of: Book, quantity: int, time: int) -> int:
    """When so many A can go; the promise is kept in the book."""
    key = f"o{len(of.places)}"
    found = Promiser(of, {}).earliest(commitment(key, quantity, time), time)
    assert isinstance(found, Found)
    of.add(commitment(key, quantity, found.ready))
    return found.ship


_ORDERS = st.lists(st.tuples(st.integers(1, 6), st.integers(0, 60)), min_size=1, max_size=5)


@settings(max_examples=times(60, 2000), deadline=None)
@given(_ORDERS, st.integers(0, 8))
def test_no_promise_is_earlier_than_requested_or_possible_and_all_of_them_hold(
    orders: list[tuple[int, int]], stock: int
) -> None:
    of = book(one_machine(), {"R": stock})
    for quantity, hours in orders:
        time = NOW + hours * _HOURS
        ship = earliest(of, quantity, time)
        assert ship >= max(time, NOW + quantity * _HOURS)
        assert regenerate(of, 0).feasible


@settings(max_examples=times(60, 2000), deadline=None)
@given(_ORDERS, st.integers(1, 6), st.integers(0, 60))
def test_a_late_promise_is_the_first_time_that_can_be_kept(
    orders: list[tuple[int, int]], quantity: int, hours: int
) -> None:
    of = book(one_machine())
    for each, requested in orders:
        earliest(of, each, NOW + requested * _HOURS)
    time = NOW + hours * _HOURS
    promiser = Promiser(of, {})
    found = promiser.earliest(commitment("new", quantity, time), time)
    assert isinstance(found, Found)
    if found.ship > time:
        assert found.reason
        assert not promiser.feasible(commitment("new", quantity, found.ship - 1))


def test_stock_goes_at_once_and_the_rest_when_it_is_made() -> None:
    of = book(one_machine(), {"A": 4})
    [answer] = Promiser(of, {}).parts([Want("o", "A", 10, NOW, 1)], Customer("C"))
    assert answer.releases[0] == Part(4, NOW, NOW)
    assert sum(part.quantity for part in answer.releases) == 10
    assert answer.releases[-1].ship == day(1) + 6 * _HOURS


def test_an_order_in_one_shipment_waits_for_its_last_line() -> None:
    of = book(one_machine(), {"A": 4})
    answers = Promiser(of, {}).whole("o", [Want("o/1", "A", 4, NOW, 1), Want("o/2", "R", 1, NOW, 1)])
    assert [answer.releases[0].ship for answer in answers] == [day(1), day(1)]


def test_a_customer_of_one_release_gets_one() -> None:
    of = book(one_machine(), {"A": 4})
    [answer] = Promiser(of, {}).parts([Want("o", "A", 10, NOW, 1)], Customer("C", most_releases=1))
    assert [part.quantity for part in answer.releases] == [10]


def test_no_release_but_the_last_is_below_the_share_that_a_customer_takes() -> None:
    of = book(one_machine(), {"A": 1})
    customer = Customer("C", minimum_release_percent=Decimal(50))
    [answer] = Promiser(of, {}).parts([Want("o", "A", 10, NOW, 1)], customer)
    assert all(part.quantity >= 5 for part in answer.releases[:-1])


def test_lines_that_go_whole_on_more_days_than_the_customer_takes_go_together() -> None:
    of = book(plant([bought("R"), bought("Q")], offers=[offer("S", "R"), offer("S", "Q")]))
    wants = [Want("o/1", "R", 10, day(3), 1), Want("o/2", "Q", 5, day(8), 1)]
    answers = Promiser(of, {}).parts(wants, Customer("C", most_releases=1))
    assert [a.releases for a in answers] == [[Part(10, day(8), day(8))], [Part(5, day(8), day(8))]]
    of = book(of.shop.plant)
    answers = Promiser(of, {}).parts(wants, Customer("C", most_releases=2))
    assert [a.releases[0].ship for a in answers] == [day(3), day(8)]


def test_a_share_that_is_not_a_whole_number_is_rounded_up() -> None:
    """A hundredth of a percent above 20 % of 5 is more than one piece."""
    of = book(plant([bought("R")], offers=[offer("S", "R", days=9)]), {"R": 1})
    customer = Customer("C", minimum_release_percent=Decimal("20.01"))
    [answer] = Promiser(of, {}).parts([Want("o", "R", 5, NOW, 1)], customer)
    assert [part.quantity for part in answer.releases] == [5]


def test_a_choice_of_releases_that_took_too_long_is_usable_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(promise, "split", partial(split, limit=0.0))
    of = book(plant([bought("R")], offers=[offer("S", "R", days=9)]), {"R": 1})
    [answer] = Promiser(of, {}).parts([Want("o", "R", 5, NOW, 1)], Customer("C", minimum_release_percent=Decimal(30)))
    assert answer.releases == [Part(5, day(9), day(9))]
    assert answer.reason.endswith("choosing them took too long")


def test_what_can_never_be_had_is_missing_with_its_reason() -> None:
    of = book(plant([bought("R")]), {"R": 3})
    [answer] = Promiser(of, {}).parts([Want("o", "R", 10, NOW, 1)], Customer("C"))
    assert (answer.releases, answer.missing) == ([Part(3, NOW, NOW)], 7)
    assert answer.reason == "no supplier offers R"


def test_components_rounded_up_for_each_release_do_not_lose_the_promise_of_the_whole() -> None:
    scrap = Bom("A", "", (component("B", Decimal(1), Decimal(1), 0, 0),))
    items = [made("A"), made("B", 1), bought("R")]
    of = replace(plant(items, boms=[bom("B", ("R", 1))]), boms={"A": scrap, "B": bom("B", ("R", 1))})
    [answer] = Promiser(book(of, {"B": 2, "R": 1}), {}).parts([Want("o", "A", 20, NOW, 1)], Customer("C"))
    assert sum(part.quantity for part in answer.releases) == 2
    assert answer.missing == 18


def test_parts_have_the_names_that_are_given_for_them() -> None:
    of = book(one_machine(), {"A": 4})
    want = Want("o", "A", 10, NOW, 1, names=("o#5", "o#7"))
    [answer] = Promiser(of, {}).parts([want], Customer("C"))
    assert len(answer.releases) > 1
    assert sorted(of.places) == ["o", "o#5", "o#7"][: len(answer.releases)]


def test_what_does_not_keep_is_not_made_ready_for_a_time_when_it_has_expired() -> None:
    fresh = replace(one_machine(), items={"A": replace(bought("A"), shelf_life_days=5)}, boms={}, routes={}, offers={})
    of = book(fresh, {"A": 9})
    of.lots["A"] = (Lot(day(2), 9),)
    found = Promiser(of, {}).earliest(commitment("o", 4, day(4)), day(4))
    assert found == "A cannot be supplied within five years beside what is promised already"
