"""A cutter and a welder, and three orders whose sequence decides whether the last is late."""

from __future__ import annotations

from agents.planner.state import State
from knowledge.instants import HOUR, Instant
from knowledge.plant import Plant, WorkCentre
from tests.agents.planner.plants import NOW, made, place, plant, route, state


def hour(number: int) -> Instant:
    """So many hours after every test begins."""
    return NOW + number * HOUR


def shop() -> Plant:
    """A is cut for 4 hours and welded for 4, B 1 and 4, C 4 and 2."""
    return plant(
        [made("A"), made("B"), made("C")],
        routes=[
            route("A", ("CUT", 240), ("WELD", 240)),
            route("B", ("CUT", 60), ("WELD", 240)),
            route("C", ("CUT", 240), ("WELD", 120)),
        ],
        centres=[WorkCentre("CUT"), WorkCentre("WELD")],
    )


def late_shop() -> State:
    """A and B for hour 13, then C for hour 9: which is promised a minute after hour 13."""
    planner = state(shop())
    place(planner, 1, ("A", 1, hour(13)))
    place(planner, 2, ("B", 1, hour(13)))
    place(planner, 3, ("C", 1, hour(9)))
    return planner


def group_of(planner: State, item: str) -> int:
    """The group of an item."""
    return planner.book.shop.group_of[item]


def never(order: str) -> bool:
    """Policy asks about no order."""
    return False


def plant_of_one() -> Plant:
    """One machine, on which a piece takes ten hours."""
    return plant([made("F")], routes=[route("F", ("M", 600))], centres=[WorkCentre("M")])
