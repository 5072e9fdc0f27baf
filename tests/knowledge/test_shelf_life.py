"""Items that do not keep: what is used first, what expires, what may still be promised."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.availability import Availability
from knowledge.shelf_life import EXPIRED, Lot, added, counted, drawn, expiries, steps_of
from tests.effort import times

_LIFE = 10
_EVENTS = st.lists(st.tuples(st.integers(0, 30), st.integers(-9, 9).filter(bool)), max_size=8)
_LOT = st.builds(Lot, st.integers(1, _LIFE), st.integers(1, 9))
_LOTS = st.lists(_LOT, max_size=3).map(lambda lots: tuple(sorted(lots)))


def pieces(lots: tuple[Lot, ...], events: list[tuple[int, int]]) -> dict[int, int]:
    """What expires, when, piece by piece: each one used is the first to expire of those that are there."""
    shelf = [expires for expires, units in lots for _ in range(units)]
    owed, wasted = 0, dict[int, int]()
    for moment in range(100):
        for expires in [e for e in shelf if e <= moment]:
            shelf.remove(expires)
            wasted[expires] = wasted.get(expires, 0) + 1
        for _ in range(sum(units for time, units in events if time == moment and units > 0)):
            if owed:
                owed -= 1
            else:
                shelf.append(moment + _LIFE)
        for _ in range(-sum(units for time, units in events if time == moment and units < 0)):
            if shelf:
                shelf.remove(min(shelf))
            else:
                owed += 1
    return wasted


@given(_LOTS, _EVENTS)
def test_what_expires_is_what_nobody_has_used_by_then(lots: tuple[Lot, ...], events: list[tuple[int, int]]) -> None:
    assert dict(expiries(lots, events, _LIFE, 0)) == pieces(lots, events)


def function(lots: tuple[Lot, ...], events: list[tuple[int, int]]) -> Availability:
    """The availability function, which loses what expires."""
    made = Availability(sum(lot.units for lot in lots), {str(n): event for n, event in enumerate(events)})
    for time, units in expiries(lots, events, _LIFE, 0):
        made.set(f"{EXPIRED}{time}", time, -units)
    return made


@settings(max_examples=times(200, 5000))
@given(_LOTS, _EVENTS, st.integers(0, 25))
def test_what_may_be_promised_is_the_most_that_leaves_nobody_short(
    lots: tuple[Lot, ...], events: list[tuple[int, int]], time: int
) -> None:
    steps = steps_of(function(lots, events), _LIFE, 0)
    promisable = [lowest for moment, _, lowest in steps if moment <= time][-1]
    if function(lots, events).lowest(0) < 0:
        return  # somebody is short already
    assert function(lots, [*events, (time, -max(0, promisable))]).lowest(0) >= 0
    assert function(lots, [*events, (time, -max(0, promisable) - 1)]).lowest(0) < 0


@given(_LOTS, st.integers(0, 30), st.integers(0, 12))
def test_what_is_used_is_the_first_to_expire_of_what_has_not(lots: tuple[Lot, ...], units: int, now: int) -> None:
    good = [lot.expires for lot in lots if lot.expires > now for _ in range(lot.units)]
    gone = [lot.expires for lot in lots if lot.expires <= now for _ in range(lot.units)]
    left = drawn(lots, units, now)
    assert [lot.expires for lot in left for _ in range(lot.units)] == sorted(gone + sorted(good)[units:])


@given(_LOTS, st.integers(0, 30))
def test_a_count_sets_how_much_there_is_and_takes_away_the_oldest(lots: tuple[Lot, ...], units: int) -> None:
    found = counted(lots, units, 99)
    assert sum(lot.units for lot in found) == units
    assert {lot.expires for lot in found} <= {99, *(lot.expires for lot in lots)}


def test_nothing_is_no_lot() -> None:
    assert added((), Lot(5, 0)) == ()


def test_what_keeps_for_ever_has_the_steps_of_its_function() -> None:
    made = Availability(5, {"a": (3, -2)})
    assert steps_of(made, 0, 0) == made.steps(0)
