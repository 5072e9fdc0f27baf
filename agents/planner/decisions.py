"""What of a decision policy puts before a person: the promise itself, purchases, work orders, issues, changes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial

from agents.planner.alternatives import Candidate
from agents.planner.awarding import row_award
from agents.planner.candidates import alternatives_of
from agents.planner.delta import Delta
from agents.planner.hurrying import needed_for_the_date
from agents.planner.purchases import Buying
from agents.planner.state import State
from knowledge.deliveries import OnTime
from knowledge.instants import DAY, HOUR, local_date
from knowledge.plant import Action, Plant, Silence, SupplyStatus
from knowledge.policy import Facts, rule_for
from knowledge.quantities import from_units, round_money
from knowledge.supply import PurchaseRow, Supply, WorkOrder, encode, readable
from protocols.orders import OrderFacts
from protocols.supplying import Alternative, Decision

_THINKING_HOURS = 24
"""How long a person takes to answer, where the rule sets no deadline."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A decision for a person, and whether it waits for the answer (`ask`) or only tells (`advise`)."""

    decision: Decision
    subject: str
    order: str
    asks: bool


def proposals(state: State, facts: OrderFacts, delta: Delta, *, alternatives: bool = True) -> Iterator[Proposal]:
    """What a new or changed order puts before people, with `alternatives` to what is asked."""
    if not state.plant.approvals:
        return
    items = frozenset(line.item for line in facts.lines if line.item)
    promised = Facts("promise", order_value(state.plant, facts), _late_days(state, facts.order), facts.customer, items)
    asked = False
    for proposal in _proposal(state, promised, facts.order, facts.order):
        asked = proposal.asks
        yield _with_alternatives(state, facts, proposal) if proposal.asks and alternatives else proposal
    supply = list(supply_proposals(state, facts, delta))
    only = None if asked or not alternatives else _only_purchase(state, facts.order, supply)
    for proposal in supply:
        yield _with_alternatives(state, facts, proposal) if proposal is only else proposal


def supply_proposals(state: State, facts: OrderFacts, delta: Delta) -> Iterator[Proposal]:
    """What is newly bought and made for an order, as far as people are to look at it."""
    if not state.plant.approvals:
        return
    for rows in _purchases(state, delta).values():
        value = sum((row_value(state.plant, row) for row in rows), Decimal(0))
        suppliers = frozenset(row.supplier for row in rows)
        bought = Facts(
            "purchase",
            value,
            customer=facts.customer,
            items=frozenset(row.item for row in rows),
            suppliers=suppliers,
            new_supplier=not suppliers & state.suppliers,
        )
        yield from _proposal(state, bought, encode(rows[0].number), facts.order, _sourcing(state, rows))
    for order in _grown(delta):
        cost = state.plant.items[order.item].unit_cost
        worth = None if cost is None else cost * from_units(order.quantity, state.plant.items[order.item].decimals)
        made = Facts("work_order", worth, customer=facts.customer, items=frozenset([order.item]))
        yield from _proposal(state, made, order.document, facts.order)


def changed(state: State, order: str) -> Iterator[Proposal]:
    """A promise that no longer holds, where policy asks before it is made anew."""
    facts = change_facts(state, order)
    yield from _proposal(state, facts, order, order)


def change_facts(state: State, order: str) -> Facts:
    """What rules for changes look at."""
    facts = state.orders[order].facts
    items = frozenset(line.item for line in facts.lines if line.item)
    return Facts("change", order_value(state.plant, facts), _late_days(state, order), facts.customer, items)


def issue_facts(state: State, supply: Supply) -> Facts:
    """What rules for issuing look at."""
    suppliers = frozenset([supply.supplier]) if isinstance(supply, PurchaseRow) else frozenset[str]()
    value = row_value(state.plant, supply) if isinstance(supply, PurchaseRow) else None
    return Facts("release", value, items=frozenset([supply.item]), suppliers=suppliers)


def order_value(plant: Plant, facts: OrderFacts) -> Decimal | None:
    """An order's value in the plant's currency; None where a price or rate is not known."""
    rate = plant.rate(facts.currency)
    total = Decimal(0)
    for line in facts.lines:
        if line.unit_price is None or rate is None or line.item is None:
            return None
        quantity = from_units(sum(q for q, _ in line.wants), plant.items[line.item].decimals)
        total += quantity * Decimal(line.unit_price) * rate
    return total


def row_value(plant: Plant, row: PurchaseRow | Buying) -> Decimal:
    """A purchase row's value in the plant's currency."""
    rate = plant.rate(row.currency)
    quantity = from_units(row.quantity, plant.items[row.item].decimals)
    return quantity * row.unit_price * (rate if rate is not None else 1)


def _late_days(state: State, order: str) -> Decimal:
    late = 0
    for document in state.by_order.get(order, ()):
        release = state.releases[document]
        if release.requested is not None:
            late = max(late, release.delivery - release.requested)
    return Decimal(late) / DAY


def _purchases(state: State, delta: Delta) -> dict[str, list[PurchaseRow]]:
    """Planned purchase orders that are new, or have grown: all their rows."""
    grown = {
        after.number
        for before, after in delta.supply.values()
        if isinstance(after, PurchaseRow)
        and after.status is SupplyStatus.PLANNED
        and (before is None or before.receipt < after.receipt)
    }
    found: dict[str, list[PurchaseRow]] = {}
    for row in (row for members in state.planned.values() for row in members.values()) if grown else ():
        if isinstance(row, PurchaseRow) and row.number in grown:
            found.setdefault(row.number, []).append(row)
    return dict(sorted(found.items()))


def _grown(delta: Delta) -> Iterator[WorkOrder]:
    for before, after in delta.work_orders():
        grown = after is not None and (before is None or before.quantity < after.quantity)
        if grown and after is not None and after.status is SupplyStatus.PLANNED:
            yield after


def _only_purchase(state: State, order: str, supply: list[Proposal]) -> Proposal | None:
    """The purchase that a person is asked about, where that is all they are asked, for this order alone."""
    asked = [proposal for proposal in supply if proposal.asks]
    if len(asked) != 1 or asked[0].decision.decision != "purchase":
        return None
    others = (planned.pending for name, planned in state.orders.items() if name != order)
    return None if any(asked[0].subject in pending for pending in others) else asked[0]


def other_answers(
    state: State, facts: OrderFacts, patience: int = int(_THINKING_HOURS * HOUR)
) -> tuple[Alternative, ...]:
    """What could be answered to an order, the planned answer first; nothing where there is no other.

    `patience` is for how many seconds they are to hold.
    """
    found = alternatives_of(state, facts, patience, partial(_passes, state, facts))
    return tuple(found) if len(found) > 1 else ()


def _with_alternatives(state: State, facts: OrderFacts, proposal: Proposal) -> Proposal:
    """The proposal with what else could be answered while a person thinks about it, and what the date would take."""
    rule = state.plant.approvals[proposal.decision.rule]
    patience = int((rule.deadline_hours or _THINKING_HOURS) * HOUR) * (2 if rule.on_silence is Silence.ESCALATE else 1)
    found = other_answers(state, facts, patience)
    needed = needed_for_the_date(state, facts) if proposal.subject == facts.order else ()
    texts = [alternative.text for alternative in found]
    if needed:
        texts.append(f"on the date it would take {', or '.join(needed)}")
    update = {
        "text": "; ".join([proposal.decision.text, *texts]),
        "alternatives": found,
        "on_the_date": needed,
    }
    return replace(proposal, decision=proposal.decision.model_copy(update=update))


def _passes(state: State, facts: OrderFacts, answer: Candidate) -> bool:
    """Whether policy asks nobody about another answer to an order: the promise, and what is bought for it."""
    late = max((r.delivery - r.requested for r in answer.releases if r.requested is not None), default=0)
    items = frozenset(line.item for line in facts.lines if line.item)
    days = Decimal(max(late, 0)) / DAY
    held = [Facts("promise", order_value(state.plant, facts), days, facts.customer, items)]
    orders: dict[tuple[str, dt.date], list[Buying]] = {}
    for row in answer.rows:
        orders.setdefault((row.supplier, local_date(row.order_by, state.plant.zone)), []).append(row)
    for (supplier, _), rows in orders.items():
        value = sum((row_value(state.plant, row) for row in rows), Decimal(0))
        bought = frozenset(row.item for row in rows)
        new = supplier not in state.suppliers
        held.append(Facts("purchase", value, Decimal(0), facts.customer, bought, frozenset([supplier]), new))
    rules = state.plant.approvals
    found = [index for each in held if (index := rule_for(rules, each)) is not None]
    return not any(rules[index].action is Action.ASK for index in found)


def _sourcing(state: State, rows: list[PurchaseRow]) -> tuple[str, ...]:
    """How the rows of a purchase order were sourced, and how punctual its supplier is."""
    awards = [(row, row_award(state.book, state.bought, row)) for row in rows]
    said = [f"{row.item}: {award.said()}" for row, award in awards if award is not None]
    record = state.punctuality.get(rows[0].supplier, OnTime())
    return (*said, f"on time: {record.said()}")


def _proposal(
    state: State, facts: Facts, subject: str, order: str, details: tuple[str, ...] = ()
) -> Iterator[Proposal]:
    index = rule_for(state.plant.approvals, facts)
    if index is None:
        return
    rule = state.plant.approvals[index]
    text = "; ".join((_text(facts, subject, state.plant.currency), *details))
    decision = Decision.about(facts, subject=subject, order=order, text=text, rule=index)
    yield Proposal(decision, subject, order, rule.action is Action.ASK)


def _text(facts: Facts, subject: str, currency: str) -> str:
    parts = [f"{facts.decision.replace('_', ' ')} {readable(subject)}"]
    if facts.value is not None:
        parts.append(f"worth {round_money(facts.value)} {currency}")
    if facts.late_days > 0:
        parts.append(f"{facts.late_days:.1f} days late")
    if facts.suppliers:
        parts.append(f"from {', '.join(sorted(facts.suppliers))}{' (new)' if facts.new_supplier else ''}")
    return ", ".join(parts)


def release_proposal(state: State, supply: Supply) -> Iterator[Proposal]:
    """Whether policy asks before a supply is issued."""
    yield from _proposal(state, issue_facts(state, supply), supply.document, "")
