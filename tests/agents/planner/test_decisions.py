"""What policy puts before a person."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from agents.planner.decisions import order_value, proposals
from agents.planner.delta import delta_of
from agents.planner.state import State
from knowledge.plant import Action, ApprovalRule
from tests.agents.planner.plants import bought, day, facts, offer, place, plant, state

BASE = plant([bought("R")], offers=[offer("S", "R", 3, days=4)])


def planner(*rules: ApprovalRule) -> State:
    """A state under these rules."""
    return state(replace(BASE, approvals=rules))


def proposed(of: State, quantity: int = 5, due: int = 9, price: str = "10") -> list[tuple[str, str, bool]]:
    """(decision, subject, asks) of what an order of R puts before people."""
    place(of, 1, ("R", quantity, day(due)), price=price)
    asked = of.orders["t/1"].facts
    return [(p.decision.decision, p.subject, p.asks) for p in proposals(of, asked, delta_of(of))]


def ask(decision: str, **when: object) -> ApprovalRule:
    """A rule that asks."""
    return replace(ApprovalRule(decision, Action.ASK), **when)  # type: ignore[arg-type]


def test_without_rules_nothing_is_asked() -> None:
    assert proposed(planner()) == []


def test_a_promise_is_asked_for_by_its_value() -> None:
    rule = ask("promise", value_over=Decimal(50))
    assert proposed(planner(rule), quantity=5) == []
    assert proposed(planner(rule), quantity=6) == [("promise", "t/1", True)]


def test_an_order_without_a_price_counts_as_over_any_limit() -> None:
    of = planner()
    assert order_value(of.plant, facts(1, ("R", 5, day(9)), price=None)) is None
    assert order_value(of.plant, facts(1, ("R", 5, day(9)), price="2.50")) == Decimal("12.5")


def test_a_promise_is_asked_for_by_how_late_it_is() -> None:
    rule = ask("promise", late_over_days=Decimal(2))
    assert proposed(planner(rule), due=2) == []
    assert proposed(planner(rule), due=1) == [("promise", "t/1", True)]


def test_a_purchase_is_asked_for_by_value_supplier_and_novelty() -> None:
    assert proposed(planner(ask("purchase", value_over=Decimal(14)))) == [("purchase", "PO-000001", True)]
    assert proposed(planner(ask("purchase", value_over=Decimal(15)))) == []
    assert proposed(planner(ask("purchase", supplier="T"))) == []
    assert proposed(planner(ask("purchase", new_supplier=True))) == [("purchase", "PO-000001", True)]


def test_a_known_supplier_is_not_new() -> None:
    of = planner(ask("purchase", new_supplier=True))
    of.suppliers.add("S")
    assert proposed(of) == []


def test_advice_tells_and_does_not_wait() -> None:
    assert proposed(planner(ApprovalRule("promise", Action.ADVISE))) == [("promise", "t/1", False)]


def test_the_first_rule_that_matches_wins() -> None:
    assert proposed(planner(ApprovalRule("promise", Action.AUTO), ask("promise"))) == []


def test_supply_that_did_not_grow_is_not_asked_for_again() -> None:
    of = planner(ask("purchase"))
    assert proposed(of, quantity=5)
    assert proposed(of, quantity=4) == []
    assert proposed(of, quantity=6) == [("purchase", "PO-000001", True)]
