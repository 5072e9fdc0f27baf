"""What is learned holds as often as it says, is never better than what is offered, and is nothing from too little."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.calendars import Calendar, LeadTime, Shift
from knowledge.instants import DAY, HOUR, MINUTE, UTC, local_date, parse
from knowledge.learning import (
    WINDOW,
    Brought,
    Worked,
    days_taken,
    expected,
    has_moved,
    kept_way,
    learned_way,
    quantile,
    remembered,
    said_of,
    way_kept,
)
from knowledge.plant import Alternative, Item, Learning, Offer, Plant, WorkCentre

MONDAY = parse("2026-01-05T08:00:00Z")
WEEK = Calendar("week", tuple(Shift(day, 480, 960) for day in range(1, 6)))
SHARES = st.decimals("0.05", "0.95", places=2)


@given(st.lists(st.integers(0, 50), min_size=2, max_size=60), SHARES)
def test_each_of_some_values_is_within_the_quantile_of_the_others_as_often_as_was_asked(
    values: list[int], share: Decimal
) -> None:
    others = [values[:n] + values[n + 1 :] for n in range(len(values))]
    held = sum(value <= quantile(rest, share) for value, rest in zip(values, others, strict=True))
    enough = Fraction(share) * len(values) <= len(values) - 1  # else not even the largest holds so often
    if enough:
        assert held >= Fraction(share) * len(values)
    assert all(quantile(rest, share) in rest for rest in others)


@pytest.mark.parametrize("share", ["0.5", "0.8", "0.9"])
def test_the_quantile_covers_what_comes_next_of_a_known_distribution(share: str) -> None:
    random, held, trials = Random(7), 0, 2000
    for _ in range(trials):
        *seen, following = (round(random.lognormvariate(5, 1) * 100) for _ in range(21))
        held += following <= quantile(seen, Decimal(share))
    assert float(share) - 0.03 < held / trials < float(share) + 0.07


def brought(days: Sequence[int], item: str = "ROD") -> tuple[Brought, ...]:
    return tuple(Brought(item, MONDAY + n * DAY, MONDAY + (n + each) * DAY) for n, each in enumerate(days))


def plant(least: int = 3, share: str = "0.75", **offers: int) -> Plant:
    made = {item: (Offer("S", item, ((0, Decimal(1)),), lead_time=LeadTime(days)),) for item, days in offers.items()}
    centres = {"LATHE": WorkCentre("LATHE", efficiency_percent=Decimal(80))}
    learning = Learning(Decimal(share), Decimal(share), least)
    return Plant(learning=learning, offers=made, items={"SHAFT": Item("SHAFT")}, work_centres=centres)


def test_a_lead_time_is_the_quantile_of_what_was_brought_and_says_what_was_offered() -> None:
    shop = plant(ROD=5)
    found = expected(shop, shop.offers["ROD"][0], brought([7, 9, 6]))
    assert (found.lead_time.days, found.offered) == (9, LeadTime(5))
    assert said_of(found) == "S takes 9 days for ROD, not the 5 it offers"


def test_too_little_teaches_nothing_and_nobody_is_reckoned_with_as_faster_than_he_offers() -> None:
    shop = plant(ROD=5)
    offer = shop.offers["ROD"][0]
    assert expected(shop, offer, brought([9, 9])) is offer
    assert expected(shop, offer, brought([1, 2, 3, 5])) is offer
    assert expected(replace(shop, learning=None), offer, brought([9] * 9)) is offer
    assert said_of(offer) == ""


def test_of_an_item_that_was_seldom_brought_the_suppliers_other_deliveries_tell_by_how_much_it_is_late() -> None:
    shop = plant(ROD=5, TUBE=20, PIPE=2)
    found = expected(shop, shop.offers["PIPE"][0], (*brought([8, 6]), *brought([24, 21], "TUBE")))
    assert found.lead_time.days == 2 + 4
    gone = expected(shop, shop.offers["PIPE"][0], brought([8] * 5, "SOLD NO MORE"))
    assert gone.lead_time.days == 2


@given(st.integers(0, 60), st.integers(0, 40 * 24), st.booleans())
def test_days_taken_are_the_fewest_that_would_have_held(begin: int, hours: int, working: bool) -> None:
    calendar = WEEK if working else None
    seen = Brought("ROD", MONDAY + begin * HOUR, MONDAY + (begin + hours) * HOUR)
    days, came = days_taken(seen, calendar, UTC), local_date(seen.came, UTC)
    assert local_date(LeadTime(days, calendar).forward(seen.ordered), UTC) >= came
    assert days == 0 or local_date(LeadTime(days - 1, calendar).forward(seen.ordered), UTC) < came


@given(st.lists(st.integers(0, 30), max_size=2 * WINDOW))
def test_the_latest_deliveries_are_remembered_in_whatever_order_they_are_told(days: list[int]) -> None:
    told = brought(days)
    found: tuple[Brought, ...] = ()
    for each in told[::-1]:
        found = remembered(found, each)
    assert len(found) == min(WINDOW, len(told))
    assert list(found) == sorted(found, key=lambda each: (each.came, each.ordered, each.item))


WAY = Alternative("LATHE", Decimal(30), Decimal(6), Decimal(10))


def works(*runs: tuple[int, int]) -> list[Worked]:
    """Runs of so many pieces that took so many minutes."""
    return [Worked(quantity, minutes * MINUTE) for quantity, minutes in runs]


def test_work_takes_the_quantile_of_what_was_reported_at_the_efficiency_of_its_work_centre() -> None:
    found = learned_way(plant(), "SHAFT", WAY, works((10, 125), (10, 250), (10, 150)))
    assert found.setup_minutes + found.teardown_minutes + 10 * found.run_minutes == 200  # of 250 at 80 %
    assert found.learned_percent == 200
    assert learned_way(plant(), "SHAFT", WAY, works((10, 250), (10, 250))) is WAY


@given(
    st.lists(st.tuples(st.integers(1, 200), st.integers(1, 5000)), min_size=8, max_size=40),
    st.sampled_from(["0.5", "0.75", "0.9"]),
)
def test_learned_times_hold_for_shorter_and_for_longer_runs(runs: list[tuple[int, int]], share: str) -> None:
    shop = replace(plant(share=share), work_centres={"LATHE": WorkCentre("LATHE")})
    found = learned_way(shop, "SHAFT", WAY, works(*runs))
    assert min(found.setup_minutes, found.run_minutes, found.teardown_minutes) >= 0
    ordered = sorted(runs)
    middle = ordered[len(ordered) // 2][0]
    for some in ([r for r in ordered if r[0] < middle], [r for r in ordered if r[0] >= middle]):
        if min(len(some), len(runs) - len(some)) < 3:
            continue
        usual = sorted(some)[len(some) // 2][0]
        factor = quantile([Fraction(minutes, 40 + 6 * quantity) for quantity, minutes in some], Decimal(share))
        taken = found.setup_minutes + found.teardown_minutes + found.run_minutes * usual
        assert taken >= factor * (40 + 6 * usual)


def test_a_little_is_no_reason_to_plan_anew() -> None:
    seen = works((10, 100), (50, 340))
    assert not has_moved(plant(), "SHAFT", WAY, replace(WAY, run_minutes=Decimal("6.3")), seen)
    assert has_moved(plant(), "SHAFT", WAY, replace(WAY, run_minutes=Decimal("6.5")), seen)


def test_a_learned_way_is_kept_until_what_it_was_learned_from_is_another() -> None:
    shop = plant()
    found = learned_way(shop, "SHAFT", WAY, works((10, 250), (20, 400), (30, 700)))
    kept = kept_way(shop, "TURN", found, WAY)
    assert way_kept(shop, kept, replace(WAY, setup_minutes=Decimal("30.0"))) == found
    assert way_kept(shop, kept, replace(WAY, setup_minutes=Decimal(31))) is None
    assert way_kept(plant(share="0.9"), kept, WAY) is None
