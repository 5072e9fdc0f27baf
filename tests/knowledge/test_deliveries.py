"""How punctual suppliers are."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

from knowledge.deliveries import Delivery, OnTime, records_of
from knowledge.instants import DAY, HOUR, UTC

MONDAY = 19_000 * DAY
ASKED = Delivery("PO-1", 1, "S", "R", MONDAY)


def record(*deliveries: Delivery) -> OnTime:
    """The record of the supplier S."""
    return records_of(deliveries, UTC)["S"]


def came(days: int, confirmed: int | None = None) -> Delivery:
    """What was asked for Monday came at noon so many days later, confirmed for so many days after Monday."""
    kept = None if confirmed is None else MONDAY + confirmed * DAY
    return replace(ASKED, came=MONDAY + days * DAY + 12 * HOUR, confirmed=kept)


def test_what_comes_during_the_day_that_was_named_is_on_time() -> None:
    assert record(came(0), came(-3)) == OnTime(came=2)


def test_lateness_counts_in_days_against_what_was_asked_and_what_was_confirmed() -> None:
    assert record(came(4, confirmed=3), came(1)) == OnTime(2, late=2, days_late=5, confirmed=1, broken=1, days_broken=1)


def test_what_has_not_come_does_not_count_yet() -> None:
    assert record(ASKED) == OnTime()
    assert OnTime().said() == "no deliveries yet"


def test_a_day_is_a_day_of_the_plant() -> None:
    late_evening = replace(ASKED, came=MONDAY + 23 * HOUR)
    assert records_of([late_evening], ZoneInfo("Europe/Berlin"))["S"].late == 1


def test_a_record_is_said_with_how_late_the_late_were() -> None:
    assert record(came(0)).said() == "1 of 1 as asked"
    told = record(came(4, confirmed=4), came(1), came(0)).said()
    assert told == "1 of 3 as asked, the late by 2.5 days, 1 of 1 as confirmed"
