"""Earmarks: what belongs to somebody serves its holder first, and nobody else while the holder needs it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from knowledge.earmarks import Earmarks, Owned, Taken, Wanted, allot, customer_holder, earmarks_by_item
from knowledge.pegging import Dated, Peg, peg
from knowledge.plant import SupplyStatus
from knowledge.supply import SAFETY_STOCK, STOCK, WorkOrder, base_document

ACME = customer_holder("A/C ME")
LINES = ("t/1/1", "t/2/1", "t/3/1")
_UNITS = st.integers(1, 12)
_TIMES = st.integers(0, 9)
_NEEDS = st.lists(st.tuples(_TIMES, _UNITS, st.sampled_from(LINES), st.integers(1, 3)), max_size=6)
_WORK = st.lists(st.tuples(_TIMES, _UNITS, st.integers(0, 12), st.sampled_from(LINES)), max_size=4)
_SHELF = st.dictionaries(st.sampled_from([*LINES, ACME]), _UNITS)
_CUSTOMERS = st.dictionaries(st.sampled_from(LINES), st.just(ACME))


def test_a_customer_is_no_order_line_whatever_its_code() -> None:
    assert ACME == "customer:A%2FC%20ME"


def test_a_need_takes_of_its_line_then_of_its_work_in_time_then_of_its_customer() -> None:
    marks = Earmarks(
        {"t/1/1": 2, ACME: 9}, (Owned(5, 3, "W1", "t/1/1"), Owned(7, 3, "W2", "t/1/1")), {"t/1/1": ACME, "t/2/1": ACME}
    )
    own = allot(marks, [Wanted(6, 10, "t/1/1"), Wanted(8, 9, "t/2/1"), Wanted(9, 9, "t/3/1")])
    assert own.taken == [Taken(0, STOCK, 2), Taken(0, "W1", 3), Taken(0, STOCK, 5), Taken(1, STOCK, 4)]
    assert own.shelf == {"t/1/1": 0, ACME: 0}


def test_releases_of_a_line_share_what_is_its_own_the_earliest_first() -> None:
    own = allot(Earmarks({"t/1/1": 5}), [Wanted(1, 3, "t/1/1"), Wanted(2, 3, "t/1/1#2")])
    assert own.taken == [Taken(0, STOCK, 3), Taken(1, STOCK, 2)]


def test_what_is_overdue_counts_now() -> None:
    marks = Earmarks({}, (Owned(5, 3, "W1", "t/1/1"),), now=6)
    assert allot(marks, [Wanted(4, 3, "t/1/1")]).taken == [Taken(0, "W1", 3)]
    assert not allot(Earmarks({}, marks.work), [Wanted(4, 3, "t/1/1")]).taken


def test_a_later_need_gets_its_own_work_and_an_earlier_one_what_is_free() -> None:
    events = [Dated(1, 4, "W1"), Dated(2, -3, "t/2/1"), Dated(9, -4, "t/1/1"), Dated(2, 3, "W2")]
    assert peg(0, events).of_supply() == {"W1": [("t/2/1", 3), ("t/1/1", 1)], "W2": [("t/1/1", 3)]}
    marks = Earmarks({}, (Owned(1, 4, "W1", "t/1/1"),))
    assert peg(0, events, 0, marks).of_supply() == {"W2": [("t/2/1", 3)], "W1": [("t/1/1", 4)]}


def test_what_a_line_does_not_need_is_free_and_what_a_customer_does_not_need_is_not() -> None:
    events = [Dated(2, -9, "t/2/1"), Dated(1, 4, "W1")]
    marks = Earmarks({"t/1/1": 2, ACME: 3}, (Owned(1, 4, "W1", "t/1/1"),))
    pegs = peg(6, events, 5, marks)
    assert pegs.pegs == [Peg(STOCK, "t/2/1", 3), Peg("W1", "t/2/1", 4)]
    assert pegs.short == [("t/2/1", 2)]


def test_safety_stock_is_kept_of_what_is_free() -> None:
    assert peg(6, [Dated(1, 4, "W1")], 5, Earmarks({ACME: 3})).pegs == [
        Peg("W1", SAFETY_STOCK, 2),
        Peg("W1", STOCK, 2),
    ]


def test_rows_say_what_is_whose() -> None:
    order = WorkOrder("W 1", "A", 9, 1, 2, SupplyStatus.RELEASED, cause="t/1/1#2", made=3, kept=4)
    marks = earmarks_by_item(
        [{"item": "B", "holder": ACME, "quantity": 5}],
        [order],
        [{"order": "t/1", "line": "1"}],
        [{"order": "t/1", "customer": "A/C ME"}],
        7,
    )
    assert marks == {
        "A": Earmarks({}, (Owned(2, 4, "W%201", "t/1/1"),), {"t/1/1": ACME}, 7),
        "B": Earmarks({ACME: 5}, (), {"t/1/1": ACME}, 7),
    }
    assert earmarks_by_item([], [], [], [], 7) == {}


def case(
    needs: list[tuple[int, int, str, int]], work: list[tuple[int, int, int, str]]
) -> tuple[list[Dated], tuple[Owned, ...]]:
    """Events of needs and work orders, and what of these is owned."""
    events = [Dated(time, -units, f"{line}#{n}{index}") for index, (time, units, line, n) in enumerate(needs)]
    events += [Dated(time, units, f"W{index}") for index, (time, units, _, _) in enumerate(work)]
    kept = tuple(Owned(t, min(own, u), f"W{n}", line) for n, (t, u, own, line) in enumerate(work) if own)
    return events, kept


@given(st.integers(0, 40), _NEEDS, _WORK, _SHELF, _CUSTOMERS, st.integers(0, 9))
def test_no_unit_is_pegged_twice_and_none_of_a_holder_to_another_while_it_needs_it(
    spare: int,
    needs: list[tuple[int, int, str, int]],
    work: list[tuple[int, int, int, str]],
    shelf: dict[str, int],
    customers: dict[str, str],
    safety: int,
) -> None:
    events, kept = case(needs, work)
    on_hand = spare + sum(shelf.values())
    pegs = peg(on_hand, events, safety, Earmarks(shelf, kept, customers))
    sums: dict[str, int] = {}
    for supply, need, units in pegs.pegs:
        sums[f"from {supply}"] = sums.get(f"from {supply}", 0) + units
        sums[need] = sums.get(need, 0) + units
    for _, units, document in events:
        if units > 0:
            assert sums[f"from {document}"] == units
        else:
            assert sums.get(document, 0) + dict(pegs.short).get(document, 0) == -units
    assert sums.get(f"from {STOCK}", 0) <= on_hand
    others = sum(u for s, need, u in pegs.pegs if s == STOCK and base_document(need) not in customers)
    assert others <= on_hand - shelf.get(ACME, 0)
    for line in LINES:
        wanted = sum(units for _, units, owner, _ in needs if owner == line)
        own = sum(u for s, need, u in pegs.pegs if s == STOCK and base_document(need) == line)
        assert own >= min(wanted, shelf.get(line, 0))


@given(st.integers(0, 40), _NEEDS, _WORK, _CUSTOMERS)
def test_without_earmarks_pegs_are_as_before(
    on_hand: int,
    needs: list[tuple[int, int, str, int]],
    work: list[tuple[int, int, int, str]],
    customers: dict[str, str],
) -> None:
    events, _ = case(needs, work)
    assert peg(on_hand, events, 3, Earmarks({}, (), customers)) == peg(on_hand, events, 3)
