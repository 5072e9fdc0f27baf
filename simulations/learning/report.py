"""What was learned from a log in words: what was dropped, what was decided and why, and how far it can be trusted."""

from __future__ import annotations

from collections.abc import Iterator

from simulations.learning.learned import Learned
from simulations.learning.routes import Frequency, LearnedRoute

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def written(learned: Learned) -> str:
    """The report as a page (Markdown)."""
    parts = [f"# What {learned.log.name} teaches", "", *_lines("", said(learned))]
    parts += _lines("## What was dropped, and what was decided", decided(learned))
    parts += _lines("## Work centres", _centres(learned))
    parts += _lines("## Calendars", _calendars(learned))
    parts += _lines("## Routes", _routes(learned))
    return "\n".join(parts).rstrip() + "\n"


def said(learned: Learned) -> Iterator[str]:
    """The whole in a few sentences."""
    log = learned.log
    yield (
        f"{len(log.reports)} of {log.rows} reports: {_count(len(learned.cases), 'work order')} for "
        f"{_count(len(learned.routes), 'item')} on {_count(len(learned.centres), 'work centre')}"
    )
    took, in_route, standard = learned.hours()
    yield f"{took} hours of work; {in_route} of them are in steps of the routes, for which the standards say {standard}"


def decided(learned: Learned) -> Iterator[str]:
    """What was left out, and what was decided, with the reason."""
    yield from learned.log.said()
    yield from learned.log.notes
    merged: dict[str, list[str]] = {}
    for activity, step in learned.steps.items():
        if activity != step:
            merged.setdefault(step, []).append(activity)
    for step, activities in sorted(merged.items()):
        yield f"step '{step}' is what the log calls {', '.join(activities)}: the rest names the machine"
    early, following = learned.overlapping()
    if early:
        yield (
            f"{early} of {following} steps began before the step before them was over; plans have them one after the "
            "other, and are slower there"
        )
    if days := learned.days_in_work():
        yield (
            f"work is released up to {_count(days, 'day')} before it has to begin: nine of ten work orders took no "
            "longer from their first work to their last"
        )
    yield "what materials an item needs, and why a machine stood idle in open time, is not in a log: neither is planned"


def _centres(learned: Learned) -> Iterator[str]:
    for each in learned.centres:
        if each.named:
            how = "as named in the log"
        elif each.at_once > each.machines:
            how = f"its reports overlap up to {each.at_once} times, more than {each.machines} only seldom"
        else:
            how = f"the most at once in its reports is {each.at_once}"
        calendar = learned.calendars.of_centre.get(each.code) or "always open"
        outside = learned.calendars.percent_outside.get(each.code, 0)
        machines = _count(each.machines, "machine")
        down = f"; down {_count(len(each.breakdowns), 'time')}" if each.breakdowns else ""
        more = f", which leaves out {outside} % of its work" if outside else ""
        yield f"{each.code}: {machines} ({how}); {each.busy // 3600} h busy; calendar {calendar}{more}{down}"


def _calendars(learned: Learned) -> Iterator[str]:
    for name, calendar in learned.calendars.calendars.items():
        shifts = ", ".join(
            f"{DAYS[shift.weekday - 1]} {shift.start // 60:02}–{shift.end // 60:02}" for shift in calendar.shifts
        )
        closed = f"; closed on {', '.join(map(str, sorted(calendar.holidays)))}" if calendar.holidays else ""
        yield f"{name}: {shifts}{closed}"


def _routes(learned: Learned) -> Iterator[str]:
    centres: dict[tuple[str, str], list[str]] = {}
    for standard in learned.standards:
        told = f"{standard.centre} {standard.setup.normalize():f} + {standard.run.normalize():f} a unit"
        centres.setdefault((standard.item, standard.step), []).append(f"{told} ({standard.fit})")
    for route in learned.routes:
        yield _route(route)
        for step in route.steps:
            yield f"  - {step.step}: {' or '.join(centres[route.item, step.step])}"


def _route(route: LearnedRoute) -> str:
    steps = " → ".join(map(_frequency, route.steps))
    seldom = ", ".join(_frequency(step) for step in route.optional if step.taken)
    orders = _count(route.orders, "work order")
    cut = f", {route.whole} counted, for the rest may be cut off" if route.whole < route.orders else ""
    return f"{route.item} ({orders}{cut}): {steps}" + (f"; left out, as seldom: {seldom}" if seldom else "")


def _frequency(step: Frequency) -> str:
    again = f", reworked {step.reworked}" if step.reworked else ""
    return f"{step.step} {step.taken}/{step.orders}{again}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _lines(head: str, lines: Iterator[str]) -> list[str]:
    told = [line if line.startswith("  - ") else f"- {line}" for line in lines]
    return ([head, ""] if head else []) + [*told, ""] if told else []
