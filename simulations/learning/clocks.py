"""Times and lengths of time as logs write them: every usual form, and those of a mapping."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from decimal import Decimal

from agents.sources.sheets import Value
from knowledge.instants import Instant, from_datetime
from simulations.learning.mapping import LogError, LogMapping

_SECONDS = {"seconds": 1, "minutes": 60, "hours": 3600}
_CLOCK = re.compile(r"(\d{1,4}):(\d{2})(?::(\d{2}))?")
_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_DAYS = ("%d.%m.%Y", "%d-%m-%Y", "%Y/%m/%d", "%Y.%m.%d")
_TIMES = (" %H:%M", " %H:%M:%S", " %H:%M:%S.%f", "")


class Clock:
    """Reads the times of one log. Whether 3/4/2012 is in March or in April is found out from the whole column."""

    def __init__(self, mapping: LogMapping, texts: Iterable[str]) -> None:
        self._zone = mapping.zone
        self._unit = _SECONDS[mapping.duration]
        days = (*_DAYS, *_slashed(texts, bool(mapping.date_format)))
        self._forms = [*mapping.date_format, *(day + time for day in days for time in _TIMES)]

    def instant(self, value: Value) -> tuple[Instant, bool] | None:
        """A time, and whether it has a time of day; None where it is none."""
        if isinstance(value, dt.datetime):
            return self._aware(value), True
        if isinstance(value, dt.date):
            return self._aware(dt.datetime.combine(value, dt.time())), False
        text = str(value).strip()
        for place, form in enumerate(self._forms):
            try:
                moment = dt.datetime.strptime(text, form)  # noqa: DTZ007 -- the log's zone is given to it
            except ValueError:
                continue
            self._forms.insert(0, self._forms.pop(place))  # the next is likely to be written in the same way
            return self._aware(moment), "%H" in form
        try:
            return self._aware(dt.datetime.fromisoformat(text)), len(text) > 10
        except ValueError:
            return None

    def seconds(self, value: Value) -> int | None:
        """A length of time: a number, or hours and minutes with a colon; None where it is none."""
        if isinstance(value, dt.timedelta):
            return int(value.total_seconds())
        if isinstance(value, dt.time):
            return value.hour * 3600 + value.minute * 60 + value.second
        if isinstance(value, Decimal):
            return round(value * self._unit)
        match = _CLOCK.fullmatch(str(value).strip())
        return int(match[1]) * 3600 + int(match[2]) * 60 + int(match[3] or 0) if match else None

    def _aware(self, moment: dt.datetime) -> Instant:
        return from_datetime(moment if moment.tzinfo else moment.replace(tzinfo=self._zone))


def _slashed(texts: Iterable[str], is_said: bool) -> tuple[str, ...]:
    """The forms of dates with slashes: which of day and month comes first, some day after the twelfth tells."""
    days = months = seen = False
    for text in texts:
        match = _SLASHED.match(text.strip())
        if match:
            seen = True
            days, months = days or int(match[1]) > 12, months or int(match[2]) > 12
    if days and not months:
        return ("%d/%m/%Y",)
    if months and not days:
        return ("%m/%d/%Y",)
    if seen and not is_said:
        why = "both orders are there" if days else "no day after the twelfth tells"
        raise LogError(
            f"whether dates with slashes begin with the day or the month cannot be told ({why}): say it with "
            "date_format in a mapping, such as %d/%m/%Y %H:%M"
        )
    return ()
