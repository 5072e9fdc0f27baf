"""A planner whose every decision goes through the gate before it is used: what is refused is an error.

The gate is compared with `validate`, and the plan that it keeps with the planner's own.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from agents.planner.agent import PlannerAgent
from agents.planner.delta import Delta
from agents.planner.validator.gate import Gate
from agents.planner.validator.of_state import change_of, whole_of
from agents.planner.validator.values import Change, Whole
from agents.planner.validator.whole import validate
from agents.runtime.agent import Effects, Records, Turn
from knowledge.instants import Instant
from knowledge.plant import Plant
from protocols.envelope import Content
from protocols.inventory import CannotReserve, Event


class RefusedError(AssertionError):
    """The planner would use a plan that is refused, or the gate is not right about it."""


class Guarded(PlannerAgent):
    """The planner behind its gate. `passed` counts the decisions that went through one, by all there are."""

    passed = 0

    def __init__(self, plant: Plant, now: Instant, seed: int = 0) -> None:
        super().__init__(plant, now, seed)
        self.gate = Gate(whole_of(self.state))
        self.change: Change | None = None

    def restore(self, store: Records) -> None:
        super().restore(store)
        self.gate.rebuild(whole_of(self.state))

    def _events(self, content: Content, delta: Delta) -> tuple[Event, ...]:
        self.change = change_of(self.state, delta)
        refused, wrong = self.gate.check(self.change), validate(whole_of(self.state))
        if refused or wrong:
            raise RefusedError("; ".join(map(str, refused or wrong)))
        return super()._events(content, delta)

    def _finish(self, turn: Turn[Any]) -> Effects:
        if self.change is not None:
            self.gate.take(self.change)
            self.change = None
            Guarded.passed += 1
            if not same(self.gate.whole(), whole_of(self.state)):
                raise RefusedError("the gate does not know the plan as it is")
        yield from super()._finish(turn)

    def _take_left(self, told: CannotReserve) -> None:
        super()._take_left(told)
        self.gate.rebuild(whole_of(self.state))


def same(one: Whole, other: Whole) -> bool:
    """Whether two plans are the same but for what is nothing: no stock, nobody's shelf."""
    return _plain(one) == _plain(other)


def _plain(whole: Whole) -> Whole:
    return replace(
        whole,
        on_hand={item: units for item, units in whole.on_hand.items() if units},
        lots={item: lots for item, lots in whole.lots.items() if lots},
        shelves={item: dict(shelf) for item, shelf in whole.shelves.items() if shelf},
    )
