"""A plan that the validator refuses is not used: the order is planned anew, and if that is refused too, infeasible."""

from __future__ import annotations

from typing import Any

import pytest

from agents import society
from agents.inventory.agent import InventoryAgent
from agents.planner.agent import PlannerAgent
from agents.planner.validator.gate import Gate
from agents.planner.validator.values import Change, Law, Refusal
from agents.runtime.dead_letters import dead_letters
from knowledge.store.export import export
from tests.random_plants import Case
from tests.test_properties import society as begun
from tests.test_properties import steps

FILES = {
    "plant.toml": 'name = "small"\n',
    "items.csv": "item,kind,supply,lead_time_days\nF,finished,make,1\n",
}


def order(number: str) -> dict[str, Any]:
    return {
        "type": "customer_order",
        "source": "t",
        "number": number,
        "customer": "ANY",
        "received": "2026-01-05T00:00:00Z",
        "currency": "EUR",
        "lines": [{"line": "1", "item": "F", "quantity": "2", "requested": "2026-02-02", "unit_price": "1"}],
    }


def promised(monkeypatch: pytest.MonkeyPatch, refused: int) -> list[dict[str, Any]]:
    """The promises of an order whose first plans are refused, and of one that comes after it."""
    check, left = Gate.check, [refused]

    def refusing(self: Gate, change: Change) -> list[Refusal]:
        if change.supply and left[0]:
            left[0] -= 1
            return [Refusal(Law.OVERLAP, "WO-000001", "told so")]
        return check(self, change)

    monkeypatch.setattr(society, "PlannerAgent", PlannerAgent)
    monkeypatch.setattr(Gate, "check", refusing)
    case = Case(FILES, (order("1"), order("2")))
    processing = begun(case)
    list(steps(processing, case))
    assert not processing.outcome.dead
    return export(processing.store, processing.plant_now(), processing.now)["promises"]


def test_a_plan_that_is_refused_is_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [row["status"] for row in promised(monkeypatch, 1)] == ["promised", "promised"]


def test_an_order_whose_plans_are_all_refused_is_infeasible_and_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = promised(monkeypatch, 2)
    assert (first["status"], second["status"]) == ("infeasible", "promised")
    assert first["reason"] == "no plan for it keeps every law: overlap: WO-000001: told so"


def test_a_fact_that_no_plan_fits_is_given_up_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(society, "PlannerAgent", PlannerAgent)
    count = {"type": "stock_count", "item": "F", "quantity": "5", "received": "2026-01-06T00:00:00Z"}
    case = Case(FILES, (order("1"), count, {**order("2"), "received": "2026-01-07T00:00:00Z"}))
    processing = begun(case)
    list(steps(processing, Case(FILES, (order("1"),))))
    check = Gate.check

    def refusing(self: Gate, change: Change) -> list[Refusal]:
        return [Refusal(Law.OVERLAP, "F", "told so")] if change.on_hand else check(self, change)

    monkeypatch.setattr(Gate, "check", refusing)
    list(steps(processing, Case(FILES, case.documents[1:])))
    assert processing.outcome.dead == 1
    shown = export(processing.store, processing.plant_now(), processing.now)["promises"]
    assert [row["status"] for row in shown] == ["promised", "promised"]


def test_a_fact_that_inventory_refuses_every_plan_for_is_a_dead_letter_and_not_passed_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(society, "PlannerAgent", PlannerAgent)
    count = {"type": "stock_count", "item": "F", "quantity": "1", "received": "2026-01-06T00:00:00Z"}
    case = Case(FILES, (order("1"), count, {**order("2"), "received": "2026-01-07T00:00:00Z"}))
    processing = begun(case)
    list(steps(processing, Case(FILES, (order("1"),))))
    with monkeypatch.context() as patched:
        patched.setattr(InventoryAgent, "_try", lambda self, asked, now: (None, ["F"]))
        list(steps(processing, Case(FILES, (count,))))
    assert processing.outcome.dead == 1
    (letter,) = dead_letters(processing.store)
    assert "what was decided on StockChanged came to nothing" in letter.error
    list(steps(processing, Case(FILES, (case.documents[2],))))
    shown = export(processing.store, processing.plant_now(), processing.now)["promises"]
    assert {(row["order"], row["status"]) for row in shown} == {("t/1", "promised"), ("t/2", "promised")}
