"""Chance: a stream of its own for each purpose and entity, and the distributions that scenarios name.

A stream is seeded by a hash of the seed and of names (what for, whose, which one), never by the order in which things
happen. So two policies meet the same orders, breakdowns and late deliveries, whatever else differs.
"""

from __future__ import annotations

import math
from hashlib import sha256
from random import Random
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

_MOST_AT_ONCE = 30.0
"""Larger means of a Poisson number are drawn in parts, since exp(−mean) has to stay far from 0."""


def stream(seed: int, *names: str | int) -> Random:
    """The stream of chance for a purpose, the same wherever it is asked for."""
    text = "\x1f".join(map(str, (seed, *names)))
    return Random(int.from_bytes(sha256(text.encode()).digest()[:8], "big"))


def poisson(rng: Random, mean: float) -> int:
    """A Poisson number, by multiplying uniform ones (Knuth)."""
    total = 0
    while mean > 0:
        part = min(mean, _MOST_AT_ONCE)
        mean -= part
        bound, product = math.exp(-part), rng.random()
        while product > bound:
            total += 1
            product *= rng.random()
    return total


def happens(rng: Random, chance: float) -> bool:
    """Whether something of this probability happens; one number is drawn in any case."""
    return rng.random() < chance


class Model(BaseModel):
    """Part of a scenario: frozen, and unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Constant(Model):
    """Always the same."""

    kind: Literal["constant"] = "constant"
    value: float

    def draw(self, rng: Random) -> float:
        return self.value

    @property
    def mean_value(self) -> float:
        return self.value


class Uniform(Model):
    """Anything between two bounds, equally likely."""

    kind: Literal["uniform"] = "uniform"
    low: float
    high: float

    @model_validator(mode="after")
    def _ordered(self) -> Uniform:
        if self.high < self.low:
            raise ValueError(f"high is {self.high:g}, below low, which is {self.low:g}")
        return self

    def draw(self, rng: Random) -> float:
        return rng.uniform(self.low, self.high)

    @property
    def mean_value(self) -> float:
        return (self.low + self.high) / 2


class Triangular(Model):
    """Between two bounds, most likely at `mode`."""

    kind: Literal["triangular"] = "triangular"
    low: float
    mode: float
    high: float

    @model_validator(mode="after")
    def _ordered(self) -> Triangular:
        if not self.low <= self.mode <= self.high:
            raise ValueError(f"low, mode, high have to rise; they are {self.low:g}, {self.mode:g}, {self.high:g}")
        return self

    def draw(self, rng: Random) -> float:
        return rng.triangular(self.low, self.high, self.mode)

    @property
    def mean_value(self) -> float:
        return (self.low + self.mode + self.high) / 3


class Normal(Model):
    """Normal, cut off at 0: what would be below is 0. `mean` is that before the cut."""

    kind: Literal["normal"] = "normal"
    mean: float
    deviation: float = Field(ge=0)

    def draw(self, rng: Random) -> float:
        return max(0.0, rng.gauss(self.mean, self.deviation))

    @property
    def mean_value(self) -> float:
        return self.mean


class Lognormal(Model):
    """Lognormal with a mean and a coefficient of variation (deviation ÷ mean)."""

    kind: Literal["lognormal"] = "lognormal"
    mean: float = Field(gt=0)
    cv: float = Field(ge=0)

    def draw(self, rng: Random) -> float:
        variance = math.log(1 + self.cv**2)
        return rng.lognormvariate(math.log(self.mean) - variance / 2, math.sqrt(variance))

    @property
    def mean_value(self) -> float:
        return self.mean


class Exponential(Model):
    """Exponential with a mean."""

    kind: Literal["exponential"] = "exponential"
    mean: float = Field(gt=0)

    def draw(self, rng: Random) -> float:
        return rng.expovariate(1 / self.mean)

    @property
    def mean_value(self) -> float:
        return self.mean


class Gamma(Model):
    """Gamma with a mean and a coefficient of variation."""

    kind: Literal["gamma"] = "gamma"
    mean: float = Field(gt=0)
    cv: float = Field(gt=0)

    def draw(self, rng: Random) -> float:
        return rng.gammavariate(1 / self.cv**2, self.mean * self.cv**2)

    @property
    def mean_value(self) -> float:
        return self.mean


class Empirical(Model):
    """One of the values that were observed, each as often as `weights` say (equally often without)."""

    kind: Literal["empirical"] = "empirical"
    values: tuple[float, ...] = Field(min_length=1)
    weights: tuple[Annotated[float, Field(ge=0)], ...] = ()

    @model_validator(mode="after")
    def _as_many(self) -> Empirical:
        if self.weights and len(self.weights) != len(self.values):
            raise ValueError(f"there are {len(self.values)} values and {len(self.weights)} weights")
        if self.weights and not sum(self.weights):
            raise ValueError("all weights are 0")
        return self

    def draw(self, rng: Random) -> float:
        return rng.choices(self.values, self.weights or None)[0]

    @property
    def mean_value(self) -> float:
        weights = self.weights or (1.0,) * len(self.values)
        return sum(v * w for v, w in zip(self.values, weights, strict=True)) / sum(weights)


def _number(value: Any) -> Any:
    """A plain number is constant."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return {"kind": "constant", "value": value}
    return value


Distribution: TypeAlias = Annotated[
    Constant | Uniform | Triangular | Normal | Lognormal | Exponential | Gamma | Empirical,
    Field(discriminator="kind"),
    BeforeValidator(_number),
]
"""A number, or a table whose `kind` says which distribution it is, such as `{ kind = "gamma", mean = 3, cv = 0.5 }`."""
