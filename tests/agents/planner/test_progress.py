"""What reports make of the operations of a work order: what has begun, where, and how much of it is left."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.planner.floor import FloorReportError, apply_report
from agents.planner.state import State
from knowledge.documents import OperationReport
from knowledge.instants import iso
from knowledge.plant import Alternative, Route, Step, WorkCentre
from knowledge.supply import WorkOrder
from tests.agents.planner.plants import NOW, made, place, plant, promised, state
from tests.effort import times as random_times

_HOUR = 3600

PLANT = plant(
    [made("A")],
    routes=[
        Route(
            "A",
            "",
            (
                Step("10", (Alternative("W", Decimal(30), Decimal(60)), Alternative("V", Decimal(0), Decimal(120)))),
                Step("20", (Alternative("X", Decimal(0), Decimal(30)),)),
            ),
        )
    ],
    centres=[WorkCentre("W"), WorkCentre("V"), WorkCentre("X")],
)


def begun(*dues: float) -> State:
    """Orders for ten of A each, an hour a piece on W after half an hour of set-up, half an hour on X: all issued."""
    planner = state(PLANT)
    for number, due in enumerate(dues, 1):
        place(planner, number, ("A", 10, NOW + int(due * _HOUR)))
    planner.release_due(lambda supply: False)
    planner.begin(NOW)
    return planner


def at(hours: float) -> str:
    """So many hours after the beginning."""
    return iso(NOW + int(hours * _HOUR))


def report(planner: State, hours: float, order: int = 1, **values: object) -> None:
    """Report on an order at a time."""
    planner.begin(NOW + int(hours * _HOUR))
    apply_report(planner, OperationReport.model_validate({"work_order": f"WO-{order:06}", **values}))


def times(planner: State, order: int = 1) -> list[tuple[str, float, float]]:
    """(work centre, start, finish) of the operations of an order, in hours."""
    found = planner.find_supply(f"WO-{order:06}") or planner.closed[f"WO-{order:06}"]
    assert isinstance(found, WorkOrder)
    return [(s.work_centre, (s.start - NOW) / _HOUR, (s.finish - NOW) / _HOUR) for s in found.operations]


def test_what_was_to_happen_is_so_until_something_is_reported() -> None:
    assert times(begun(15.5)) == [("W", 0, 10.5), ("X", 10.5, 15.5)]


def test_a_step_that_began_late_takes_what_it_was_to_take_and_the_next_waits() -> None:
    planner = begun(15.5)
    report(planner, 7, step="10", started=at(6))
    assert times(planner) == [("W", 6, 16.5), ("X", 16.5, 21.5)]


def test_the_pieces_left_of_a_step_are_made_from_the_report_on_without_another_set_up() -> None:
    planner = begun(15.5)
    report(planner, 12, step="10", good="5")
    assert times(planner) == [("W", 0, 17), ("X", 17, 22)]


def test_partial_reports_add_up() -> None:
    planner = begun(15.5)
    report(planner, 4, step="10", good="3")
    report(planner, 8, step="10", good="4")
    assert times(planner)[0] == ("W", 0, 11)
    report(planner, 11, step="10", good="3")
    assert times(planner)[0] == ("W", 0, 11)


def test_a_step_that_is_ahead_moves_nothing_before_its_time() -> None:
    planner = begun(15.5)
    report(planner, 4, step="10", good="8")
    assert times(planner) == [("W", 0, 6), ("X", 10.5, 15.5)]


def test_of_the_last_step_what_is_not_on_the_shelf_is_left() -> None:
    planner = begun(15.5)
    report(planner, 10.5, step="10", complete=True)
    report(planner, 14, step="20", good="2")
    assert times(planner)[1] == ("X", 10.5, 18)
    assert planner.book.on_hand["A"] == 2


def test_a_complete_step_stands_as_it_was_worked() -> None:
    planner = begun(15.5)
    report(planner, 10, step="10", started=at(1), finished=at(9), complete=True)
    assert times(planner) == [("W", 1, 9), ("X", 10.5, 15.5)]


def test_a_finished_order_stands_as_it_was_worked() -> None:
    planner = begun(15.5)
    report(planner, 16, step="20", started=at(12), finished=at(15), complete=True)
    assert times(planner) == [("W", 0, 10.5), ("X", 12, 15)]
    assert planner.closed["WO-000001"].time == NOW + 15 * _HOUR


def test_later_steps_take_less_where_pieces_were_scrapped() -> None:
    planner = begun(15.5)
    report(planner, 10.5, step="10", good="8", scrap="2", complete=True)
    assert times(planner) == [("W", 0, 10.5), ("X", 10.5, 14.5)]


def test_work_shows_where_it_is_done_and_takes_what_it_takes_there() -> None:
    planner = begun(15.5)
    report(planner, 0, step="10", started=at(0), work_centre="V")
    assert times(planner) == [("V", 0, 20), ("X", 20, 25)]


def test_work_does_not_go_on_where_its_route_does_not_allow_it() -> None:
    with pytest.raises(FloorReportError, match="step 10 of WO-000001 cannot be done at X"):
        report(begun(15.5), 0, step="10", started=at(0), work_centre="X")
    with pytest.raises(FloorReportError, match="work centre Z is not known"):
        report(begun(15.5), 0, step="10", complete=True, work_centre="Z")


def test_an_order_reported_to_have_begun_late_begins_with_its_first_step() -> None:
    planner = begun(15.5)
    report(planner, 3, started=at(3))
    assert times(planner) == [("W", 3, 13.5), ("X", 13.5, 18.5)]


def test_a_later_step_that_was_reported_ends_the_earlier_one() -> None:
    planner = begun(15.5)
    report(planner, 9, step="20", started=at(8), good="1")
    assert times(planner) == [("W", 0, 8), ("X", 8, 13.5)]
    report(planner, 10, step="10", finished=at(9), complete=True)
    assert times(planner) == [("W", 0, 8), ("X", 8, 13.5)]


def test_a_promise_that_cannot_hold_any_more_is_given_anew() -> None:
    planner = begun(15.5)
    report(planner, 12, step="10", good="5")
    assert planner.repair([0], "WO-000001 has changed", "WO-000001") == ["t/1"]
    assert promised(planner, 1)[-1][1] == NOW + 22 * _HOUR


_HOURS = st.integers(0, 30)
_REPORTS = st.lists(
    st.fixed_dictionaries(
        {"order": st.integers(1, 3), "after": st.integers(0, 6)},
        optional={
            "step": st.sampled_from(["10", "20"]),
            "good": st.integers(0, 12).map(str),
            "scrap": st.sampled_from(["0", "1", "4"]),
            "started": _HOURS.map(at),
            "finished": _HOURS.map(lambda hours: at(hours + 30)),
            "work_centre": st.sampled_from(["W", "V", "X"]),
            "complete": st.booleans(),
        },
    ),
    max_size=8,
)


@settings(max_examples=random_times(150, 5000), deadline=None)
@given(_REPORTS)
def test_whatever_is_reported_steps_follow_each_other_and_a_machine_does_one_thing(
    reports: list[dict[str, Any]],
) -> None:
    planner, now = begun(15.5, 26, 40), 0
    for said in reports:
        now += said["after"]
        try:
            report(planner, now, said["order"], **{k: v for k, v in said.items() if k not in ("order", "after")})
        except FloorReportError:
            planner.undo()
            continue
        planner.repair([0], "reported", f"WO-{said['order']:06}")
        busy: dict[tuple[str, int], list[tuple[int, int]]] = {}
        for order in planner.book.firm_work_orders(["A"]):
            ends = [order.start, *(t for s in order.operations for t in (s.start, s.finish)), order.finish]
            assert ends == sorted(ends)
            for slot in order.operations:
                if slot.finish > planner.now and slot.minutes:
                    busy.setdefault((slot.work_centre, slot.machine), []).append(
                        (max(slot.start, planner.now), slot.finish)
                    )
        for stretches in busy.values():
            assert all(end <= begin for (_, end), (begin, _) in pairwise(sorted(stretches)))
