"""Supplier choice: the short cut, the branch and bound and the CP-SAT model are one function, and it is the best."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from agents.planner.sourcing import (
    Choice,
    Option,
    best_known,
    by_preference,
    cheapest,
    covers,
    money_scale,
    quantities,
    rank,
)
from agents.planner.sourcing_model import solve_choice
from agents.planner.sourcing_search import search
from tests.effort import times
from tests.exact import Rank, allowed, best_rank


@st.composite
def options(draw: st.DrawFn) -> tuple[Option, ...]:
    """One to three offers with lots, price breaks, caps, order costs, some of them shared, and preferences.

    Some are the same offer in another week, which may have less left.
    """
    found = [_option(draw, 0)]
    for number in range(1, draw(st.integers(1, 3))):
        if draw(st.integers(0, 3)):
            found.append(_option(draw, number))
        else:
            week = draw(st.sampled_from([found[-1].cap, 8, 30]))
            found.append(replace(found[-1], offer=number, cap=week))
    return tuple(replace(each, order_cost=7) if each.order >= 0 else each for each in found)


def _option(draw: st.DrawFn, number: int) -> Option:
    first = draw(st.integers(0, 9))
    starts = sorted(draw(st.sets(st.integers(2, 40), max_size=2)))
    breaks = [(0, first), *((start, draw(st.integers(0, first))) for start in starts)]
    return Option(
        number,
        f"S{draw(st.integers(0, 2))}",
        tuple(breaks),
        draw(st.sampled_from([0, 0, 5, 12])),
        draw(st.sampled_from([1, 1, 3, 10])),
        draw(st.sampled_from([None, None, 8, 30])),
        draw(st.sampled_from([0, 0, 7, 40])),
        draw(st.integers(1, 3)),
        draw(st.sampled_from([-1, -1, 1])),
    )


def ranked(offers: tuple[Option, ...], choice: Choice | None) -> Rank | None:
    """The rank of a choice."""
    return None if choice is None else rank(offers, quantities(offers, choice))


@settings(max_examples=times(200, 3000), deadline=None)
@given(options(), st.integers(1, 30))
def test_the_choice_is_the_best_of_everything_that_could_be_bought(offers: tuple[Option, ...], need: int) -> None:
    best = best_rank(offers, need)
    assert search(offers, need).proven
    assert ranked(offers, search(offers, need).choice) == best
    assert ranked(offers, cheapest(offers, need)) == best
    assert covers(offers, need) == (best is not None)


@settings(max_examples=times(60, 1000), deadline=None)
@given(options(), st.integers(1, 30))
def test_the_model_finds_no_other_choice_than_the_search(offers: tuple[Option, ...], need: int) -> None:
    model = solve_choice(offers, need)
    assert ranked(offers, model) == ranked(offers, search(offers, need).choice) == best_rank(offers, need)


@settings(max_examples=times(200, 1000), deadline=None)
@given(options(), st.integers(1, 45), st.integers(0, 12))
def test_what_can_be_covered_is_covered_though_the_search_and_the_solver_give_up(
    offers: tuple[Option, ...], need: int, work: int
) -> None:
    found = search(offers, need, work)
    choice = best_known(offers, need, found, solve_choice(offers, need, limit=0.0))
    assert (choice is not None) == covers(offers, need)
    if found.choice is not None:
        assert all(allowed(o, q) for o, q in zip(offers, quantities(offers, found.choice), strict=True))
        assert sum(q for _, q in found.choice) >= need
    if found.proven:
        assert ranked(offers, found.choice) == best_rank(offers, need)


@settings(max_examples=times(200, 2000), deadline=None)
@given(options(), st.integers(1, 45), st.sampled_from([cheapest, by_preference]))
def test_a_choice_covers_the_need_in_lots_that_can_be_had(
    offers: tuple[Option, ...], need: int, choose: type[object]
) -> None:
    choice: Choice | None = choose(offers, need)  # type: ignore[call-arg, assignment]
    if choice is not None:
        taken = quantities(offers, choice)
        assert sum(taken) >= need
        assert all(allowed(option, quantity) for option, quantity in zip(offers, taken, strict=True))


def option(number: int, price: int, **more: object) -> Option:
    """A plain offer."""
    values: dict[str, object] = {
        "breaks": ((0, price),),
        "minimum": 0,
        "multiple": 1,
        "cap": None,
        "order_cost": 0,
        "preference": 1,
        **more,
    }
    return Option(number, f"S{number}", **values)  # type: ignore[arg-type]


def test_the_cheaper_total_wins_though_its_unit_price_is_higher() -> None:
    assert cheapest((option(0, 2, minimum=100), option(1, 5)), 10) == ((1, 10),)


def test_buying_more_is_chosen_where_a_price_break_makes_it_cheaper() -> None:
    assert cheapest((option(0, 10, breaks=((0, 10), (20, 4))),), 15) == ((0, 20),)


def test_an_order_cost_keeps_a_need_together() -> None:
    assert cheapest((option(0, 1, cap=5, order_cost=30), option(1, 2)), 10) == ((1, 10),)


def test_a_need_is_split_where_that_is_cheaper() -> None:
    assert cheapest((option(0, 1, cap=5), option(1, 2)), 10) == ((0, 5), (1, 5))


def test_preference_decides_between_equals() -> None:
    assert cheapest((option(0, 3, preference=2), option(1, 3, preference=1)), 10) == ((1, 10),)


def test_amounts_beyond_what_the_solver_can_count_to_do_not_stop_a_choice() -> None:
    huge = tuple(option(n, 10**17 + n, minimum=100 + n, cap=10**6) for n in range(3))
    assert solve_choice(huge, 10**6) is None
    assert cheapest(huge, 10**6) == ((0, 10**6),)
    assert best_known(huge, 10**6, search(huge, 10**6, 0), None) is not None


def test_what_nobody_can_cover_is_not_chosen() -> None:
    assert cheapest((option(0, 1, cap=5),), 10) is None
    assert by_preference((option(0, 1, cap=5),), 10) is None


def test_by_preference_the_first_that_covers_it_all_is_taken_whatever_it_costs() -> None:
    assert by_preference((option(0, 1, preference=2), option(1, 9, preference=1)), 10) == ((1, 10),)
    assert by_preference((option(0, 1, preference=2), option(1, 9, preference=1, cap=5)), 10) == ((0, 10),)


def test_by_preference_offers_are_filled_one_after_the_other_where_none_covers_it_all() -> None:
    offers = option(0, 1, preference=2, cap=8), option(1, 9, preference=1, cap=7, multiple=5)
    assert by_preference(offers, 12) == ((0, 7), (1, 5))


def test_by_preference_the_weeks_of_one_supplier_count_together() -> None:
    weeks = tuple(replace(option(n, 9, cap=6), supplier="S") for n in range(2))
    assert by_preference((*weeks, option(2, 1, preference=2)), 10) == ((0, 6), (1, 4))


def test_two_weeks_that_are_ordered_on_one_day_pay_one_order() -> None:
    weeks = tuple(option(n, 1, cap=5, order_cost=8, order=0) for n in range(2))
    assert cheapest((*weeks, option(2, 2)), 10) == ((0, 5), (1, 5))
    assert cheapest((*(replace(w, order=-1) for w in weeks), option(2, 2)), 10) == ((2, 10),)


def test_many_weeks_of_many_offers_are_covered_in_lots_though_nothing_is_proven() -> None:
    weeks = tuple(
        Option(n, f"S{n % 3}", ((0, 90), (40 + n, 80 - n % 7), (60 + n, 70 - n % 5)), 11, 4, 97 + 7 * n, 300, n % 3)
        for n in range(30)
    )
    choice = cheapest(weeks, 2000)
    assert choice is not None
    assert sum(quantity for _, quantity in choice) >= 2000
    assert all(allowed(weeks[number], quantity) for number, quantity in choice)


def test_money_is_scaled_until_every_amount_is_whole() -> None:
    assert money_scale([Decimal("1.5"), Decimal("0.125"), Decimal(3)]) == 1000
    assert money_scale([]) == 1
