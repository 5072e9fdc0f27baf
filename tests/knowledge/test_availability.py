"""The availability function against its definition: every operation, in random histories, in shallow and deep trees."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from knowledge import steps
from knowledge.availability import Availability, availability_of
from tests.effort import times
from tests.knowledge.availability_model import Model

_TIMES = st.integers(0, 40)
_UNITS = st.integers(-20, 20)
_DOCUMENTS = st.integers(0, 24).map(str)
_MANY = st.lists(st.tuples(_DOCUMENTS, _TIMES, _UNITS), min_size=1, max_size=24)


class History(RuleBasedStateMachine):
    """Events come, move, change and go; stock is corrected; time passes. Both are asked the same questions."""

    def __init__(self) -> None:
        super().__init__()
        self.function, self.model, self.now = Availability(), Model(), 0

    @initialize(on_hand=st.integers(0, 30), events=_MANY)
    def begin_with(self, on_hand: int, events: list[tuple[str, int, int]]) -> None:
        """Half of the histories begin with many events that are taken at once."""
        self.model = Model(on_hand, {document: (time, units) for document, time, units in events if units})
        self.function = Availability(on_hand, self.model.events)

    @rule(document=_DOCUMENTS, time=_TIMES, units=_UNITS)
    def set(self, document: str, time: int, units: int) -> None:
        self.function.set(document, time, units)
        self.model.events.pop(document, None)
        if units:
            self.model.events[document] = time, units

    @rule(events=_MANY)
    def set_many(self, events: list[tuple[str, int, int]]) -> None:
        for document, time, units in events:
            self.set(document, time, units)

    @rule(document=_DOCUMENTS)
    def remove(self, document: str) -> None:
        self.function.remove(document)
        self.model.events.pop(document, None)

    @rule(data=st.data())
    def remove_most(self, data: st.DataObject) -> None:
        for document in data.draw(st.permutations(sorted(self.model.events)))[1:]:
            self.remove(document)

    @rule(data=st.data(), time=_TIMES)
    def move(self, data: st.DataObject, time: int) -> None:
        for document in self._one_of_those_there(data):
            self.set(document, time, self.model.events[document][1])

    @rule(data=st.data(), units=_UNITS)
    def resize(self, data: st.DataObject, units: int) -> None:
        for document in self._one_of_those_there(data):
            self.set(document, self.model.events[document][0], units)

    @rule(units=st.integers(-5, 40))
    def count(self, units: int) -> None:
        self.function.set_on_hand(units)
        self.model.on_hand = units

    @rule(hours=st.integers(0, 5))
    def pass_time(self, hours: int) -> None:
        self.now += hours

    @rule(time=_TIMES, units=st.integers(-30, 60))
    def ask(self, time: int, units: int) -> None:
        function, model, now = self.function, self.model, self.now
        assert function.projected(now, time) == model.projected(now, time)
        assert function.promisable(now, time) == model.promisable(now, max(now, time))
        assert function.earliest(now, units) == model.earliest(now, units)

    @invariant()
    def answers_are_the_definition(self) -> None:
        function, model, now = self.function, self.model, self.now
        assert function.events == model.events
        assert function.lowest(now) == model.promisable(now, now)
        assert function.first_shortage(now) == model.first_shortage(now)

    def teardown(self) -> None:
        function, model, now = self.function, self.model, self.now
        assert function.steps(now) == model.steps(now)
        assert function.staircase(now) == model.staircase(now)
        for moment in model.moments(now):
            assert function.promisable(now, moment) == model.promisable(now, moment)
        assert Availability(model.on_hand, model.events).steps(now) == function.steps(now), "rebuild equals original"

    def _one_of_those_there(self, data: st.DataObject) -> list[str]:
        there = sorted(self.model.events)
        return [data.draw(st.sampled_from(there))] if there else []


@pytest.mark.parametrize("most", [3, 4, steps.MOST], ids=["deep", "middling", "shallow"])
def test_random_histories_give_what_the_definition_says(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "MOST", most)
    run_state_machine_as_test(
        History, settings=settings(max_examples=times(200, 30_000), stateful_step_count=12, deadline=None)
    )


@given(st.lists(st.tuples(st.sampled_from(["X", "Y"]), st.integers(0, 9), _TIMES, _UNITS.filter(bool)), max_size=30))
def test_functions_are_rebuilt_from_rows_item_by_item(rows: list[tuple[str, int, int, int]]) -> None:
    stored = {(item, document): (time, units) for item, document, time, units in rows}
    built = availability_of(
        {"X": 7, "Z": 1},
        [{"item": i, "document": str(d), "time": t, "quantity": u} for (i, d), (t, u) in stored.items()],
    )
    for item in built:
        events = {str(d): event for (i, d), event in stored.items() if i == item}
        assert built[item].steps(0) == Model({"X": 7, "Z": 1}.get(item, 0), events).steps(0)
    assert "Z" in built


def test_receipts_count_before_requirements_of_the_same_instant() -> None:
    function = Availability(0, {"need": (5, -10), "receipt": (5, 10)})
    assert function.first_shortage(0) is None
    assert function.lowest(0) == 0


def test_the_staircase_is_the_menu_of_releases() -> None:
    function = Availability(10, {"shipped": (10, -6), "receipt": (20, 8)})
    assert function.staircase(0) == [(0, 4), (20, 12)]
    assert function.earliest(0, 4) == 0
    assert function.earliest(0, 5) == 20
    assert function.earliest(0, 13) is None


def test_quantities_of_any_size_stay_exact() -> None:
    huge = 10**30
    function = Availability(huge, {"all but one": (5, -huge + 1)})
    assert function.promisable(0, 0) == 1


def test_emptying_a_large_function_leaves_nothing_behind() -> None:
    function = Availability(3)
    for number in range(5_000):
        function.set(str(number), number % 997, 1 + number % 5)
    for number in range(5_000):
        function.remove(str(number))
    assert function.steps(0) == [(0, 3, 3)]
    assert not function.events
