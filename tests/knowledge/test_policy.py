"""Approval rules: the first match wins, no match is automatic."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from knowledge.plant import Action, ApprovalRule
from knowledge.policy import Facts, matches, rule_for

FACTS = Facts("purchase", Decimal(100), Decimal(2), "ACME", frozenset("AB"), frozenset("S"), True)


@pytest.mark.parametrize(
    ("when", "holds"),
    [
        ({}, True),
        ({"value_over": Decimal(99)}, True),
        ({"value_over": Decimal(100)}, False),
        ({"late_over_days": Decimal(1)}, True),
        ({"late_over_days": Decimal(2)}, False),
        ({"customer": "ACME"}, True),
        ({"customer": "OTHER"}, False),
        ({"item": "B"}, True),
        ({"item": "C"}, False),
        ({"supplier": "S"}, True),
        ({"supplier": "T"}, False),
        ({"new_supplier": True}, True),
        ({"new_supplier": False}, False),
        ({"value_over": Decimal(1), "customer": "OTHER"}, False),
    ],
)
def test_every_condition_that_is_given_has_to_hold(when: dict[str, Any], holds: bool) -> None:
    assert matches(ApprovalRule("purchase", Action.ASK, **when), FACTS) is holds


def test_a_rule_is_for_its_own_decision() -> None:
    assert not matches(ApprovalRule("promise", Action.ASK), FACTS)


def test_an_unknown_value_counts_as_over_any_limit() -> None:
    assert matches(ApprovalRule("purchase", Action.ASK, value_over=Decimal(10**9)), Facts("purchase"))


def test_the_first_rule_that_matches_decides() -> None:
    ask, auto = ApprovalRule("purchase", Action.ASK), ApprovalRule("purchase", Action.AUTO)
    other = ApprovalRule("promise", Action.ASK)
    assert rule_for((other, ask, auto), FACTS) == 1
    assert rule_for((auto, ask), FACTS) is None
    assert rule_for((other,), FACTS) is None
