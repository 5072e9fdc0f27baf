"""What a policy would have decided on what was decided before: on everything that was put to people, with the facts of
that time, and on what went by itself, with the facts as they are recorded now.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from agents.planner.decisions import order_value, row_value
from knowledge.instants import DAY
from knowledge.plant import Action, ApprovalRule, Plant, Silence
from knowledge.policy import Facts, rule_for
from knowledge.quantities import from_units
from knowledge.store.database import Store
from knowledge.store.rows import purchase_of
from knowledge.store.tables import ApprovalRow, CustomerOrderRow, PromiseRow, PurchaseOrderRow, WorkOrderRow
from knowledge.supply import encode, readable
from protocols.orders import OrderFacts
from protocols.supplying import Decision

Row = Mapping[str, Any]

_OUTCOMES: Final = {
    Silence.APPROVE: "approves",
    Silence.ALTERNATIVE: "takes the first alternative that needs no approval",
    Silence.WAIT: "keeps asking",
}


class Basis(StrEnum):
    """Where the facts come from."""

    ASKED = "asked"
    """As they were when it was put to people."""
    RECORDS = "records"
    """As they stand in the database: nobody was asked. The customer of supply is not known, nor who was new when."""


@dataclass(frozen=True, slots=True)
class Case:
    """Something that was decided. `asked` is the role that it was put to, empty where it went by itself."""

    approval: str
    facts: Facts
    subject: str
    was: str
    asked: str
    basis: Basis


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a policy does with a case: `rule` counts from 1 in the file, None where it goes by itself."""

    case: Case
    would: str
    asks: str
    rule: int | None

    @property
    def differs(self) -> bool:
        """Whether somebody else is asked than was, or somebody where nobody was, or the other way round."""
        return self.case.asked != self.asks


def try_policy(rules: tuple[ApprovalRule, ...], cases: list[Case]) -> list[Verdict]:
    """What the rules would have decided on each case."""
    return [_judged(rules, case) for case in cases]


def counts(verdicts: list[Verdict]) -> dict[str, int]:
    """How many cases there are, and how many are decided in another way."""
    found: Counter[str] = Counter()
    for each in verdicts:
        if not each.differs:
            found["same"] += 1
        elif not each.asks:
            found["no_longer_asked"] += 1
        else:
            found["asked_of_another" if each.case.asked else "newly_asked"] += 1
    names = ("same", "newly_asked", "no_longer_asked", "asked_of_another")
    return {"decisions": len(verdicts), **{name: found[name] for name in names}}


def in_words(rule: ApprovalRule) -> str:
    """What a rule does, in a line."""
    if rule.action is not Action.ASK:
        return "goes by itself" if rule.action is Action.AUTO else f"goes, and tells {rule.role}"
    if rule.deadline_hours is None:
        return f"asks {rule.role}, for as long as it takes"
    hours = f"{rule.deadline_hours:f} h"
    times = ", ".join(f"{each:f} h" for each in rule.remind_hours)
    reminded = f" (reminded {times} before)" if times else ""
    if rule.escalate_to and rule.on_silence == "escalate":
        return f"asks {rule.role} for {hours}{reminded}, then {rule.escalate_to} for {hours}, then rejects"
    outcome = _OUTCOMES.get(rule.on_silence, "rejects")
    return f"asks {rule.role} for {hours}{reminded}, then {outcome}"


def conditions(rule: ApprovalRule) -> str:
    """When a rule applies, in a line."""
    names = ("value_over", "late_over_days", "customer", "item", "supplier", "new_supplier")
    given = [(name, getattr(rule, name)) for name in names]
    said = [f"{name.replace('_', ' ')} {_plain(value)}" for name, value in given if value is not None]
    return " and ".join(said) or "always"


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def _judged(rules: tuple[ApprovalRule, ...], case: Case) -> Verdict:
    index = rule_for(rules, case.facts)
    if index is None:
        return Verdict(case, "goes by itself", "", None)
    rule = rules[index]
    return Verdict(case, in_words(rule), rule.role if rule.action is Action.ASK else "", index + 1)


def cases_of(store: Store, plant: Plant) -> list[Case]:
    """Everything that was decided, as far as a database tells: what was asked first, then the rest."""
    asked = [_asked(row) for row in sorted(store.rows(ApprovalRow), key=lambda row: str(row["approval"]))]
    known = {(case.facts.decision, case.subject) for case in asked}
    rest = (*_promises(store, plant), *_purchases(store, plant), *_work_orders(store, plant))
    return [*asked, *(case for case in rest if (case.facts.decision, case.subject) not in known)]


def _asked(row: Row) -> Case:
    body = json.loads(row["body"])
    facts = Decision.model_validate(body["decision"]).policy_facts
    by = f" by {row['by']}" if row["by"] and row["status"] != "advised" else ""
    asked = "" if row["status"] == "advised" else str(body["terms"]["role"] if "terms" in body else row["role"])
    return Case(row["approval"], facts, row["subject"], f"{row['status']}{by}", asked, Basis.ASKED)


def _promises(store: Store, plant: Plant) -> Iterator[Case]:
    late: dict[str, int] = {}
    for part in store.rows(PromiseRow):
        if part["promised"] is not None:
            wanted = part["promised"] if part["requested"] is None else part["requested"]
            late[part["order"]] = max(late.get(part["order"], 0), part["promised"] - wanted)
    for row in sorted(store.rows(CustomerOrderRow), key=lambda row: int(row["sequence"])):
        facts = json.loads(row["document"])["facts"]
        if facts is None or row["order"] not in late:
            continue
        order = OrderFacts.model_validate(facts)
        items = frozenset(line.item for line in order.lines if line.item)
        days = Decimal(late[row["order"]]) / DAY
        held = Facts("promise", order_value(plant, order), days, order.customer, items)
        yield _unasked(held, readable(row["order"]))


def _purchases(store: Store, plant: Plant) -> Iterator[Case]:
    orders: dict[str, list[Any]] = {}
    for row in store.rows(PurchaseOrderRow):
        orders.setdefault(row["purchase_order"], []).append(purchase_of(row))
    before = Counter(supplier for rows in orders.values() for supplier in {row.supplier for row in rows})
    for number, rows in sorted(orders.items()):
        suppliers = frozenset(row.supplier for row in rows)
        value = sum((row_value(plant, row) for row in rows), Decimal(0))
        items = frozenset(row.item for row in rows)
        new = not any(before[supplier] > 1 for supplier in suppliers)
        held = Facts("purchase", value, items=items, suppliers=suppliers, new_supplier=new)
        yield _unasked(held, readable(encode(number)))


def _work_orders(store: Store, plant: Plant) -> Iterator[Case]:
    for row in sorted(store.rows(WorkOrderRow), key=lambda row: str(row["work_order"])):
        item = plant.items.get(row["item"])
        cost = None if item is None else item.unit_cost
        worth = None if item is None or cost is None else cost * from_units(row["quantity"], item.decimals)
        yield _unasked(Facts("work_order", worth, items=frozenset([row["item"]])), readable(row["work_order"]))


def _unasked(facts: Facts, subject: str) -> Case:
    return Case("", facts, subject, "went by itself", "", Basis.RECORDS)
