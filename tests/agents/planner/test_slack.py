"""Slack: nothing that it rules out is possible, and a late promise is found next to where it begins."""

from __future__ import annotations

import random
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from agents.planner.book import Book, Commitment
from agents.planner.live import Live
from agents.planner.netting import Need
from agents.planner.promise import Found, Promiser
from agents.planner.regenerate import regenerate
from agents.planner.slack import Balance
from knowledge.instants import HOUR, Instant
from knowledge.plant import Plant, WorkCentre
from tests.agents.planner.plants import NOW, bom, book, bought, made, offer, plant, route
from tests.effort import times


def _plant() -> Plant:
    """A takes an hour a piece on one machine, and an S, which takes two hours on another."""
    return plant(
        [made("A"), made("S"), bought("R")],
        boms=[bom("A", ("S", 1)), bom("S", ("R", 1))],
        routes=[route("A", ("W", 60)), route("S", ("M", 120))],
        centres=[WorkCentre("W"), WorkCentre("M")],
        offers=[offer("S1", "R", days=0)],
    )


def _need(key: str, quantity: int, time: Instant, item: str = "A") -> Commitment:
    return Commitment(key, time, ((item, quantity, key),), 1)


def _live(of: Book) -> Live:
    live = Live(of, of.shop.group_of["A"])
    assert live.build()
    return live


def test_a_work_centre_of_a_component_that_is_full_says_until_when() -> None:
    of = book(_plant(), {"R": 99})
    of.add(_need("o1", 5, NOW + 15 * HOUR))
    with patch("agents.planner.live._MANY", 1):
        time, violation = _live(of).by_slack(_need("o2", 1, NOW))
    assert time == NOW + 13 * HOUR
    assert violation is not None
    assert (violation.item, violation.work_centre) == ("S", "M")


def test_what_is_taken_from_the_shelf_has_to_be_made_again_for_who_needs_it_later() -> None:
    of = book(_plant(), {"A": 2, "R": 99})
    of.add(_need("o1", 2, NOW + 3 * HOUR))
    of.add(_need("o2", 4, NOW + 12 * HOUR))
    with patch("agents.planner.live._MANY", 1):
        live = _live(of)
        assert live.by_slack(_need("o3", 1, NOW + HOUR))[0] == NOW + 11 * HOUR
        assert not live.trial(_need("o3", 1, NOW + 3 * HOUR))


@given(st.integers(0, 9), st.lists(st.tuples(st.integers(1, 20), st.integers(1, 5)), max_size=6), st.integers(1, 6))
def test_stock_lasts_from_the_first_time_after_which_nobody_is_short(
    on_hand: int, needs: list[tuple[int, int]], quantity: int
) -> None:
    balance, after, ordered = on_hand, list[int | None](), sorted(needs)
    for _, units in ordered:
        balance = max(0, balance - units)
        after.append(balance)
    of = Balance(on_hand, (), [Need(time, 0, units, "n") for time, units in ordered], after)
    until = 25

    def short(time: int) -> bool:
        left = [on_hand, *(a or 0 for (t, _), a in zip(ordered, after, strict=True) if t < time)][-1]
        later = [a or 0 for (t, _), a in zip(ordered, after, strict=True) if time <= t < until]
        return min([left, *later]) < quantity

    first = next((time for time in range(until) if not short(time)), until)
    assert max(0, of.lasts_from(quantity, until)) <= first


@settings(max_examples=times(60, 1000), deadline=None)
@given(st.integers(0, 2**32))
def test_nothing_that_slack_rules_out_is_possible(seed: int) -> None:
    rng = random.Random(seed)
    of = book(_plant(), {"A": rng.randint(0, 4), "S": rng.randint(0, 3), "R": 99})
    with patch("agents.planner.live._MANY", 1):
        for number in range(rng.randint(1, 7)):
            each = _need(f"o{number}", rng.randint(1, 4), NOW + rng.randint(1, 40) * HOUR, rng.choice("AAS"))
            if regenerate(of, 0, (each,)).feasible:
                of.add(each)
        live = _live(of)
        new = _need("new", rng.randint(1, 4), NOW, rng.choice("AAS"))
        first = live.by_slack(new)[0]
        for hours in range((first - NOW) // HOUR):
            tried = new.at(NOW + hours * HOUR)
            assert tried.time >= first or not regenerate(of, 0, (tried,)).feasible


@settings(max_examples=times(40, 600), deadline=None)
@given(st.integers(0, 2**32))
def test_a_late_promise_is_kept_and_soon_after_where_slack_begins(seed: int) -> None:
    rng = random.Random(seed)
    of = book(_plant(), {"S": 100})
    with patch("agents.planner.live._MANY", 1):
        live = _live(of)
        for number in range(rng.randint(2, 12)):
            wanted = NOW + rng.randint(1, 30) * HOUR
            new = _need(f"o{number}", rng.randint(1, 5), wanted)
            assert live.sync()
            slack = live.by_slack(new)[0]
            found = Promiser(of, {}, lambda group: live).earliest(new, wanted)
            assert isinstance(found, Found)
            assert max(wanted, slack) <= found.ship <= max(wanted, slack + 10 * HOUR)
            of.add(new.at(found.ready))
            assert regenerate(of, 0).feasible
