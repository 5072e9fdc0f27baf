"""Which order lines stand otherwise, and whether that is better or worse for the customer."""

from __future__ import annotations

import pytest

from simulations.what_if.promises import line_changes
from simulations.what_if.values import Effect
from tests.simulations.what_if.states import Known, Rows, day, promise, release, state

ON_TIME = [promise("1/1", 5, 9, 9)]


def effects(before: Rows, after: Rows) -> list[tuple[str, Effect]]:
    changes = line_changes(state(promises=before), state(promises=after))
    return [(change.line, change.effect) for change in changes]


@pytest.mark.parametrize(
    "before, after, effect",
    [
        ([], ON_TIME, Effect.NEW),
        (ON_TIME, [], Effect.CANCELLED),
        (ON_TIME, [promise("1/1", 5, 9, None, "cancelled")], Effect.CANCELLED),
        (ON_TIME, [promise("1/1", 5, 9, 11)], Effect.WORSE),
        ([promise("1/1", 5, 9, 11)], ON_TIME, Effect.BETTER),
        (ON_TIME, [promise("1/1", 5, 9, None, "infeasible")], Effect.WORSE),
        (ON_TIME, [promise("1/1", 5, 9, 9, "at_risk")], Effect.WORSE),
        ([promise("1/1", 5, 9, 9, "at_risk")], ON_TIME, Effect.BETTER),
        (ON_TIME, [promise("1/1", 6, 9, 9)], Effect.CHANGED),
        (ON_TIME, [promise("1/1", 5, 8, 9)], Effect.CHANGED),
        (ON_TIME, [promise("1/1", 3, 9, 9), promise("1/1", 2, 9, 11)], Effect.WORSE),
        ([promise("1/1", 5, 9, 10)], [promise("1/1", 3, 9, 9), promise("1/1", 2, 9, 11)], Effect.MIXED),
        ([promise("1/1", 5, 9, None, "awaiting_approval")], ON_TIME, Effect.BETTER),
        (
            [promise("1/1", 5, 9, None, "awaiting_engineering")],
            [promise("1/1", 5, 9, None, "awaiting_approval")],
            Effect.OTHER,
        ),
    ],
)
def test_what_becomes_of_a_line(before: Rows, after: Rows, effect: Effect) -> None:
    assert effects(before, after) == [("t/1/1", effect)]


def test_lines_that_stand_as_before_are_not_told() -> None:
    assert effects(ON_TIME, ON_TIME) == []


def test_whether_it_comes_from_stock_and_how_the_reason_is_worded_is_no_difference() -> None:
    split = [
        promise("1/1", 2, 9, 9, classified_as="stock"),
        promise("1/1", 3, 9, 9, reason="said otherwise"),
    ]
    assert effects(ON_TIME, split) == []


def test_those_that_get_worse_come_first() -> None:
    before = [promise("1/1", 5, 9, 11), promise("2/1", 5, 9, 9), promise("3/1", 5, 9, 9)]
    after = [promise("1/1", 5, 9, 9), promise("2/1", 5, 9, 12), promise("3/1", 5, 9, 9), promise("4/1", 1, 9, 9)]
    assert effects(before, after) == [("t/2/1", Effect.WORSE), ("t/1/1", Effect.BETTER), ("t/4/1", Effect.NEW)]


def test_what_is_at_risk_arrives_when_it_is_planned_for() -> None:
    risk = [promise("1/1", 5, 9, 9, "at_risk")]
    before = state(Known(releases=[release("1/1", 10, 9)]), promises=risk)
    after = state(Known(releases=[release("1/1", 14, 9)]), promises=risk)
    (change,) = line_changes(before, after)
    assert change.effect is Effect.WORSE
    assert [part.delivery for part in (*change.before, *change.after)] == [day(10), day(14)]
    assert change.after[0].late_seconds == 5 * 86400
