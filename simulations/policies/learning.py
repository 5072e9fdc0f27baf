"""The society's own planner, promising by what it has learned of lead times and of work."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from simulations.policies.policy import Files, Known, Policy


class LearningPlanner(Policy):
    """The planner, with a `[learning]` table in plant.toml."""

    name: ClassVar[str] = "planner-learning"
    title: ClassVar[str] = "our planner, learning how long things take"

    lead_time_quantile: float = Field(default=0.9, gt=0, lt=1)
    operation_quantile: float = Field(default=0.8, gt=0, lt=1)
    least: int = Field(default=5, ge=1, le=100)

    def knowledge(self, files: Files, known: Known) -> Files:
        if known.plant.learning is not None:
            return files
        table = "\n[learning]\n" + "".join(
            f"{name} = {value}\n" for name, value in self.model_dump(include=_KEYS).items()
        )
        return files | {"plant.toml": files.get("plant.toml", "") + table}


_KEYS = {"lead_time_quantile", "operation_quantile", "least"}
