"""Times. Inside, an instant is an integer: seconds since 1970-01-01T00:00:00Z. At the edges it is ISO 8601.

Intervals are half open. A date without a time stands for a midnight in the plant's zone: the one that
ends the day where a delivery is requested, the one that begins it everywhere else.
"""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import TypeAlias
from zoneinfo import ZoneInfo

Instant: TypeAlias = int

MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR

UTC = dt.UTC


def from_datetime(moment: dt.datetime) -> Instant:
    """The instant of an aware datetime, fractions of a second cut off."""
    if moment.tzinfo is None:
        raise ValueError("a time without an offset")
    return int(moment.timestamp() // 1)


def to_datetime(instant: Instant, zone: dt.tzinfo = UTC) -> dt.datetime:
    """The aware datetime of an instant in a zone."""
    return dt.datetime.fromtimestamp(instant, tz=zone)


def iso(instant: Instant, zone: dt.tzinfo = UTC) -> str:
    """ISO 8601 with offset, as every table writes it."""
    return to_datetime(instant, zone).isoformat()


@lru_cache(maxsize=16_384)
def midnight(day: dt.date, zone: dt.tzinfo) -> Instant:
    """The midnight that begins a day in a zone."""
    return int(dt.datetime.combine(day, dt.time(), tzinfo=zone).timestamp())


def end_of_day(instant: Instant, zone: dt.tzinfo) -> Instant:
    """The midnight that ends the day of an instant; a midnight itself ends the day before it."""
    return midnight(to_datetime(instant - 1, zone).date() + dt.timedelta(days=1), zone)


@lru_cache(maxsize=16_384)
def local_date(instant: Instant, zone: dt.tzinfo) -> dt.date:
    """The day of an instant in a zone."""
    return to_datetime(instant, zone).date()


def parse(text: str, zone: dt.tzinfo = UTC, *, ends_day: bool = False) -> Instant:
    """Read an ISO 8601 date or time; a time without an offset is in `zone`.

    `ends_day` says that a bare date means the midnight that ends it. Raises ValueError.
    """
    text = text.strip()
    day = _bare_date(text)
    try:
        if day is not None:
            return midnight(day + dt.timedelta(days=1) if ends_day else day, zone)
        moment = dt.datetime.fromisoformat(text)
        return from_datetime(moment if moment.tzinfo else moment.replace(tzinfo=zone))
    except OverflowError as error:
        raise ValueError(f"{text!r} is too far from today") from error


def _bare_date(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def zone_named(name: str) -> ZoneInfo:
    """The zone of an IANA name. Raises ValueError."""
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError) as error:
        raise ValueError(f"unknown time zone {name!r}") from error
