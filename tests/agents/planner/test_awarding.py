"""Why a purchase is bought where it is, and what the next best would have cost."""

from __future__ import annotations

from decimal import Decimal

from agents.planner.awarding import award
from agents.planner.netting import Need, Shortage
from agents.planner.purchases import Buyer
from knowledge.awards import Award, Policy
from knowledge.plant import LotRule, Offer, Supplier
from tests.agents.planner.plants import book, bought, day, offer, plant


def awards(
    *offers: Offer,
    needs: tuple[int, ...] = (10,),
    due: int = 9,
    suppliers: tuple[Supplier, ...] = (),
    sourcing: str = "cost",
) -> list[tuple[str, Award]]:
    """(supplier, award) of every row that some needs of one day are bought in."""
    there = book(plant([bought("R")], offers=offers, suppliers=suppliers, sourcing=sourcing))
    buyer = Buyer(there, ["R"])
    rows = []
    for number, quantity in enumerate(needs):
        need = Need(day(due), 0, quantity, f"n{number}")
        found = buyer.buy("R", Shortage(day(due), quantity, need, quantity), day(due))
        assert found is not None
        rows.extend(found[0])
    given = [(row.supplier, award(there, row)) for row in buyer.joined(rows)]
    return [(supplier, each) for supplier, each in given if each is not None]


def test_the_cheapest_is_said_with_what_the_next_best_costs() -> None:
    [(supplier, given)] = awards(offer("A", "R", 3), offer("B", "R", 4), offer("C", "R", 7))
    assert supplier == "A"
    assert given == Award(Policy.CHEAPEST, Decimal(30), "EUR", ("B",), Decimal(40))


def test_the_only_one_in_time_is_said_with_those_that_are_late() -> None:
    [(_, given)] = awards(offer("A", "R", 9), offer("SLOW", "R", 1, days=30))
    assert given == Award(Policy.ONLY_IN_TIME, Decimal(90), "EUR", late=("SLOW",))
    [(_, given)] = awards(offer("A", "R", 9))
    assert given.policy is Policy.ONLY_OFFER


def test_a_split_says_whether_it_is_for_time_or_for_money() -> None:
    needed = awards(offer("A", "R", 3, week=6, days=8), offer("B", "R", 4, week=6, days=8))
    assert [(s, g.policy, g.outlay) for s, g in needed] == [
        ("A", Policy.SPLIT_EARLIER, Decimal(34)),
        ("B", Policy.SPLIT_EARLIER, Decimal(34)),
    ]
    assert needed[0][1].next_outlay is None
    cheaper = dict(awards(offer("A", "R", 3, week=6, days=8), offer("B", "R", 4)))
    assert cheaper["A"] == Award(Policy.SPLIT_CHEAPER, Decimal(34), "EUR", ("B",), Decimal(40))


def test_by_preference_the_next_best_is_the_cheapest() -> None:
    [(supplier, given)] = awards(
        offer("A", "R", 3, preference=2), offer("B", "R", 4, preference=1), sourcing="preference"
    )
    assert supplier == "B"
    assert given == Award(Policy.PREFERENCE, Decimal(40), "EUR", ("A",), Decimal(30))


def test_excess_and_order_costs_are_part_of_what_it_costs() -> None:
    [(_, given)] = awards(
        offer("A", "R", 2, lot=LotRule(12, None, 1)),
        offer("B", "R", 3),
        suppliers=(Supplier("B", order_cost=Decimal("5.50")),),
    )
    assert (given.outlay, given.next_outlay) == (Decimal(24), Decimal("35.5"))


def test_a_row_for_several_needs_is_compared_for_all_of_them() -> None:
    [(_, given)] = awards(offer("A", "R", 3), offer("B", "R", 4), needs=(10, 5, 5))
    assert (given.outlay, given.next_outlay) == (Decimal(60), Decimal(80))
