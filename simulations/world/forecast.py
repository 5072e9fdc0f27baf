"""What a firm expects its customers to order: the mean of each stream, as its scenario says."""

from __future__ import annotations

from simulations.world.reading import Setting


def expected_demand(setting: Setting) -> dict[str, float]:
    """Whole units of each item on a mean day of the calendar; custom items are not among them."""
    found: dict[str, float] = {}
    for stream in setting.scenario.customers.values():
        rate = (stream.walk.low + stream.walk.high) / 2 if stream.walk else stream.rate
        orders = rate * stream.share * sum(stream.weekdays) / 7 * sum(stream.months) / 12
        pieces = orders * max(1.0, stream.lines.mean_value) * max(1.0, stream.quantity.mean_value)
        total = sum(stream.items.values())
        for item, weight in stream.items.items():
            share = (1 - stream.custom_share) * weight / total if total else 0.0
            found[item] = found.get(item, 0.0) + pieces * share
    return found
