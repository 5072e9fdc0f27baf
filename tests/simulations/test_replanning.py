"""Cures on a busy plant, in words and as data: each is tried by planning anew, and nothing of it is kept.

F is sawn and pressed, its part K is sawn, too: one saw, open from 8 to 16. R is on the shelf, or comes from S in twenty
days, or dearer from T in four.
"""

from __future__ import annotations

import pytest

from agents.planner.agent import PlannerAgent
from agents.planner.validator.of_state import whole_of
from agents.planner.validator.whole import validate
from knowledge.explanation.values import Cure, CureKind, Explanation, Part
from knowledge.store.tables import DemandRow, OperationRow, PromiseRow, WorkOrderRow
from simulations import replanning
from simulations.replanning import Replanning
from simulations.report.why_json import explanation_json
from simulations.report.why_words import Words
from tests.explaining import Society, order, society, when

PLANT = {
    "calendars.csv": "calendar,weekday,start,end\n" + "".join(f"day,{day},08:00,16:00\n" for day in range(1, 6)),
    "work_centres.csv": "work_centre,calendar,cost_per_hour\nSAW,day,40\nPRESS,day,60\n",
    "routes.csv": "item,step,work_centre,setup_minutes,run_minutes\nF,10,SAW,30,30\nF,20,PRESS,0,20\nK,10,SAW,10,6\n",
    "customers.csv": "customer,late_cost_per_day_percent,partial_shipments\nA,1,yes\nB,,no\n",
    "suppliers.csv": "supplier\nS\nT\n",
    "offers.csv": "supplier,item,unit_price,lead_time_days\nS,R,3,20\nT,R,5,4\n",
}
PLENTY = {"stock.csv": "item,quantity\nR,500\n"}


def busy(orders: int = 4) -> Society:
    """So many equal orders for one week, received one after another: the saw has not the time for them all."""
    wanted = [order(str(n), "20", "2024-01-05", at=f"01-01T00:0{n}:00") for n in range(orders)]
    return society(wanted, PLANT, PLENTY)


def tried(found: Society, line: str) -> Explanation:
    return Replanning(found.store, found.plant, found.books.now).tried(found.why(line))


def part_of(found: Society, line: str) -> Part:
    """The last part of a line, its cures tried."""
    return tried(found, line).lines[0].parts[-1]


def said(found: Society, line: str) -> str:
    """All that is said of the last part of a line, a sentence a line."""
    part, words = part_of(found, line), Words(found.plant)
    told: list[str] = []
    for cause in part.causes:
        told += [words.cause(cause), *words.cures(cause.cures)]
    return "\n".join(told + words.cures(part.cures))


def the(kind: CureKind, part: Part) -> Cure:
    """The one cure of a kind."""
    [found] = [c for c in [*part.cures, *(c for cause in part.causes for c in cause.cures)] if c.kind is kind]
    return found


BUSY = busy()


def test_a_line_that_is_late_for_want_of_capacity_names_the_work_centre_whose_work_fills_it_and_what_helps() -> None:
    assert said(BUSY, "t/3/1") == (
        "SAW is busy until 2024-01-05 14:40: WO-000010 (20 EA of K) waits 4 d 6 h for it,"
        " behind WO-000007 (for t/0/1), WO-000004 (for t/0/1, t/1/1), WO-000002 (for t/1/1, t/2/1) and 5 more\n"
        "18 h 1 min of overtime on SAW, 2024-01-01 00:03 to 08:00, 2024-01-01 16:00 to 2024-01-02 02:04 (720.67 EUR):"
        " on time, 2024-01-05 24:00, confirmed by planning anew\n"
        "one more machine on SAW for WO-000010, 2 h 10 min of work (86.67 EUR):"
        " on time, 2024-01-05 24:00, confirmed by planning anew\n"
        "agree on 2024-01-10 11:12, 4 d 11 h later, which costs 100.00 EUR"
    )


def test_overtime_is_said_in_hours_in_which_the_work_centre_is_closed() -> None:
    cure = the(CureKind.OVERTIME, part_of(BUSY, "t/3/1"))
    assert sum(end - start for start, end in cure.hours) == cure.seconds
    centre = BUSY.plant.work_centres["SAW"]
    for start, end in cure.hours:
        assert centre.calendar.closed(start, end, end - start) == ((start, end),)


def test_material_that_is_late_is_cured_by_having_it_earlier() -> None:
    late = society([order("1", "20", "2024-01-04")], PLANT)
    assert said(late, "t/1/1") == (
        "R from T takes 4 days: 40 EA on PO-000001, due 2024-01-05 08:00\n"
        "order at once and expedite PO-000001 by 2 d 11 h, to 2024-01-02 12:40:"
        " on time, 2024-01-04 24:00, confirmed by planning anew\n"
        "agree on 2024-01-09 11:20, 4 d 11 h later, which costs 100.00 EUR"
    )


def test_what_only_helps_together_is_tried_together_too() -> None:
    two = {
        "bom.csv": "parent,component,quantity\nF,K,1\nK,R,2\nK,Q,1\n",
        "items.csv": "item,kind,supply,lead_time_days\nF,,make,1\nK,,make,1\nR,raw,buy,\nQ,raw,buy,\n",
        "offers.csv": "supplier,item,unit_price,lead_time_days\nS,R,3,20\nS,Q,3,15\n",
    }
    late = society([order()], two)
    assert said(late, "t/1/1") == (
        "R from S takes 20 days: 10 EA on PO-000001, ordered at once, due 2024-01-21 00:00\n"
        "expedite PO-000001 by 12 d, to 2024-01-08 24:00:"
        " on time, 2024-01-10 24:00 as an estimate, 2024-01-17 24:00 planned anew\n"
        "Q from S takes 15 days: 5 EA on PO-000002, due 2024-01-21 00:00; ordered at once, due 2024-01-16 00:00\n"
        "order at once and expedite PO-000002 by 7 d, to 2024-01-08 24:00:"
        " on time, 2024-01-10 24:00 as an estimate, 2024-01-22 24:00 planned anew\n"
        "the first cure of each of these together: on time, 2024-01-10 24:00, confirmed by planning anew\n"
        "agree on 2024-01-22 24:00, 12 d later"
    )


def test_a_part_that_could_go_in_time_is_confirmed_for_a_customer_who_takes_all_at_once() -> None:
    whole = society([order("1", "40", "2024-01-05", customer="B")], PLANT, {"stock.csv": "item,quantity\nR,40\n"})
    cure = the(CureKind.SPLIT, part_of(whole, "t/1/1"))
    assert (cure.quantity, when(cure.delivery), when(cure.replanned)) == (20, "2024-01-06T00:00", "2024-01-06T00:00")


def test_another_supplier_who_offers_by_now_is_confirmed_with_what_it_costs_more() -> None:
    late = society([order()])
    faster = {
        "suppliers.csv": "supplier,order_cost\nS,0\nT,25\n",
        "offers.csv": "supplier,item,unit_price,minimum,lead_time_days\nS,R,3,,20\nT,R,4,12,5\n",
    }
    again = society([order("2", "1", "2024-03-01", at="01-02T00:00:00")], faster, store=late.store)
    told = said(again, "t/1/1").splitlines()
    assert told[2] == (
        "buy 12 EA of R from T instead of on PO-000001, due 2024-01-07 00:00, 43.00 EUR dearer:"
        " on time, 2024-01-10 24:00, confirmed by planning anew"
    )


def test_what_nothing_can_be_planned_for_stays_an_estimate() -> None:
    late = society([order("1", "5", "2024-01-01")], {"routes.csv": "", "stock.csv": "item,quantity\nR,99\n"})
    part = part_of(late, "t/1/1")
    cures = [cure for cause in part.causes for cure in cause.cures]
    assert [cure.kind for cure in cures] == [CureKind.EXPEDITE]
    assert cures[0].replanned is None
    assert Words(late.plant).cures(cures)[0].endswith("(an estimate)")


def test_trying_changes_nothing_in_the_records() -> None:
    tables = (DemandRow, OperationRow, PromiseRow, WorkOrderRow)
    before = [BUSY.store.rows(table) for table in tables]
    tried(BUSY, "t/3/1")
    assert [BUSY.store.rows(table) for table in tables] == before


def test_the_plan_that_confirms_a_cure_is_one_that_may_be_used(monkeypatch: pytest.MonkeyPatch) -> None:
    planned: list[PlannerAgent] = []

    class Kept(PlannerAgent):
        """A planner that is looked at afterwards."""

        def __init__(self, *known: object) -> None:
            super().__init__(*known)  # type: ignore[arg-type]
            planned.append(self)

    monkeypatch.setattr(replanning, "PlannerAgent", Kept)
    tried(BUSY, "t/3/1")
    assert len(planned) >= 2
    for planner in planned:
        assert validate(whole_of(planner.state)) == []


def test_json_has_the_hours_the_cost_and_what_planning_anew_gave() -> None:
    [line] = explanation_json(tried(BUSY, "t/3/1"), BUSY.plant)["lines"]
    part = line["parts"][-1]
    overtime, machine = part["causes"][0]["cures"]
    assert overtime["hours"] == [
        {"start": "2024-01-01T00:03:00+00:00", "end": "2024-01-01T08:00:00+00:00"},
        {"start": "2024-01-01T16:00:00+00:00", "end": "2024-01-02T02:04:00+00:00"},
    ]
    assert (overtime["cost"], overtime["currency"], overtime["estimate"]) == ("720.67", "EUR", False)
    assert machine["replanned"] == machine["delivery"] == "2024-01-06T00:00:00+00:00"
    [later] = part["cures"]
    assert (later["kind"], later["cost"], later["seconds"]) == ("later", "100.00", 385_920)


def test_without_a_trial_it_says_that_it_is_an_estimate() -> None:
    part = BUSY.part("t/3/1")
    told = Words(BUSY.plant).cures(part.causes[0].cures)
    assert all(text.endswith("(an estimate)") for text in told)
