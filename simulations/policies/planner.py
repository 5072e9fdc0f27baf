"""The society's own planner."""

from __future__ import annotations

from typing import ClassVar

from simulations.policies.policy import Policy


class Planner(Policy):
    """The planner as it is in service."""

    name: ClassVar[str] = "planner"
    title: ClassVar[str] = "our planner"


class Improving(Policy):
    """The planner, and every night its plan is improved."""

    name: ClassVar[str] = "planner-improving"
    title: ClassVar[str] = "our planner, improving its plan every night"

    improve_every_days: int = 1
