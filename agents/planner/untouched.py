"""Deciding on the planner's own state and leaving it exactly as it was, whatever was decided.

Undoing a refused decision leaves traces that no later decision depends on: the order of keys in a dictionary, an
entry of a heap that is looked at in vain. Here not even these are left. What is large is not copied: dictionaries that
go through the journal are put back by it, with the order of their keys, and live plans by their logs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from agents.planner.book import Book, Journal
from agents.planner.live import Live
from agents.planner.state import State
from knowledge.instants import Instant


@contextmanager
def untouched(state: State, now: Instant, learn: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Whatever is decided inside, at a time, is taken back in the end. `learn` is done first.

    Nothing may be under way. What is learned may replace the book, and prices of the plant's shop.
    """
    book, shop_plant = state.book, state.book.shop.plant
    kept: list[tuple[State | Book, str, Any]] = [(state, name, getattr(state, name)) for name in _KEPT]
    kept += [(book, name, getattr(book, name)) for name in ("journal", "now", *_COPIED_OF_BOOK)]
    lives = _Lives(state.lives)
    try:
        _copy(state, book)
        state.lives = lives
        state.book.now = state.now = max(now, state.now)
        learn()
        state.book.journal = journal = _Exact()
        try:
            yield
        finally:
            journal.undo()
            journal.put_in_order()
    finally:
        lives.back()
        for where, name, value in kept:
            setattr(where, name, value)
        book.shop.plant = shop_plant


_KEPT = (
    *("plant", "now", "book", "plans", "lives", "in_use", "unseen", "failed", "checked", "planned", "counters"),
    *("suppliers", "moved", "due", "departures", "looked", "bought", "advised", "_overdue", "_needed_for"),
)
"""What of the state is set anew, or copied."""

_COPIED_OF_BOOK = (
    *("firm", "commitments", "demands", "versions", "changed", "planned", "others", "fragile"),
    *("custom", "customers", "reserving", "marked", "standing", "stirred"),
)


def _copy(state: State, book: Book) -> None:
    """Go on with copies of what does not go through the journal; dictionaries in them do."""
    for name in ("plans", "unseen", "failed", "checked", "suppliers", "advised", "_needed_for"):
        setattr(state, name, getattr(state, name).copy())
    state.in_use, state.moved, state.bought = {}, {}, {}
    state.counters = replace(state.counters)
    state.due = replace(state.due, heap=state.due.heap.copy(), stuck=state.due.stuck.copy())
    state.departures = replace(state.departures, heap=state.departures.heap.copy())
    for name in _COPIED_OF_BOOK:
        setattr(book, name, getattr(book, name).copy())
    book.changed = {group: (keys.copy(), items.copy()) for group, (keys, items) in book.changed.items()}
    state.planned = book.planned


class _Exact(Journal):
    """Puts back the order of keys, too, of which it only has to take care where one is taken out.

    What is tried meanwhile, and undone by itself, may leave them in another order until then.
    """

    def __init__(self) -> None:
        super().__init__()
        self._orders: dict[int, tuple[dict[Any, Any], list[Any]]] = {}

    def drop(self, where: dict[Any, Any], key: Any) -> None:
        """Remove a key, if it is there."""
        if key in where and id(where) not in self._orders:
            self._orders[id(where)] = where, list(where)
        super().drop(where, key)

    def put_in_order(self) -> None:
        """Put keys back into the order in which they were before the first was taken out."""
        for where, keys in self._orders.values():
            ordered = [(key, dict.__getitem__(where, key)) for key in keys if key in where]  # as it lies there
            where.clear()
            where.update(ordered)
        self._orders.clear()


class _Lives(dict[int, Live]):
    """Live plans, each of which can be put back as it was when it was first looked at."""

    def __init__(self, lives: dict[int, Live]) -> None:
        super().__init__(lives)
        self._points: dict[int, tuple[Live, int, dict[str, Any], dict[str, Any]]] = {}

    def get(self, group: int, default: Any = None) -> Any:
        """The live plan of a group."""
        live = super().get(group, default)
        if live is not None and group not in self._points:
            mark = live.savepoint()
            self._points[group] = live, mark, _attributes(live), _attributes(live.placing)
        return live

    def back(self) -> None:
        """Put all that were looked at back."""
        for live, mark, attributes, placing in self._points.values():
            live.back(mark)
            vars(live).update(attributes)
            vars(live.placing).update(placing)


def _attributes(thing: Any) -> dict[str, Any]:
    """The attributes of an object; lists are copied, for only what the log knows of is put back in them."""
    return {name: value.copy() if isinstance(value, list) else value for name, value in vars(thing).items()}
