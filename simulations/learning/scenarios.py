"""Scenarios of the laboratory made of a log: one that goes on like it by chance, and one that replays its work orders.

In the replay each work order is an item of its own, whose route is what it really went through, with the minutes that
it really took, at the machines that really did it: what differs is only when what is done.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from knowledge.instants import DAY, HOUR, Instant, local_date, to_datetime
from simulations.learning.fitting import quantile
from simulations.learning.learned import Learned
from simulations.learning.machines import LearnedCentre
from simulations.learning.standards import Standard
from simulations.learning.tables import CUSTOMER, number, orders_of, quantity_of, table
from simulations.learning.work import Case

REPLAY = "learned/replay"
STANDARDS = "standards.csv"
"""The routes of a replay by standard times: what the planner may be told instead of the truth."""

_MOST_VALUES = 40
"""An empirical distribution of more values is cut to so many, spread evenly."""


def scenario_texts(learned: Learned, knowledge: Mapping[str, str]) -> dict[str, str]:
    """The files of both, by their places within the folder that is written; `knowledge` are those of its plant."""
    cases = [case for case in learned.cases if any(work.seconds for work in case.work)]
    begin = min(case.begin for case in learned.cases)
    end = max(case.end for case in learned.cases)
    first = local_date(begin, learned.log.zone)
    days = (local_date(end, learned.log.zone) - first).days + 1
    orders = "".join(f"{json.dumps(order, ensure_ascii=False)}\n" for order in _replayed(learned, cases))
    head = f'title = "The work orders of {learned.log.name}, replayed"\nplant = "plant"\ndocuments = "orders.jsonl"\n'
    rest = f"start = {first}\ndays = {2 * days}\nwarm_up_days = 0\nlisten_minutes = 5\n"
    found = {
        "learned/scenario/scenario.toml": _scenario(learned, first, days),
        f"{REPLAY}/scenario.toml": head + rest,
        f"{REPLAY}/orders.jsonl": orders,
        f"{REPLAY}/{STANDARDS}": _routes(cases, learned.standards),
    }
    plant = {name: text for name, text in knowledge.items() if name not in ("items.csv", "routes.csv")}
    plant["items.csv"] = table(("item", "decimals", "unit_cost"), ((c.case, _decimals(c), 1) for c in cases))
    plant["routes.csv"] = _routes(cases, ())
    return found | {f"{REPLAY}/plant/{name}": text for name, text in plant.items()}


def _decimals(case: Case) -> int:
    exponent = quantity_of(case).normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


# -- the replay


def _replayed(learned: Learned, cases: Sequence[Case]) -> Iterable[dict[str, object]]:
    """Each work order as an order for itself, wanted as soon as it can be."""
    for order in orders_of(learned, cases):
        line = {**order["lines"][0], "item": order["number"], "requested": None}
        yield {**order, "customer": CUSTOMER, "lines": [line]}


def _routes(cases: Sequence[Case], standards: Sequence[Standard]) -> str:
    """What each work order went through, in the order in which it was begun: as it was, or by standards where given."""
    known = {(each.item, each.step, each.centre): each for each in standards}
    rows = []
    for case in cases:
        for place, work in enumerate(sorted(case.work, key=lambda w: (w.begin, w.step, w.centre)), 1):
            minutes = Fraction(work.seconds + work.rework, 60)
            standard = known.get((case.item, work.step, work.centre))
            if standard is not None and work.seconds:
                minutes = standard.minutes(Fraction(work.good or case.quantity or 1))
            if minutes:
                rows.append((case.case, place, work.centre, number(minutes)))
    return table(("item", "step", "work_centre", "setup_minutes"), rows)


# -- the scenario


def _scenario(learned: Learned, first: dt.date, days: int) -> str:
    """Orders as often, for as much and as soon wanted as in the log, and work that spreads as it did."""
    lines = [
        f"title = {json.dumps(f'A shop learned from {learned.log.name}')}",
        'about = """',
        "Orders come as often, for as much, and are wanted as soon as in the log; work takes what it took, drawn for",
        "each operation. Prices are not in a log: each unit is worth 1.",
        '"""',
        'plant = "../.."',
        f"start = {first}",
        f"days = {days}",
        "warm_up_days = 14",
        "",
        *_streams(learned, first, days),
        "[floor]",
        "",
    ]
    for centre in learned.centres:
        lines += _floor(learned, centre, days)
    return "\n".join(lines).rstrip() + "\n"


def _streams(learned: Learned, first: dt.date, days: int) -> Iterable[str]:
    zone = learned.log.zone
    received = {case.case: min(case.begin, case.received or case.begin) for case in learned.cases}
    by_weekday = [0] * 7
    hours = []
    for time in received.values():
        moment = to_datetime(time, zone)
        by_weekday[moment.weekday()] += 1
        hours.append(moment.hour)
    mean = Fraction(sum(by_weekday), sum(1 for count in by_weekday if count))
    weights = [round(float(count / mean), 3) for count in by_weekday]
    usual = sum(weights[(first + dt.timedelta(days=n)).weekday()] for n in range(days))
    window = [quantile(hours, 5), quantile(hours, 95) + 1]
    for route in learned.routes:
        cases = [case for case in learned.cases if case.item == route.item]
        quantities = [Fraction(max(1, round(quantity_of(case)))) for case in cases]
        yield f"[customers.{json.dumps(route.item, ensure_ascii=False)}]"
        yield 'customers = ["shop"]'
        yield f"rate = {len(cases) / usual:.5f}"
        yield f"weekdays = {weights}"
        yield f"hours = [{int(window[0])}, {min(24, int(window[1]))}]"
        yield f"items = {{ {json.dumps(route.item, ensure_ascii=False)} = 1 }}"
        yield f"quantity = {_empirical(quantities)}"
        yield f"lead_days = {_empirical([_lead(case, received[case.case]) for case in cases])}"
        yield ""


def _lead(case: Case, received: Instant) -> Fraction:
    """In how many days a work order was wanted, or else was there."""
    return Fraction(max(1, -(-((case.due or case.end) - received) // DAY)))


def _floor(learned: Learned, centre: LearnedCentre, days: int) -> list[str]:
    ratios = [
        seen.minutes / standard.minutes(seen.quantity)
        for standard in learned.standards
        if standard.centre == centre.code
        for seen in standard.seen
        if standard.minutes(seen.quantity)
    ]
    work = [work for case in learned.cases for work in case.work if work.centre == centre.code]
    reworked = [Fraction(each.rework, each.seconds) for each in work if each.rework and each.seconds]
    lines = []
    if ratios:
        lines.append(f"time_factor = {_empirical(ratios)}")
    if reworked:
        chance = round(len(reworked) / len(work), 4)
        lines.append(f"rework = {{ chance = {chance}, share = {_empirical(reworked)} }}")
    if len(centre.breakdowns) >= 2:
        between = round(days * 24 / len(centre.breakdowns), 1)
        down = _empirical([Fraction(seconds, HOUR) for seconds in centre.breakdowns])
        times = f'hours_between = {{ kind = "exponential", mean = {between} }}, hours_down = {down}'
        lines.append(f"breakdowns = {{ {times} }}")
    return [f"[floor.each.{json.dumps(centre.code, ensure_ascii=False)}]", *lines, ""] if lines else []


def _empirical(values: Sequence[Fraction]) -> str:
    ordered = sorted(values)
    count = len(ordered)
    if count > _MOST_VALUES:
        ordered = [ordered[(2 * n + 1) * count // (2 * _MOST_VALUES)] for n in range(_MOST_VALUES)]
    if len(set(ordered)) == 1:
        return number(ordered[0])
    return f'{{ kind = "empirical", values = [{", ".join(map(number, ordered))}] }}'
