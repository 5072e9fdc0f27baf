"""Order lines that stand otherwise: who gets less by some time, who more, and who ordered something else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from knowledge.auditor import Books
from knowledge.instants import Instant
from knowledge.supply import readable
from simulations.report.records import Promise
from simulations.what_if.values import Effect, LineChange, Part, State

AT_RISK, CANCELLED = "at_risk", "cancelled"

_RANK = {effect: rank for rank, effect in enumerate(Effect)}


def line_changes(before: State, after: State) -> tuple[LineChange, ...]:
    """The lines that differ, those that get worse first, else in the order of the table."""
    was, now = lines_of(before), lines_of(after)
    found = [
        LineChange("/".join(line), _effect(was.get(line, ()), now.get(line, ())), was.get(line, ()), now.get(line, ()))
        for line in {**now, **was}
        if _key(was.get(line, ())) != _key(now.get(line, ()))
    ]
    return tuple(sorted(found, key=lambda change: _RANK[change.effect]))


def lines_of(state: State) -> dict[tuple[str, str], tuple[Part, ...]]:
    """The parts of every line, by order and line; those that differ by their class alone are one."""
    planned = _planned(state.books)
    found: dict[tuple[str, str], dict[Part, Decimal]] = {}
    for promise in state.records.promises:
        part = _part(promise, planned.get((f"{promise.order}/{promise.line}", promise.promised)))
        parts = found.setdefault((promise.order, promise.line), {})
        parts[part] = parts.get(part, Decimal(0)) + promise.quantity
    return {
        line: tuple(replace(part, quantity=quantity) for part, quantity in parts.items())
        for line, parts in found.items()
    }


def _planned(books: Books) -> dict[tuple[str, Instant | None], Instant]:
    """When the last of what was promised of a line for a time is planned to arrive."""
    found: dict[tuple[str, Instant | None], Instant] = {}
    for release in books.releases:
        key = readable(release.line), release.promised
        found[key] = max(found.get(key, release.delivery), release.delivery)
    return found


def _part(promise: Promise, planned: Instant | None) -> Part:
    delivery = promise.promised
    if promise.status == AT_RISK and delivery is not None and planned is not None:
        delivery = max(delivery, planned)
    reason = promise.reason
    return Part(promise.item, Decimal(0), promise.requested, promise.promised, delivery, promise.status, reason)


def _key(parts: Sequence[Part]) -> Mapping[Part, Decimal]:
    """What has to be the same of a line that stands as before: all but how a reason is worded."""
    found: dict[Part, Decimal] = {}
    for part in parts:
        worded = replace(part, reason="", quantity=Decimal(0))
        found[worded] = found.get(worded, Decimal(0)) + part.quantity
    return found


def _effect(before: Sequence[Part], after: Sequence[Part]) -> Effect:
    if not before:
        return Effect.NEW
    if not after or (_cancelled(after) and not _cancelled(before)):
        return Effect.CANCELLED
    if _asked(before) != _asked(after):
        return Effect.CHANGED
    gains = [_by(after, time) - _by(before, time) for time in _times(before, after)]
    worse, better = any(gain < 0 for gain in gains), any(gain > 0 for gain in gains)
    if worse:
        return Effect.MIXED if better else Effect.WORSE
    if better:
        return Effect.BETTER
    return _by_status(before, after)


def _by_status(before: Sequence[Part], after: Sequence[Part]) -> Effect:
    """Nothing arrives at another time: a promise that is at risk now is worse all the same."""
    risks = [any(part.status == AT_RISK for part in parts) for parts in (before, after)]
    if risks[0] != risks[1]:
        return Effect.WORSE if risks[1] else Effect.BETTER
    return Effect.OTHER


def _cancelled(parts: Sequence[Part]) -> bool:
    return all(part.status == CANCELLED for part in parts)


def _asked(parts: Sequence[Part]) -> Mapping[tuple[str, Instant | None], Decimal]:
    """What the customer wants: quantity by item and time."""
    wanted: dict[tuple[str, Instant | None], Decimal] = {}
    for part in parts:
        key = part.item, part.requested
        wanted[key] = wanted.get(key, Decimal(0)) + part.quantity
    return wanted


def _times(*states: Sequence[Part]) -> Iterator[Instant]:
    return (part.delivery for parts in states for part in parts if part.delivery is not None)


def _by(parts: Sequence[Part], time: Instant) -> Decimal:
    """How much arrives by a time."""
    arrived = (part.quantity for part in parts if part.delivery is not None and part.delivery <= time)
    return sum(arrived, Decimal(0))
