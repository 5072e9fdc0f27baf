"""What a policy is: it may rewrite what the society knows, never what is true, and says how the floor dispatches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from knowledge.plant import Plant
from simulations.world.jobs import DispatchRule, as_scheduled
from simulations.world.scenario import Scenario

Files = dict[str, str]


@dataclass(frozen=True, slots=True)
class Known:
    """What whoever sets a policy up knows of the firm: its plant, and what is expected of demand."""

    plant: Plant
    scenario: Scenario
    demand_per_day: Mapping[str, float]
    """Whole units of each item that customers are expected to order on a day of the calendar."""


class Policy(BaseModel):
    """A policy, with its settings as fields. A subclass is found by its `name`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: ClassVar[str]
    title: ClassVar[str]
    """In a few words, for people."""
    dispatch: ClassVar[DispatchRule] = staticmethod(as_scheduled)

    improve_every_days: int = 0
    """How often the planner improves its plan, between two days; 0: never."""
    improve_seconds: int = 1
    """For so many seconds, counted in rounds of the search."""

    def knowledge(self, files: Files, known: Known) -> Files:
        """The knowledge folder that the society gets, made from the true one."""
        return files
