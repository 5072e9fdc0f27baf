"""The society's own planner."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from simulations.policies.policy import Files, Known, Policy
from simulations.policies.rewriting import with_setting


class Planner(Policy):
    """The planner as it is in service."""

    name: ClassVar[str] = "planner"
    title: ClassVar[str] = "our planner"


class Improving(Policy):
    """The planner, and every night its plan is improved."""

    name: ClassVar[str] = "planner-improving"
    title: ClassVar[str] = "our planner, improving its plan every night"

    improve_every_days: int = 1


class Early(Policy):
    """The planner, and what it plans is bought and begun some days before it would have to be.

    That is a safety lead time: it costs stock, and freedom to plan anew, and saves promises where others are late.
    """

    name: ClassVar[str] = "planner-early"
    title: ClassVar[str] = "our planner, buying and beginning early"

    release_days: float = Field(default=5, ge=0)
    """`release_horizon_days` of plant.toml."""

    def knowledge(self, files: Files, known: Known) -> Files:
        return with_setting(files, "release_horizon_days", f"{self.release_days:g}")
