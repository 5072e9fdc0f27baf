"""Schedule: what each machine does when, in a window of time, with what is frozen and what has been issued."""

from __future__ import annotations

import datetime as dt
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from agents.api.access import needs
from agents.api.context import Here, Offset
from agents.console import charts
from agents.console.frame import page
from agents.service.worklists import Worklists
from knowledge.access import Permission
from knowledge.instants import DAY, local_date, midnight

router = APIRouter(dependencies=[needs(Permission.READ)])

CENTRES = 8
"""Work centres of one page, where none is asked for."""

DRAWN = 600
"""Bars of a chart at most; a shorter window shows them all."""

LISTED = 60
DAYS = (1, 3, 7, 14, 28)

Day = Annotated[dt.date | None, Query(ge=dt.date(1971, 1, 1), le=dt.date(2199, 12, 31))]
Centre = Annotated[str, Query(max_length=200)]


@router.get("/schedule", response_class=HTMLResponse)
def schedule(
    request: Request,
    here: Here,
    start: Day = None,
    days: Annotated[int, Query(ge=1, le=28)] = 7,
    work_centre: Centre = "",
    offset: Offset = 0,
) -> HTMLResponse:
    """The operations of some work centres in a window of days."""
    with here.view() as view:
        plant = view.plant
        first = start or local_date(view.now, plant.zone)
        last = first + dt.timedelta(days=days)
        window = midnight(first, plant.zone), midnight(last, plant.zone)
        every = sorted(plant.work_centres)
        shown = [work_centre] if work_centre else every[offset : offset + CENTRES]
        found = Worklists(view.snapshot, plant, view.now, DRAWN).schedule(*window, shown, DRAWN)
        frozen = view.now + int(plant.frozen_horizon_days * DAY)
        counts = {code: plant.work_centres[code].machines for code in shown if code in plant.work_centres}
        machines = charts.machines_of(found.rows, counts)
        step = dt.timedelta(days=days)
        said = {"days": days, "work_centre": work_centre, "offset": offset}
        return page(
            request,
            "schedule.html.j2",
            view,
            rows=found.rows[:LISTED],
            drawn=len(found.rows),
            total=found.total,
            spec=charts.embedded(charts.gantt(found.rows, machines, window, view.now, frozen, plant.zone)),
            frozen=frozen if plant.frozen_horizon_days else None,
            first=first,
            last=last - dt.timedelta(days=1),
            days=days,
            choices=DAYS,
            centres=every,
            work_centre=work_centre,
            shown=shown,
            earlier=f"/schedule?{urlencode({'start': first - step, **said})}",
            later=f"/schedule?{urlencode({'start': last, **said})}",
            offset=offset,
            limit=CENTRES,
            address=f"/schedule?{urlencode({'start': first, 'days': days})}&",
        )
