"""How an award is put into words."""

from __future__ import annotations

from decimal import Decimal

from knowledge.awards import Award, Policy


def test_an_award_says_its_policy_its_cost_and_how_far_the_next_best_is() -> None:
    given = Award(Policy.CHEAPEST, Decimal(120), "EUR", ("BOLT", "NUT"), Decimal("135.5"), ("SLOW",))
    assert given.said() == ("cheapest on time, 120.00 EUR; next best BOLT and NUT: 15.50 EUR more; not in time: SLOW")


def test_a_next_best_may_cost_as_much_or_less() -> None:
    assert Award(Policy.CHEAPEST, Decimal(5), "EUR", ("B",), Decimal(5)).said().endswith("next best B: as much")
    preferred = Award(Policy.PREFERENCE, Decimal(5), "EUR", ("B",), Decimal(4))
    assert preferred.said() == "preference, 5.00 EUR; next best B: 1.00 EUR less"


def test_an_award_without_a_choice_says_so() -> None:
    assert Award(Policy.ONLY_OFFER, Decimal(5), "EUR").said() == "only offer, 5.00 EUR"
