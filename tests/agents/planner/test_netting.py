"""Netting against a model that looks at every moment anew."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from agents.planner.netting import Need, Netting, Shortage
from knowledge.plant import LotRule
from knowledge.quantities import Units
from knowledge.supply import SAFETY_STOCK
from tests.effort import times

Moves = list[tuple[int, Units]]

_TIMES = st.integers(0, 30)
_UNITS = st.integers(1, 20)
_MOVES = st.lists(st.tuples(_TIMES, _UNITS), max_size=8)
_LOTS = st.builds(LotRule, st.integers(0, 15), st.none() | st.integers(20, 40), st.sampled_from([1, 4, 7]))


@dataclass
class Supplier:
    """Covers every shortage with lots of a rule, and remembers what it was asked for."""

    lot: LotRule
    asked: list[Shortage] = field(default_factory=list)

    def cover(self, need: Need, short: Units, hard: Units) -> Units:
        self.asked.append(Shortage(need.time, short, need, hard))
        return sum(self.lot.split(short))


def needs_of(moves: Moves) -> list[Need]:
    """Needs in order of time, named by their place."""
    return [Need(time, 0, units, str(n)) for n, (time, units) in enumerate(sorted(moves))]


def asked(
    balance: Units, receipts: Moves, needs: Moves, lot: LotRule, safety: Units = 0, begin: int = 0, bucket: int = 0
) -> list[Shortage]:
    """What netting asks for; `bucket` is the length of a period, 0 for none."""
    supplier = Supplier(lot)
    end = (lambda time: time - time % bucket + bucket) if bucket else None
    Netting(balance, sorted(receipts), needs_of(needs), supplier.cover, safety, begin, end).run()
    return supplier.asked


def balance_at(time: int, balance: Units, receipts: Moves, needs: Moves, more: Moves) -> Units:
    """The balance after everything of a time and before."""
    return balance + sum(u for t, u in (*receipts, *more) if t <= time) - sum(u for t, u in needs if t <= time)


def covered(shortages: list[Shortage], lot: LotRule) -> Moves:
    """The receipts that answer the shortages."""
    return [(s.time, sum(lot.split(s.quantity))) for s in shortages]


@dataclass
class Model:
    """Netting as its definition has it: at the first shortage, ask for the worst of its period; begin again."""

    balance: Units
    receipts: Moves
    needs: list[Need]
    lot: LotRule
    bucket: int

    def run(self) -> list[tuple[int, Units]]:
        found: list[tuple[int, Units]] = []
        more: Moves = []
        while True:
            first = next((n.time for i, n in enumerate(self.needs) if self._after(i, more) < 0), None)
            if first is None:
                return found
            short = -min(self._after(i, more) for i, n in enumerate(self.needs) if self._shares(i, first, more))
            found.append((first, short))
            more.append((first, sum(self.lot.split(short))))

    def _after(self, index: int, more: Moves) -> Units:
        """The balance when needs up to this one are met, each in its turn."""
        time = self.needs[index].time
        there = sum(u for t, u in (*self.receipts, *more) if t <= time)
        return self.balance + there - sum(n.quantity for n in self.needs[: index + 1])

    def _shares(self, index: int, first: int, more: Moves) -> bool:
        """Whether a need's shortage is asked for with the first: it is the first, or in its period."""
        place = next(i for i, n in enumerate(self.needs) if n.time == first and self._after(i, more) < 0)
        if not self.bucket:
            return index == place
        return index >= place and self.needs[index].time < first - first % self.bucket + self.bucket


@settings(max_examples=times(300, 5000), deadline=None)
@given(st.integers(0, 30), _MOVES, _MOVES, _LOTS, st.sampled_from([0, 1, 7]))
def test_netting_asks_for_what_the_definition_asks_for(
    balance: Units, receipts: Moves, needs: Moves, lot: LotRule, bucket: int
) -> None:
    found = [(s.time, s.quantity) for s in asked(balance, receipts, needs, lot, bucket=bucket)]
    assert found == Model(balance, receipts, needs_of(needs), lot, bucket).run()


@settings(max_examples=times(300, 5000), deadline=None)
@given(st.integers(0, 30), _MOVES, _MOVES, _LOTS, st.integers(0, 12), _TIMES, st.sampled_from([0, 7]))
def test_nothing_is_short_and_safety_stock_is_kept_from_when_it_can_be(
    balance: Units, receipts: Moves, needs: Moves, lot: LotRule, safety: Units, begin: int, bucket: int
) -> None:
    more = covered(asked(balance, receipts, needs, lot, safety, begin, bucket), lot)
    for time in range(32):
        kept = balance_at(time, balance, receipts, needs, more)
        assert kept >= 0
        assert kept >= safety or time < begin


@settings(max_examples=times(300, 5000), deadline=None)
@given(st.integers(0, 30), _MOVES, _MOVES, st.integers(0, 12), _TIMES, st.sampled_from([0, 7]))
def test_without_lots_nothing_is_asked_for_that_is_not_needed(
    balance: Units, receipts: Moves, needs: Moves, safety: Units, begin: int, bucket: int
) -> None:
    shortages = asked(balance, receipts, needs, LotRule(), safety, begin, bucket)
    for index in range(len(shortages)):
        fewer = covered([*shortages[:index], *shortages[index + 1 :]], LotRule())
        floors = ((t, safety if t >= begin else 0) for t in range(32))
        assert any(balance_at(t, balance, receipts, needs, fewer) < floor for t, floor in floors)


@settings(max_examples=times(200, 5000), deadline=None)
@given(st.integers(-10, 30), _MOVES, _MOVES, st.integers(1, 12), _TIMES)
def test_what_is_hard_of_a_shortage_is_what_the_balance_lacks_to_zero(
    balance: Units, receipts: Moves, needs: Moves, safety: Units, begin: int
) -> None:
    for shortage in asked(balance, receipts, needs, LotRule(), safety, begin):
        assert 0 <= shortage.hard <= shortage.quantity
        assert shortage.document != SAFETY_STOCK or not shortage.hard


def test_a_receipt_of_the_same_instant_counts_before_the_need() -> None:
    assert asked(0, [(5, 3)], [(5, 3)], LotRule()) == []


def test_what_lots_bring_too_much_serves_the_next_need() -> None:
    assert [s.quantity for s in asked(0, [], [(1, 3), (2, 6), (3, 2)], LotRule(10))] == [3, 1]


def test_shortages_of_one_period_are_asked_for_at_the_first_of_them() -> None:
    found = asked(0, [], [(1, 3), (6, 4), (7, 5)], LotRule(), bucket=7)
    assert [(s.time, s.quantity) for s in found] == [(1, 7), (7, 5)]


def test_a_receipt_between_two_shortages_of_a_period_is_not_asked_for_again() -> None:
    found = asked(0, [(4, 10)], [(1, 3), (6, 4)], LotRule(), bucket=7)
    assert [(s.time, s.quantity) for s in found] == [(1, 3)]


def test_safety_stock_is_rebuilt_at_the_first_moment_that_it_can_be() -> None:
    found = asked(2, [], [(1, 2), (20, 1)], LotRule(), safety=5, begin=10)
    assert [(s.time, s.quantity, s.document, s.hard) for s in found] == [(10, 5, SAFETY_STOCK, 0), (20, 1, "1", 0)]
