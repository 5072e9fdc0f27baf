"""The laboratory: virtual time, order streams, simulated partners, faults and reports.

From Python, `import simulations` gives what a researcher needs (docs/laboratory.md, "From Python"). It is imported when
it is first asked for, so that the command line starts without it.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simulations.experiments.api import experiment, gallery, policy_names, run, scenario
    from simulations.experiments.environment import Environment
    from simulations.experiments.levers import Priority, SafetyStock, Sourcing

_API, _LOOP, _LEVERS = (f"simulations.experiments.{name}" for name in ("api", "environment", "levers"))
_PLACES = {
    "Environment": _LOOP,
    "Priority": _LEVERS,
    "SafetyStock": _LEVERS,
    "Sourcing": _LEVERS,
    "experiment": _API,
    "gallery": _API,
    "policy_names": _API,
    "run": _API,
    "scenario": _API,
}

__all__ = [
    "Environment",
    "Priority",
    "SafetyStock",
    "Sourcing",
    "experiment",
    "gallery",
    "policy_names",
    "run",
    "scenario",
]


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_PLACES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
