"""What is run and what comes of it: light enough for whoever only hands trials on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import pandas

Parameter: TypeAlias = str | int | float | bool
Parameters: TypeAlias = tuple[tuple[str, Parameter], ...]

POLICY = "policy."
"""Parameters that begin so are settings of the policy; all others are keys of the scenario."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What is run: a scenario of the gallery or a path to one, a policy, a seed, and for how many days.

    `parameters` give keys of the scenario other values, by dotted path (`customers.retail.rate`), or settings of the
    policy (`policy.improve_seconds`).
    """

    scenario: str
    policy: str
    seed: int
    days: int
    parameters: Parameters = ()

    @property
    def scenario_parameters(self) -> Parameters:
        """Those that are keys of the scenario."""
        return tuple((key, value) for key, value in self.parameters if not key.startswith(POLICY))

    @property
    def policy_parameters(self) -> Parameters:
        """Those that are settings of the policy, by the names that it has for them."""
        return tuple((key.removeprefix(POLICY), value) for key, value in self.parameters if key.startswith(POLICY))


@dataclass(frozen=True, slots=True)
class Run:
    """What came of a trial: its measures by name, and of each day what was counted and what was there at its end."""

    trial: Trial
    measures: dict[str, float | None]
    daily: tuple[dict[str, float], ...]

    def frame(self) -> pandas.DataFrame:
        """A day a row, as a frame of pandas."""
        import pandas

        return pandas.DataFrame.from_records(list(self.daily))
