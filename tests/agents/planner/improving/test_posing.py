"""The plan in force as a problem to sequence: it says all that matters, and the plan in force solves it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from hypothesis import given

from agents.planner.improving.posing import WEIGHT, Posed, posed
from agents.planner.sequencing import Alternative, FixedOperation, check, cost
from agents.planner.sequencing.incumbency import completed
from agents.planner.state import State
from knowledge.calendars import Calendar, Shift
from knowledge.instants import MINUTE
from knowledge.plant import Alternative as Way
from knowledge.plant import Customer, Route, Step, SupplyStatus, WorkCentre
from knowledge.supply import OperationSlot, WorkOrder
from tests.agents.planner.improving.shops import group_of, hour, late_shop, shop
from tests.agents.planner.plants import NOW, bom, bought, day, made, offer, place, plant, route, state, with_customer
from tests.random_plants import Case, cases
from tests.test_properties import LAW, society, steps


def problem_of(planner: State, item: str) -> Posed:
    found = posed(planner, group_of(planner, item))
    assert found is not None
    return found


def test_every_planned_order_is_a_job_that_is_due_when_it_was_asked_for() -> None:
    planner = state(with_customer(shop(), Customer("C", lateness_weight=Decimal("2.5"))))
    place(planner, 1, ("A", 1, hour(13)))
    found = problem_of(planner, "A")
    (job,) = found.problem.jobs
    assert job.operations == ((Alternative("CUT", 240),), (Alternative("WELD", 240),))
    assert (job.due, job.deadline, job.weight) == (13 * 60, 13 * 60, 2500)
    assert found.orders[job.name].item == "A"
    assert found.instant(13 * 60) == hour(13)


def test_a_late_promise_is_the_deadline_of_what_is_due_earlier() -> None:
    jobs = {job.name: job for job in problem_of(late_shop(), "C").problem.jobs}
    (late,) = [job for job in jobs.values() if job.deadline != job.due]
    assert (late.due, late.deadline, late.weight) == (9 * 60, 13 * 60 + 1, WEIGHT)


def test_where_nothing_is_planned_there_is_no_problem() -> None:
    assert posed(state(shop()), 0) is None


def test_a_component_is_made_before_the_order_that_it_was_made_for() -> None:
    of = plant(
        [made("F"), made("K")],
        boms=[bom("F", ("K", 2))],
        routes=[route("F", ("M", 10)), route("K", ("M", 5))],
        centres=[WorkCentre("M")],
    )
    planner = state(of, {"K": 1})
    place(planner, 1, ("F", 3, day(5)))
    found = problem_of(planner, "F")
    names = {found.orders[job.name].item: job for job in found.problem.jobs}
    assert names["F"].after == (names["K"].name,)
    assert (names["K"].due, names["K"].deadline, names["K"].weight) == (None, None, 0)


def test_work_waits_for_material_no_longer_than_buying_it_anew_takes() -> None:
    of = plant(
        [made("F"), bought("R")],
        boms=[bom("F", ("R", 1))],
        routes=[route("F", ("M", 10))],
        centres=[WorkCentre("M")],
        offers=[offer("S", "R", days=2)],
    )
    planner = state(of, {"R": 1})
    place(planner, 1, ("F", 1, day(3)))
    place(planner, 2, ("F", 1, day(9)))
    first, second = sorted(problem_of(planner, "F").problem.jobs, key=lambda job: job.due or 0)
    assert (first.release, second.release) == (0, 2 * 1440)


def test_what_is_made_in_a_lead_time_waits_for_no_machine() -> None:
    of = plant([made("F"), made("K", days=2)], boms=[bom("F", ("K", 1))])
    planner = state(of)
    place(planner, 1, ("F", 1, day(5)))
    place(planner, 2, ("F", 1, day(5)))
    (centre,) = problem_of(planner, "F").problem.work_centres
    assert (centre.machines, centre.open) == (2, None)


def test_firm_work_stands_where_it_is() -> None:
    planner = state(shop())
    slot = OperationSlot("10", "CUT", 1, hour(2), hour(6), 240)
    planner.set_firm(WorkOrder("OLD", "A", 1, hour(2), hour(6), SupplyStatus.FIRM, operations=(slot,)))
    place(planner, 1, ("B", 1, hour(13)))
    assert problem_of(planner, "B").problem.fixed == (FixedOperation("CUT", 0, 120, 360),)


def test_firm_work_that_takes_no_time_occupies_nothing() -> None:
    planner = state(shop())
    slots = (OperationSlot("10", "CUT", 1, hour(2), hour(6), 240), OperationSlot("20", "WELD", 1, hour(6), hour(6), 0))
    planner.set_firm(WorkOrder("OLD", "A", 1, hour(2), hour(6), SupplyStatus.FIRM, operations=slots))
    place(planner, 1, ("B", 1, hour(13)))
    assert problem_of(planner, "B").problem.fixed == (FixedOperation("CUT", 0, 120, 360),)


def test_set_ups_and_hours_of_opening_are_the_plants() -> None:
    early = Calendar("early", tuple(Shift(weekday, 6 * 60, 14 * 60) for weekday in range(1, 8)))
    of = plant(
        [replace(made("F"), group="red")], centres=[WorkCentre("M", calendar=early, efficiency_percent=Decimal(50))]
    )
    step = Step("10", (Way("M", Decimal(30), Decimal(5)),))
    of = replace(of, routes={"F": Route("F", "", (step,))}, setups={("M", "red", "red"): Decimal("7.5")})
    planner = state(of)
    place(planner, 1, ("F", 4, day(3)))
    problem = problem_of(planner, "F").problem
    assert problem.setups == {("M", "red", "red"): 15}
    (job,) = problem.jobs
    assert job.operations == ((Alternative("M", 100, 60, "red"),),)
    assert problem.work_centres[0].open is not None
    assert problem.work_centres[0].open[0] == (360, 840)


def test_seconds_are_rounded_so_that_nothing_gets_better() -> None:
    planner = state(shop())
    planner.now = planner.book.now = NOW + 10
    place(planner, 1, ("A", 1, hour(13) + 50))
    found = problem_of(planner, "A")
    (job,) = found.problem.jobs
    assert (found.origin, job.release, job.deadline) == (NOW, 1, 13 * 60)
    assert found.origin % MINUTE == 0


@LAW
@given(cases())
def test_the_plan_in_force_solves_the_problem_that_it_is_posed_as(case: Case) -> None:
    processing = society(case)
    for _ in steps(processing, case):
        planner: State = processing.host.agents["planner"].state  # type: ignore[attr-defined]
        for group in planner.book.shop.groups:
            found = posed(planner, group)
            if found is None or any(release.at_risk for release in planner.releases.values()):
                continue
            schedule = completed(found.problem)
            assert schedule is not None
            assert check(found.problem, schedule) == []
            assert cost(found.problem, schedule).missed == 0
