"""A self-contained engine that improves schedules: problem in, checked schedule out.

`Problem` is plain data that knows no solver; `improve` and `Background` give an `Improved`, whose `Schedule` is plain
records. Neither OR-Tools nor numba is imported before an improvement needs it.
"""

from __future__ import annotations

from agents.planner.sequencing.background import Background, Failed
from agents.planner.sequencing.check import check
from agents.planner.sequencing.cost import Cost, cost
from agents.planner.sequencing.ladder import Improved, Progress, improve
from agents.planner.sequencing.problem import (
    Alternative,
    FixedOperation,
    Incumbent,
    Job,
    Objective,
    Problem,
    ProblemError,
    WorkCentre,
)
from agents.planner.sequencing.schedule import Placement, Schedule

__all__ = [
    "Alternative",
    "Background",
    "Cost",
    "Failed",
    "FixedOperation",
    "Improved",
    "Incumbent",
    "Job",
    "Objective",
    "Placement",
    "Problem",
    "ProblemError",
    "Progress",
    "Schedule",
    "WorkCentre",
    "check",
    "cost",
    "improve",
]
