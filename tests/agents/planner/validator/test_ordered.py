"""A list in blocks answers as a sorted list does."""

from __future__ import annotations

from bisect import bisect_left, bisect_right

from hypothesis import given
from hypothesis import strategies as st

from agents.planner.validator import ordered
from agents.planner.validator.ordered import Ordered

ENTRIES = st.tuples(st.integers(0, 60), st.sampled_from("ab"))


@given(st.sets(ENTRIES), st.lists(st.tuples(st.booleans(), ENTRIES), max_size=60), st.integers(2, 9))
def test_it_is_a_sorted_list_whatever_the_size_of_its_blocks(
    first: set[tuple[int, str]], changes: list[tuple[bool, tuple[int, str]]], most: int
) -> None:
    usual, ordered.MOST = ordered.MOST, most
    try:
        blocks, plain = Ordered(first), sorted(first)
        for add, entry in changes:
            if add and entry not in plain:
                blocks.add(entry)
                plain = sorted([*plain, entry])
            elif not add:
                blocks.discard(entry)
                plain = [other for other in plain if other != entry]
            below, above = plain[: bisect_left(plain, entry)], plain[bisect_right(plain, entry) :]
            assert blocks.before(entry) == (below[-1] if below else None)
            assert blocks.after(entry) == (above[0] if above else None)
            assert blocks.until(entry) == below
            assert list(blocks) == plain
            assert (blocks.first(), blocks.last()) == ((plain[0], plain[-1]) if plain else (None, None))
    finally:
        ordered.MOST = usual
