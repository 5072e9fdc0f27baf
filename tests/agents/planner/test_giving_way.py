"""To a fact that every plan is refused for, what the refused parts are for gives way, and a note is kept of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from agents import society
from agents.planner.agent import PlannerAgent
from agents.planner.validator.gate import Gate
from agents.planner.validator.values import Change, Law, Refusal, Whole
from knowledge.auditor import audit
from knowledge.store.books import books_of
from knowledge.store.export import export
from knowledge.store.rows import GAVE_WAY
from knowledge.store.tables import AgentStateRow
from simulations.processing import Processing
from tests.random_plants import Case
from tests.test_properties import society as begun
from tests.test_properties import steps

FILES = {
    "plant.toml": 'name = "small"\n',
    "items.csv": "item,kind,supply,lead_time_days\nF,finished,make,1\nR,raw,buy,\n",
    "bom.csv": "parent,component,quantity\nF,R,1\n",
    "offers.csv": "supplier,item,unit_price,lead_time_days\nS,R,1,1\n",
}

COUNT = {"type": "stock_count", "item": "F", "quantity": "5", "received": "2026-01-06T00:00:00Z"}

Judge = Callable[[Whole], list[Refusal]]


def order(number: str, received: str = "2026-01-05T00:00:00Z") -> dict[str, Any]:
    line = {"line": "1", "item": "F", "quantity": "9", "requested": "2026-02-02", "unit_price": "1"}
    head = {"type": "customer_order", "source": "t", "number": number, "customer": "ANY", "currency": "EUR"}
    return {**head, "received": received, "lines": [line]}


def counted(monkeypatch: pytest.MonkeyPatch, judge: Judge) -> Processing:
    """Two orders, a count that the gate refuses every plan for that a judge refuses, and another order after it."""
    monkeypatch.setattr(society, "PlannerAgent", PlannerAgent)
    processing = begun(Case(FILES, (order("1"), order("2"))))
    list(steps(processing, Case(FILES, (order("1"), order("2")))))
    check = Gate.check

    def refusing(self: Gate, change: Change) -> list[Refusal]:
        return check(self, change) or judge(self._standing.whole())

    with monkeypatch.context() as patched:
        patched.setattr(Gate, "check", refusing)
        list(steps(processing, Case(FILES, (COUNT,))))
    list(steps(processing, Case(FILES, (order("3", "2026-01-07T00:00:00Z"),))))
    assert not processing.outcome.dead
    assert audit(books_of(processing.store, processing.plant_now(), processing.now)) == []
    return processing


def standing(processing: Processing) -> dict[str, str]:
    tables = export(processing.store, processing.plant_now(), processing.now)
    return {row["order"]: row["status"] for row in tables["promises"]}


def noted(processing: Processing) -> list[dict[str, Any]]:
    rows = processing.store.rows(AgentStateRow, agent="planner", key=GAVE_WAY)
    return [json.loads(row["body"]) for row in rows]


def test_the_promise_that_a_refused_plan_falls_short_of_gives_way(monkeypatch: pytest.MonkeyPatch) -> None:
    def judge(plan: Whole) -> list[Refusal]:
        short = Refusal(Law.MATERIAL, "F", "t/1/1 is short of 1 of F", "t/1/1")
        return [short] if "t/1/1" in plan.releases else []

    processing = counted(monkeypatch, judge)
    assert standing(processing) == {"t/1": "infeasible", "t/2": "promised", "t/3": "promised"}
    tables = export(processing.store, processing.plant_now(), processing.now)
    assert next(row["reason"] for row in tables["promises"] if row["order"] == "t/1") == (
        "no plan with it keeps every law: material: F: t/1/1 is short of 1 of F"
    )
    (message,) = tables["action_messages"]
    assert (message["action"], message["document"], message["item"]) == ("expedite", "t/1/1", "F")
    (note,) = noted(processing)
    assert (note["times"], note["what"], note["refused"]) == (
        1,
        "StockChanged",
        ["material: F: t/1/1 is short of 1 of F"],
    )


def test_planned_supply_that_is_refused_takes_the_promise_with_it_that_it_is_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def judge(plan: Whole) -> list[Refusal]:
        bought = {supply.document for supply in plan.supply.values() if supply.item == "R"}
        return [Refusal(Law.OFFER, "PO-000001", "told so")] if "PO-000001" in bought else []

    processing = counted(monkeypatch, judge)
    assert "infeasible" in standing(processing).values()
    assert standing(processing)["t/3"] == "promised"
    assert len(noted(processing)) == 1


def test_where_nothing_is_to_blame_all_that_competes_gives_way(monkeypatch: pytest.MonkeyPatch) -> None:
    def judge(plan: Whole) -> list[Refusal]:
        short = Refusal(Law.MATERIAL, "F", "nobody is short of 1 of F", "nobody")
        return [short] if plan.supply else []

    processing = counted(monkeypatch, judge)
    assert standing(processing) == {"t/1": "infeasible", "t/2": "infeasible", "t/3": "promised"}


def test_nothing_is_noted_where_a_plan_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    processing = counted(monkeypatch, lambda plan: [])
    assert standing(processing) == {"t/1": "promised", "t/2": "promised", "t/3": "promised"}
    assert noted(processing) == []
