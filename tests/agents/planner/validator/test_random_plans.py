"""Plans that the planner makes for random plants: none is refused, and whatever is spoiled in one is found."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from hypothesis import HealthCheck, given, settings

from agents.planner.agent import PlannerAgent
from agents.planner.validator.gate import Gate
from agents.planner.validator.of_state import whole_of
from agents.planner.validator.values import Change, Law, Whole, changed
from agents.planner.validator.whole import validate
from agents.runtime.simulated import SimulatedHost
from knowledge.instants import DAY
from knowledge.supply import PurchaseRow, Supply
from tests.effort import times
from tests.guarding import Guarded
from tests.random_plants import Case, cases
from tests.test_properties import society, steps

LAW = settings(max_examples=times(25, 2000), suppress_health_check=list(HealthCheck))


def planned(case: Case) -> Whole:
    """The plan after all documents of a case, and after each it has passed the gate."""
    passed = Guarded.passed
    processing = society(case)
    list(steps(processing, case))
    assert isinstance(processing.host, SimulatedHost)
    planner = processing.host.agents["planner"]
    assert isinstance(planner, PlannerAgent)
    assert Guarded.passed > passed
    return whole_of(planner.state)


def spoilt(plan: Whole, supply: Supply) -> Iterator[tuple[Law, Supply | None]]:
    """Ways to spoil a planned supply, and the law that each breaks."""
    safety = {item for item, known in plan.plant.items.items() if known.safety_stock}
    if supply.item not in safety:
        yield Law.MATERIAL, None
    if isinstance(supply, PurchaseRow):
        yield Law.PAST, replace(supply, order_by=plan.now - 1)
        yield Law.LEAD_TIME, replace(supply, order_by=supply.due + 1)
        yield Law.OFFER, replace(supply, unit_price=supply.unit_price + Decimal("0.01"))
        yield Law.OFFER, replace(supply, supplier="nobody")
        if supply.item not in safety:
            yield Law.MATERIAL, replace(supply, due=supply.due + 400 * DAY)
        return
    yield Law.PAST, replace(supply, start=plan.now - 1)
    yield Law.SEQUENCE, replace(supply, finish=supply.start - 1)
    yield Law.BILL, replace(supply, components=supply.components[1:])
    yield Law.LOT, replace(supply, quantity=0)
    if supply.operations:
        first, *rest = supply.operations
        yield Law.ROUTE, replace(supply, operations=(*supply.operations, first))
        yield Law.MACHINE, replace(supply, operations=(replace(first, machine=3), *rest))
        yield Law.MINUTES, replace(supply, operations=(replace(first, minutes=first.minutes + 1), *rest))
        yield Law.OPEN_TIME, replace(supply, operations=(replace(first, finish=first.finish - 1), *rest))


@LAW
@given(cases())
def test_whatever_is_spoiled_in_a_plan_is_found(case: Case) -> None:
    plan = planned(case)
    assert validate(plan) == []
    gate = Gate(plan)
    for supply in [s for s in plan.supply.values() if s.status == "planned"]:
        for law, spoiled in spoilt(plan, supply):
            change = Change(plan.now, {supply.document: spoiled})
            found = gate.check(change)
            assert law in {refusal.law for refusal in found}, (law, spoiled, found)
            assert found == validate(changed(plan, change))
