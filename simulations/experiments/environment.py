"""A plant to be steered step by step, for those who learn policies: reset, look, act, be rewarded.

The loop is Gymnasium's (`reset(seed)`, and `step(action)` with the same five answers), and needs nothing of Gymnasium.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from knowledge.errors import KnowledgeError, SocietyError
from knowledge.instants import iso
from simulations.experiments.levers import Lever
from simulations.world.reading import read_setting
from simulations.world.running import World
from simulations.world.trials import POLICY, Parameter, Run, Trial

Observation: TypeAlias = dict[str, float]
"""How things stand, by name; the names are the same in every step."""

HOLDING_A_YEAR = 0.25
"""What it costs to keep a value in stock and in process for a year, as a share of it."""


@dataclass(frozen=True, slots=True)
class Period:
    """What a reward may be made of: the observations before and after a period, how long it was, and its penalties."""

    before: Observation
    after: Observation
    days: int
    lateness_cost: float


Reward: TypeAlias = Callable[[Period], float]


def cost(period: Period) -> float:
    """The reward by default: less what lateness cost in the period, and what was in stock and in process."""
    kept = [each["inventory_value"] + each["work_in_process_value"] for each in (period.before, period.after)]
    return -period.lateness_cost - sum(kept) / 2 * HOLDING_A_YEAR * period.days / 365


class Environment:
    """A scenario with levers that are set before each period of some days.

    `reset` begins a run; `step` sets the levers, lets a period pass, and says what came of it. An action gives values
    by the names of levers (those not named stay), or all of them in order. The last step of a run is `truncated`: a
    plant has no end of its own, so it is never `terminated`. The same seed and actions give the same run.
    """

    def __init__(
        self,
        scenario: str,
        levers: Sequence[Lever],
        *,
        days: int,
        period_days: int = 7,
        policy: str = "planner",
        parameters: Mapping[str, Parameter] | None = None,
        reward: Reward = cost,
    ) -> None:
        """Raises SocietyError where the scenario, its parameters or a lever is none that can be used."""
        self.scenario, self.levers, self.policy = scenario, tuple(levers), policy
        self.days, self.period_days, self.reward = days, period_days, reward
        self.parameters = tuple((parameters or {}).items())
        if period_days < 1 or days < period_days:
            raise SocietyError(f"a run of {days} days has no period of {period_days}; give at least as many days")
        scenario_keys = tuple(each for each in self.parameters if not each[0].startswith(POLICY))
        plant = read_setting(scenario, scenario_keys).plant
        for lever in self.levers:
            lever.check(plant)
        self._world: World | None = None
        self._seed = 0

    def reset(self, seed: int | None = None) -> tuple[Observation, dict[str, Any]]:
        """Begin a run: how things stand at its beginning. Without a seed it is the one after the last."""
        self.close()
        self._seed = self._seed + 1 if seed is None else seed
        self._world = World(Trial(self.scenario, self.policy, self._seed, self.days, self.parameters))
        self._world.steer = self._steered  # whenever suppliers' offers move, too
        self._settings: dict[Lever, int] = {}
        self._penalties = 0.0
        self._seen = self._look(None)
        return dict(self._seen), self._info()

    def step(self, action: Mapping[str, int] | Sequence[int]) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        """Set levers and let a period pass: observation, reward, terminated, truncated, info.

        Raises SocietyError where the run is over or not begun, or the action is none.
        """
        world = self._running()
        self._set(world, self._values(action))
        begun = self._day(world)
        until = min(begun + self.period_days, self.days)
        before, sums = self._seen, dict(world.observe().sums)
        world.step(world.begin_of(until))
        self._seen = self._look(sums)
        penalties = sum(order.penalty(world.now) for order in world.book.orders.values())
        period = Period(before, self._seen, until - begun, penalties - self._penalties)
        self._penalties = penalties
        return dict(self._seen), self.reward(period), False, until >= self.days, self._info()

    def result(self) -> Run:
        """The measures of the run until now, as `simulations.run` gives them."""
        return self._running(over=True).result()

    def close(self) -> None:
        """Let go of the run."""
        if self._world is not None:
            self._world.close()
            self._world = None

    def _running(self, *, over: bool = False) -> World:
        if self._world is None:
            raise SocietyError("no run has begun; call reset first")
        if not over and self._day(self._world) >= self.days:
            raise SocietyError(f"the run is over after {self.days} days; call reset to begin another")
        return self._world

    def _day(self, world: World) -> int:
        return world.observe().day

    def _values(self, action: Mapping[str, int] | Sequence[int]) -> dict[Lever, int]:
        names = {lever.name: lever for lever in self.levers}
        if not isinstance(action, Mapping):
            if len(action) != len(self.levers):
                raise SocietyError(f"action {action!r}: has {len(action)} values, and there are {len(names)} levers")
            action = dict(zip(names, action, strict=True))
        found = {}
        for name, value in action.items():
            lever = names.get(name)
            if lever is None:
                raise SocietyError(f"action: there is no lever {name}; there are {', '.join(names)}")
            if int(value) != value or not lever.low <= value <= lever.high:
                raise SocietyError(f"action: {name} is a whole number from {lever.low} to {lever.high}, not {value}")
            found[lever] = int(value)
        return found

    def _set(self, world: World, values: Mapping[Lever, int]) -> None:
        self._settings.update(values)
        files = world.knowledge()
        if files != world.files:
            try:
                world.load(files)
            except KnowledgeError as error:
                raise SocietyError(f"action: the society refuses it: {error}") from error

    def _steered(self, files: dict[str, str]) -> dict[str, str]:
        """A knowledge folder with every lever where it was set."""
        for lever, value in self._settings.items():
            files = lever.set(files, value)
        return files

    def _look(self, sums_before: Mapping[str, float] | None) -> Observation:
        """Levels, and of sums what came in the last period."""
        world = self._running(over=True)
        seen = world.observe()
        gone = {name: value - (sums_before or seen.sums)[name] for name, value in seen.sums.items()}
        return {"day": float(seen.day), **seen.levels, **gone}

    def _info(self) -> dict[str, Any]:
        world = self._running(over=True)
        now = iso(world.now, world.setting.plant.zone)
        return {"seed": self._seed, "now": now, "lateness_cost": self._penalties}
