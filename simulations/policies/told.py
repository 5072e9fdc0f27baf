"""The society's own planner, told other routes than the true ones."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from knowledge.errors import SocietyError
from simulations.policies.policy import Files, Known, Policy


class ToldPlanner(Policy):
    """The planner with the routes of a file (such as standard times), while work takes what it takes."""

    name: ClassVar[str] = "planner-told"
    title: ClassVar[str] = "our planner, told other routes"

    routes: Path | None = None
    """A routes.csv of the same plant; without it, it is told the true ones."""

    def knowledge(self, files: Files, known: Known) -> Files:
        if self.routes is None:
            return files
        try:
            return files | {"routes.csv": self.routes.read_text(encoding="utf-8")}
        except OSError as error:
            raise SocietyError(f"policy.routes: {self.routes} cannot be read: {error.strerror}") from error
