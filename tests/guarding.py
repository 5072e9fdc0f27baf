"""A planner whose every decision goes through the gate before it is used: what is refused is an error.

The gate is compared with `validate`, and the plan that it keeps with the planner's own.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from agents.planner.agent import PlannerAgent, Round
from agents.planner.delta import Delta
from agents.planner.validator.of_state import whole_of
from agents.planner.validator.values import Refusal, Whole
from agents.planner.validator.whole import validate
from agents.runtime.agent import Effects, Turn


class RefusedError(AssertionError):
    """The planner would use a plan that is refused, or the gate is not right about it."""


class Guarded(PlannerAgent):
    """The planner behind its gate. `passed` counts the decisions that went through one, by all there are."""

    passed = 0

    def _check(self, round_: Round, delta: Delta) -> list[Refusal]:
        refused, wrong = super()._check(round_, delta), validate(whole_of(self.state))
        if refused or wrong:
            raise RefusedError("; ".join(map(str, refused or wrong)))
        return refused

    def _finish(self, turn: Turn[Any]) -> Effects:
        effects = list(super()._finish(turn))
        Guarded.passed += 1
        if not same(self.gate.whole(), whole_of(self.state)):
            raise RefusedError("the gate does not know the plan as it is")
        yield from effects


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
