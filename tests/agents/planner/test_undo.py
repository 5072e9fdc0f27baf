"""Whatever was done to lists, dictionaries and attributes is taken back exactly."""

from __future__ import annotations

from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st

from agents.planner.undo import UndoLog

STEPS = st.lists(
    st.tuples(st.sampled_from(["set", "put", "out", "insert", "pop", "both", "pop both"]), st.integers(0, 3)),
    max_size=12,
)


@given(first=STEPS, more=STEPS)
def test_all_that_was_done_since_a_mark_is_taken_back_and_nothing_before(
    first: list[tuple[str, int]], more: list[tuple[str, int]]
) -> None:
    log, thing, table, one, other = UndoLog(), SimpleNamespace(value=0), {0: "a"}, [1, 2], ["x", "y"]

    def do(steps: list[tuple[str, int]]) -> None:
        for kind, number in steps:
            place = min(number, len(one))
            if kind == "set":
                log.set(thing, "value", number)
            elif kind in ("put", "out"):
                log.put(table, number, "new" if kind == "put" else None)
            elif kind == "insert":
                log.insert(one, place, number)
                log.insert(other, place, str(number))
            elif kind == "both":
                log.insert_both(one, other, place, number, str(number))
            elif place < len(one) and kind == "pop":
                assert log.pop(one, place) is not None
                log.pop(other, place)
            elif place < len(one):
                log.pop_both(one, other, place)

    def state() -> tuple[object, ...]:
        return thing.value, dict(table), list(one), list(other)

    do(first)
    mark, before = log.mark(), state()
    do(more)
    log.back(mark)
    assert state() == before
    log.back(0)
    assert state() == (0, {0: "a"}, [1, 2], ["x", "y"])
