"""What a run is measured by: customers count days, in the plant's time zone."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from knowledge.instants import DAY, HOUR, Instant, from_datetime
from simulations.world.measures import Gauge, measures_of
from simulations.world.orders import Line, Order

ZONE = ZoneInfo("Europe/Berlin")


def _at(day: int, hour: int = 0) -> Instant:
    return from_datetime(dt.datetime(2026, 3, day, hour, tzinfo=ZONE))


def _order(wanted: Instant, promised: Instant, came: Instant | None) -> Order:
    line = Line("A", 5, 1.0, delivered=0 if came is None else 5, at=came)
    return Order("t/1", "t", "1", "C", _at(1), wanted, {"1": line}, promised_first=promised)


def _measured(order: Order, now: Instant) -> dict[str, float | None]:
    return measures_of(Gauge(_at(1), _at(1)), [order], now, ZONE)


@pytest.mark.parametrize(
    ("came", "kept", "days"),
    [(_at(10, 23), 1.0, 0.0), (_at(11), 1.0, 0.0), (_at(11, 6), 0.0, 0.25), (None, 0.0, 9.0)],
)
def test_a_promise_is_kept_on_the_day_that_was_promised(came: Instant | None, kept: float, days: float) -> None:
    found = _measured(_order(_at(11), _at(10, 9), came), _at(20))
    assert (found["promises_kept"], found["promise_error_days"]) == (kept, days)


def test_a_promise_for_a_midnight_is_one_for_the_day_that_it_ends() -> None:
    assert _measured(_order(_at(11), _at(11), _at(11, 1)), _at(20))["promises_kept"] == 0


def test_a_promise_whose_day_is_not_over_does_not_count_yet() -> None:
    assert _measured(_order(_at(11), _at(10, 9), _at(10, 10)), _at(10, 12))["promises_kept"] is None


def test_what_has_not_come_when_its_time_is_over_is_not_on_time_at_that_very_moment_either() -> None:
    found = _measured(_order(_at(11), _at(11), None), _at(11))
    assert (found["on_time_in_full"], found["promises_kept"]) == (0, 0)
    assert found["tardiness_days"] == 0
    assert _measured(_order(_at(11), _at(11), _at(11) - HOUR), _at(11))["on_time_in_full"] == 1
    assert _measured(_order(_at(11), _at(11), _at(11) + DAY), _at(13))["tardiness_days"] == 1


def _given_up(cancelled: Instant, promised: Instant) -> dict[str, float | None]:
    order = _order(_at(11), promised, None)
    order.cancelled = cancelled
    return _measured(order, _at(20))


def test_what_is_given_up_after_its_time_was_late_until_then() -> None:
    found = _given_up(_at(16), promised=_at(13, 9))
    assert (found["orders_due"], found["on_time_in_full"], found["tardiness_days"]) == (1, 0, 5)
    assert (found["promises_kept"], found["promise_error_days"]) == (0, 2)


def test_what_is_given_up_before_its_time_counts_nowhere() -> None:
    found = _given_up(_at(10), promised=_at(9, 9))
    assert (found["orders_due"], found["on_time_in_full"], found["promises_kept"]) == (0, None, None)


def test_a_promise_for_later_than_the_customer_waits_is_neither_kept_nor_broken() -> None:
    assert _given_up(_at(16), promised=_at(18))["promises_kept"] is None
