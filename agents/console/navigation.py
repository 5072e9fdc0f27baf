"""Which pages there are, in the order in which the navigation shows them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """A page that can be gone to."""

    title: str
    path: str


NAVIGATION: tuple[tuple[str, tuple[Place, ...]], ...] = (
    ("Decide", (Place("Today", "/"), Place("Approvals", "/approvals"))),
    ("Sell", (Place("Orders", "/orders"), Place("New order", "/new-order"))),
    ("Run", (Place("Society", "/society"),)),
)
"""Groups of places."""


def is_current(place: Place, path: str) -> bool:
    """Whether a path is of a place, or of something in it."""
    return path == place.path or (place.path != "/" and path.startswith(f"{place.path}/"))
