"""The policies that are installed: the society's own, and those of any package that has an entry point for one.

A package says, in its pyproject.toml,

    [project.entry-points."society.policies"]
    mine = "my_package.policies:Mine"
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from pydantic import ValidationError

from knowledge.errors import SocietyError
from simulations.policies.policy import Policy

GROUP = "society.policies"

OWN = tuple(
    EntryPoint(name, f"simulations.policies.{place}", GROUP)
    for name, place in (
        ("planner", "planner:Planner"),
        ("planner-improving", "planner:Improving"),
        ("planner-learning", "learning:LearningPlanner"),
        ("planner-told", "told:ToldPlanner"),
        ("mrp", "unplanned:Mrp"),
        ("fcfs", "unplanned:FirstCome"),
        ("edd", "unplanned:EarliestDue"),
        ("s-S", "buying:OrderUpTo"),
        ("cheapest", "buying:Cheapest"),
        ("nearest", "buying:Nearest"),
    )
)


class PolicyError(SocietyError):
    """A policy that is not installed, cannot be loaded, or does not take a setting."""


@cache
def _points() -> Mapping[str, EntryPoint]:
    own = {point.name: point for point in OWN}
    return {**own, **{point.name: point for point in sorted(entry_points(group=GROUP)) if point.name not in own}}


def policy_names() -> Iterator[str]:
    """The names of the policies that are installed."""
    yield from _points()


def policy_class(name: str) -> type[Policy]:
    """The class of a policy. Raises PolicyError."""
    point = _points().get(name)
    if point is None:
        raise PolicyError(f"policy {name} is not installed; there are {', '.join(policy_names())}")
    try:
        found = point.load()
    except Exception as error:  # whatever a package of others does when it is imported
        raise PolicyError(f"policy {name} ({point.value}) cannot be loaded: {error!r}") from error
    if not (isinstance(found, type) and issubclass(found, Policy)):
        raise PolicyError(f"policy {name}: {point.value} is no Policy")
    if getattr(found, "name", None) != name:
        raise PolicyError(f"policy {name}: the entry point's name and the name of {point.value} have to be the same")
    return found


def policy_of(name: str, settings: Mapping[str, Any]) -> Policy:
    """A policy with some settings. Raises PolicyError."""
    kind = policy_class(name)
    try:
        return kind.model_validate(dict(settings))
    except ValidationError as error:
        keys = ", ".join(f"policy.{key}" for key in kind.model_fields)
        told = "; ".join(f"policy.{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise PolicyError(f"policy {name}: {told}; its settings are {keys}") from error
