"""Which other answers to an order are worth offering, and what they cost."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from agents.planner.alternatives import Candidate, choose, judge, moved, outlay, told
from agents.planner.purchases import Buying
from agents.planner.regenerate import Making, Plan
from knowledge.deliveries import OnTime
from knowledge.plant import Customer, Supplier
from protocols.supplying import AlternativeRelease
from tests.agents.planner.plants import NOW, bought, day, facts, offer, plant

PLANT = plant(
    [bought("R")], offers=[offer("A", "R")], suppliers=[Supplier("A", currency="USD", order_cost=Decimal(10))]
)
DOLLARS = replace(PLANT, rates={"USD": Decimal("0.5")})
CUSTOMER = Customer("C", cost_per_shipment=Decimal(25), late_cost_per_day_percent=Decimal("0.5"))


def release(quantity: int = 10, ship: int = 5, transit: int = 0, requested: int | None = 5) -> AlternativeRelease:
    """A release of line 1 that is shipped on a day."""
    return AlternativeRelease(
        line="1",
        item="R",
        quantity=quantity,
        ship=day(ship),
        delivery=day(ship + transit),
        requested=None if requested is None else day(requested),
    )


def answer(*ships: int, cost: int = 0, late: int = 0, moves: int = 0) -> Candidate:
    """An answer whose releases go on these days."""
    return Candidate(tuple(release(ship=ship) for ship in ships), late, Decimal(cost), moved=moves)


def buying(quantity: int = 10, due: int = 4, price: str = "4", item: str = "R") -> Buying:
    """A purchase of A, in dollars."""
    return Buying(item, "A", quantity, Decimal(price), "USD", day(1), day(due), "t/1/1")


def making(start: int, quantity: int = 5) -> Making:
    """A work order that takes a day."""
    return Making("F", quantity, day(start + 1), "t/9/1", "F:1", day(start), day(start + 1))


def names(planned: Candidate, *others: Candidate) -> list[tuple[Candidate, tuple[str, ...]]]:
    return choose(planned, others)


def test_the_planned_answer_is_always_offered_first() -> None:
    best = answer(3, cost=-5)
    assert names(answer(9, late=4, cost=7), best) == [
        (answer(9, late=4, cost=7), ("as planned", "fewest shipments")),
        (best, ("on the date", "earliest", "cheapest")),
    ]


def test_what_the_planned_answer_is_as_good_at_is_its_own() -> None:
    assert names(answer(5, 7), answer(7, cost=-3)) == [
        (answer(5, 7), ("as planned", "on the date", "earliest")),
        (answer(7, cost=-3), ("cheapest", "fewest shipments")),
    ]


def test_an_answer_that_another_beats_is_not_offered() -> None:
    assert len(names(answer(5, cost=9), answer(8, cost=5, late=3), answer(9, cost=6, late=4))) == 2


def test_an_answer_that_is_best_in_nothing_is_not_offered() -> None:
    middle = answer(7, cost=5, late=2)
    assert middle not in [one for one, _ in names(answer(5, cost=9), middle, answer(9, cost=1, late=4))]


def test_the_same_answer_is_offered_once() -> None:
    assert len(names(answer(5, 7), answer(5, 7), answer(5, 7))) == 1


@given(st.lists(st.tuples(st.integers(1, 4), st.integers(0, 3), st.integers(0, 3), st.integers(0, 2)), min_size=1))
def test_no_name_is_given_twice_and_each_is_earned(drawn: list[tuple[int, int, int, int]]) -> None:
    every = [answer(ship, cost=cost, late=late, moves=moves) for ship, cost, late, moves in drawn]
    found = choose(every[0], every[1:])
    given_names = [name for _, labels in found for name in labels]
    assert len(given_names) == len(set(given_names))
    assert found[0][0] == every[0]
    by_name = {name: one for one, labels in found for name in labels}
    others = [one for one in every[1:] if one.releases != every[0].releases]
    assert by_name["cheapest"].cost <= min([every[0].cost, *(o.cost for o, _ in found)])
    assert by_name["earliest"].delivery == min(one.delivery for one in [every[0], *others])


def test_money_is_in_the_plants_currency_with_an_order_cost_once_a_day() -> None:
    plans = {0: Plan(0, buying={"R": [buying(), buying(due=5)]})}
    assert outlay(DOLLARS, plans) == (80 + 10) * Decimal("0.5")


def test_an_answer_costs_what_is_bought_for_it_its_shipments_and_its_lateness() -> None:
    shop = replace(DOLLARS, customers={"C": CUSTOMER})
    without, with_ = {0: Plan(0, buying={"R": [buying(2)]})}, {0: Plan(0, buying={"R": [buying(12)]})}
    late = (release(4, ship=5), release(6, ship=7))
    found = judge(shop, facts(1, ("R", 10, day(5)), price="100"), late, NOW, without, with_)
    assert found.purchases == 20
    assert found.suppliers == ("A",)
    assert found.shipping == 50
    assert found.late_cost == 6 * 100 * Decimal("0.005") * 2
    assert found.lateness == 6 * (day(7) - day(5))
    assert found.cost == 76


def test_lateness_costs_nothing_known_where_the_order_has_no_price() -> None:
    found = judge(PLANT, facts(1, ("R", 10, day(5)), price=None), (release(ship=9),), NOW, {}, {})
    assert found.late_cost is None
    assert found.cost == 0


def test_what_is_wanted_as_soon_as_possible_is_late_from_now_on_but_for_its_transit() -> None:
    found = judge(PLANT, facts(1, ("R", 1, None)), (release(1, ship=2, transit=3, requested=None),), NOW, {}, {})
    assert found.lateness == day(2) - day(0)


def test_orders_of_others_count_as_moved_when_they_are_not_where_they_were() -> None:
    before = {0: Plan(0, making={"F": [making(1), making(5)]}, buying={"R": [buying(10)]})}
    assert moved(before, before) == 0
    grown = {0: Plan(0, making={"F": [making(1), making(5), making(7)]}, buying={"R": [buying(30)]})}
    assert moved(before, grown) == 0
    other = {0: Plan(0, making={"F": [making(0), making(5)]}, buying={"R": [buying(10, due=3)]})}
    assert moved(before, other) == 2


def test_alternatives_are_told_with_how_they_differ_from_the_planned_one() -> None:
    rows = (replace(buying(10), supplier="B"), replace(buying(10), supplier="A"))
    cheap = replace(answer(9, cost=-3, late=5, moves=2), rows=rows)
    found = names(answer(5, 7), cheap)
    planned, other = told(PLANT, found, {"B": OnTime(3, 1, 4)}, lambda one: one is cheap)
    assert (planned.automatic, other.automatic) == (False, True)
    first, second = planned.text, other.text
    assert first == "1 as planned, on the date, earliest: all by 1972-10-04T00:00:00+00:00, 2 shipments"
    assert second == (
        "2 cheapest, fewest shipments: all by 1972-10-06T00:00:00+00:00, 1 shipment, 3.00 EUR less,"
        " from A and B (on time 2 of 3 as asked, the late by 4 days), moves 2 planned orders of others"
    )
