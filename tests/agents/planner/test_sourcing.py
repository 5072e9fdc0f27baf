"""Supplier choice: the short cut, the enumeration and the CP-SAT model are one function."""

from __future__ import annotations

from decimal import Decimal
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from agents.planner.sourcing import Choice, Option, by_preference, cheapest, money_scale, rank
from agents.planner.sourcing_model import solve_choice
from tests.effort import times


@st.composite
def options(draw: st.DrawFn) -> tuple[Option, ...]:
    """One to three offers with lots, price breaks, caps, order costs and preferences."""
    return tuple(_option(draw, number) for number in range(draw(st.integers(1, 3))))


def _option(draw: st.DrawFn, number: int) -> Option:
    first = draw(st.integers(1, 9))
    starts = sorted(draw(st.sets(st.integers(2, 40), max_size=2)))
    breaks = [(0, first), *((start, draw(st.integers(1, first))) for start in starts)]
    return Option(
        number,
        f"S{draw(st.integers(0, 2))}",
        tuple(breaks),
        draw(st.sampled_from([0, 0, 5, 12])),
        draw(st.sampled_from([1, 1, 3, 10])),
        draw(st.sampled_from([None, None, 8, 30])),
        draw(st.sampled_from([0, 0, 7, 40])),
        draw(st.integers(1, 3)),
    )


def quantities(offers: tuple[Option, ...], choice: Choice) -> tuple[int, ...]:
    """How much of each offer a choice takes."""
    taken = dict(choice)
    return tuple(taken.get(option.offer, 0) for option in offers)


def allowed(option: Option, quantity: int) -> bool:
    """Whether so much can be bought of an offer."""
    return not quantity or (quantity >= option.minimum and quantity % option.multiple == 0 and option.fits(quantity))


def exhaustive(offers: tuple[Option, ...], need: int) -> tuple[int, int, int, int] | None:
    """The best rank of everything that could be bought, tried one by one."""
    top = max([need, *(begin for option in offers for begin, _ in option.breaks)]) + 20
    amounts = [[q for q in range(top) if allowed(option, q)] for option in offers]
    ranks = (rank(offers, found) for found in product(*amounts) if sum(found) >= need)
    return min(ranks, default=None)


@settings(max_examples=times(200, 1000), deadline=None)
@given(options(), st.integers(1, 45))
def test_every_way_to_the_choice_finds_one_that_the_model_cannot_beat(offers: tuple[Option, ...], need: int) -> None:
    choice, model = cheapest(offers, need), solve_choice(offers, need)
    assert (choice is None) == (model is None)
    if choice is not None and model is not None:
        assert rank(offers, quantities(offers, choice)) == rank(offers, quantities(offers, model))


@settings(max_examples=times(60, 1000), deadline=None)
@given(options().filter(lambda found: len(found) < 3), st.integers(1, 25))
def test_the_choice_is_the_best_of_everything_that_could_be_bought(offers: tuple[Option, ...], need: int) -> None:
    choice = cheapest(offers, need)
    best = exhaustive(offers, need)
    assert (None if choice is None else rank(offers, quantities(offers, choice))) == best


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


def test_what_nobody_can_cover_is_not_chosen() -> None:
    assert cheapest((option(0, 1, cap=5),), 10) is None
    assert by_preference((option(0, 1, cap=5),), 10) is None


def test_by_preference_the_first_that_covers_it_all_is_taken_whatever_it_costs() -> None:
    assert by_preference((option(0, 1, preference=2), option(1, 9, preference=1)), 10) == ((1, 10),)
    assert by_preference((option(0, 1, preference=2), option(1, 9, preference=1, cap=5)), 10) == ((0, 10),)


def test_by_preference_offers_are_filled_one_after_the_other_where_none_covers_it_all() -> None:
    offers = option(0, 1, preference=2, cap=8), option(1, 9, preference=1, cap=7, multiple=5)
    assert by_preference(offers, 12) == ((0, 7), (1, 5))


def test_money_is_scaled_until_every_amount_is_whole() -> None:
    assert money_scale([Decimal("1.5"), Decimal("0.125"), Decimal(3)]) == 1000
    assert money_scale([]) == 1
