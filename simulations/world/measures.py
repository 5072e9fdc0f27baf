"""What a run is measured by. Every measure is defined in docs/laboratory.md; a missing one is None."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from knowledge.instants import DAY, Instant, end_of_day
from simulations.world.orders import Order

Measures = dict[str, float | None]
Daily = dict[str, float]

_SUMS = (
    "moved_promises",
    "moved_starts",
    "work_orders",
    "decisions",
    "messages",
    "documents",
    "quarantined",
    "purchase_cost",
    "purchase_orders",
    "delivered_cost",
    "busy_hours",
    "open_hours",
)
"""What is counted from the beginning on; a measure is the difference between the end and the end of the warm-up."""

_LEVELS = ("inventory_value", "work_in_process_value", "work_in_process_orders", "open_orders", "late_orders")
"""What is looked at at the end of each day; a measure is the mean over the days after the warm-up."""


@dataclass(slots=True)
class Gauge:
    """What is noted at the end of each day: sums so far, and levels."""

    begin: Instant
    warm_up: Instant
    """When the warm-up is over."""
    days: list[Daily] = field(default_factory=list)
    at_warm_up: dict[str, float] = field(default_factory=lambda: dict.fromkeys(_SUMS, 0.0))
    last: dict[str, float] = field(default_factory=lambda: dict.fromkeys(_SUMS, 0.0))

    def note(self, now: Instant, sums: dict[str, float], levels: dict[str, float]) -> None:
        """A day is over."""
        before, self.last = self.last, sums
        if now <= self.warm_up:
            self.at_warm_up = sums
        gone = {name: round(sums[name] - before[name], 6) for name in _SUMS}
        self.days.append({"day": (now - self.begin) // DAY, **levels, **gone})

    def sums(self) -> dict[str, float]:
        """What came together after the warm-up."""
        return {name: self.last[name] - self.at_warm_up[name] for name in _SUMS}

    def levels(self) -> dict[str, float | None]:
        """Means over the days after the warm-up."""
        counted = [day for day in self.days if self.begin + day["day"] * DAY > self.warm_up]
        return {name: _mean(day[name] for day in counted) for name in _LEVELS}


def measures_of(gauge: Gauge, orders: Iterable[Order], now: Instant, zone: dt.tzinfo) -> Measures:
    """The measures of a run that ends now. What is promised is promised for a day of the zone."""
    received = [order for order in orders if order.received >= gauge.warm_up]
    sums, levels = gauge.sums(), gauge.levels()
    days = max(0.0, (now - gauge.warm_up) / DAY)
    inventory = levels["inventory_value"]
    measures: Measures = {
        "orders": float(len(received)),
        "orders_cancelled": float(sum(order.cancelled is not None for order in received)),
        **dict(_service(received, now, zone)),
        **levels,
        "inventory_turns": _ratio(sums["delivered_cost"] * 365, (inventory or 0.0) * days),
        "utilisation": _ratio(sums["busy_hours"], sums["open_hours"]),
        "purchase_cost": sums["purchase_cost"],
        "purchase_orders": sums["purchase_orders"],
        "moved_promises_per_order": _ratio(sums["moved_promises"], len(received)),
        "moved_starts_per_work_order": _ratio(sums["moved_starts"], sums["work_orders"]),
        "decisions_per_100_orders": _ratio(100 * sums["decisions"], len(received)),
        "messages_per_order": _ratio(sums["messages"], len(received)),
        "documents_per_order": _ratio(sums["documents"], len(received)),
        "quarantined": sums["quarantined"],
    }
    return {name: None if value is None else round(value, 6) for name, value in measures.items()}


def _service(received: list[Order], now: Instant, zone: dt.tzinfo) -> Iterator[tuple[str, float | None]]:
    """What customers notice, over orders received after the warm-up that were to be delivered by now."""
    wanted = [o for o in received if o.requested <= now and o.wanted_at(o.requested)]
    late = [order.days_late(now) for order in wanted]
    weights = [order.weight for order in wanted]
    yield "orders_due", float(len(wanted))
    yield "on_time_in_full", _mean(float(order.came_by(order.requested)) for order in wanted)
    yield "tardiness_days", _mean(late)
    weighted = sum(days * weight for days, weight in zip(late, weights, strict=True))
    yield "tardiness_weighted_days", _ratio(weighted, sum(weights))
    done = [o for o in received if o.cancelled is None and o.completed is not None and o.completed <= now]
    yield "orders_delivered", float(len(done))
    yield "lead_time_days", _mean(((o.completed or 0) - o.received) / DAY for o in done)
    promised = [o for o in received if o.promised_first is not None and o.wanted_at(o.requested)]
    yield "promise_lead_days", _mean(((o.promised_first or 0) - o.received) / DAY for o in promised)
    yield "promise_delay_days", _mean(max(0, (o.promised_first or 0) - o.requested) / DAY for o in promised)
    ends = ((order, end_of_day(order.promised_first or 0, zone)) for order in promised)
    due = [(order, end) for order, end in ends if end <= now and order.wanted_at(end)]
    yield "promises_kept", _mean(float(order.came_by(end)) for order, end in due)
    yield "promise_error_days", _mean(order.days_after(end, now) for order, end in due)
    yield "lateness_cost", sum(order.penalty(now) for order in received)
    yield "delivered_value", sum(line.price * line.delivered for order in received for line in order.lines.values())


def _mean(values: Iterable[float]) -> float | None:
    found = list(values)
    return sum(found) / len(found) if found else None


def _ratio(part: float, whole: float) -> float | None:
    return part / whole if whole else None
