"""What a plan is made from: the weeks of a plant."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from agents.planner.book import Shop
from knowledge.instants import DAY, local_date, midnight, zone_named
from tests.agents.planner.plants import bought, plant

ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "America/Havana", "Asia/Beirut"])


@given(ZONES, st.lists(st.integers(0, 3_000_000_000), min_size=1))
def test_a_week_begins_on_monday_at_midnight_wherever_the_plant_is(zone: str, instants: list[int]) -> None:
    shop = Shop(replace(plant([bought("R")]), zone=zone_named(zone)), 0)
    for instant in instants:
        monday, begin = shop.week(instant)
        assert monday.weekday() == 0
        assert 0 <= (local_date(instant, shop.plant.zone) - monday).days < 7
        assert begin == midnight(monday, shop.plant.zone) <= instant < begin + 8 * DAY
        assert shop.week(begin - 60)[0] < monday
