"""Which pages there are, in the order in which the navigation shows them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from knowledge.access import Permission


@dataclass(frozen=True, slots=True)
class Place:
    """A page that can be gone to, by who has the permission that it needs."""

    title: str
    path: str
    needs: Permission = Permission.READ


Groups = tuple[tuple[str, tuple[Place, ...]], ...]

NAVIGATION: Groups = (
    ("Decide", (Place("Today", "/"), Place("Approvals", "/approvals"))),
    ("Sell", (Place("Orders", "/orders"), Place("New order", "/new-order", Permission.ENTER_ORDERS))),
    (
        "Plan",
        (
            Place("Engineering desk", "/engineering"),
            Place("Availability", "/availability"),
            Place("Schedule", "/schedule"),
            Place("Purchasing", "/purchasing"),
        ),
    ),
    ("Make and move", (Place("Floor", "/floor"), Place("Receiving", "/receiving"), Place("Shipping", "/shipping"))),
    ("Know", (Place("Knowledge", "/knowledge"),)),
    (
        "Run",
        (
            Place("Society", "/society"),
            Place("Quarantine", "/quarantine"),
            Place("People", "/people", Permission.OPERATE),
            Place("Audit log", "/audit-log", Permission.READ_AUDIT_LOG),
        ),
    ),
)
"""Groups of places."""


def navigation_for(may: Callable[[Permission], bool]) -> Groups:
    """The places that somebody may go to."""
    groups = ((title, tuple(place for place in places if may(place.needs))) for title, places in NAVIGATION)
    return tuple((title, places) for title, places in groups if places)


def is_current(place: Place, path: str) -> bool:
    """Whether a path is of a place, or of something in it."""
    return path == place.path or (place.path != "/" and path.startswith(f"{place.path}/"))
