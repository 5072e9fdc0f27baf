"""The planner's state, and what a decision changed of it, as values to validate."""

from __future__ import annotations

from agents.planner.core import Core
from agents.planner.delta import Delta
from agents.planner.validator.values import Change, Whole, is_open


def whole_of(state: Core) -> Whole:
    """The whole plan as the planner has it now."""
    book = state.book
    supply = {document: s for members in state.planned.values() for document, s in members.items()}
    supply.update((document, s) for members in book.firm.values() for document, s in members.items() if is_open(s))
    return Whole(
        state.plant,
        state.now,
        supply,
        {document: release for document, release in state.releases.items() if not release.shipped},
        dict(book.on_hand),
        dict(book.lots),
        dict(book.earmarks),
        dict(book.customers),
        dict(book.others),
        dict(state.downtimes),
    )


def change_of(state: Core, delta: Delta) -> Change:
    """What a decision of the planner changed, by its delta and what the state has besides."""
    book = state.book
    return Change(
        state.now,
        {document: after if is_open(after) else None for document, (_, after) in delta.supply.items()},
        {d: None if after is None or after.shipped else after for d, (_, after) in delta.releases.items()},
        delta.on_hand,
        delta.lots,
        {item: book.earmarks.get(item, {}) for item, _ in delta.earmarks},
        book.customers,
        book.others,
        state.plant,
        state.downtimes,
    )
