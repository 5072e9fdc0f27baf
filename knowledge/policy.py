"""Approval policy: which rule of plant.toml a decision falls under. First match wins, no match is automatic."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from knowledge.plant import Action, ApprovalRule


@dataclass(frozen=True, slots=True)
class Facts:
    """What a rule's conditions are held against. `value` is in the plant's currency, None where it is unknown."""

    decision: str
    value: Decimal | None = None
    late_days: Decimal = Decimal(0)
    customer: str = ""
    items: frozenset[str] = frozenset()
    suppliers: frozenset[str] = frozenset()
    new_supplier: bool = False


def matches(rule: ApprovalRule, facts: Facts) -> bool:
    """Whether every condition that the rule gives holds. An unknown value counts as over any limit: a person looks."""
    return (
        rule.decision == facts.decision
        and (rule.value_over is None or facts.value is None or facts.value > rule.value_over)
        and (rule.new_supplier is None or rule.new_supplier == facts.new_supplier)
        and (rule.late_over_days is None or facts.late_days > rule.late_over_days)
        and (rule.customer is None or rule.customer == facts.customer)
        and (rule.item is None or rule.item in facts.items)
        and (rule.supplier is None or rule.supplier in facts.suppliers)
    )


def rule_for(rules: tuple[ApprovalRule, ...], facts: Facts) -> int | None:
    """The index of the rule that asks a person or advises one; None where the decision is automatic."""
    for index, rule in enumerate(rules):
        if matches(rule, facts):
            return None if rule.action is Action.AUTO else index
    return None
