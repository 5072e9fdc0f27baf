"""The policies that are installed: the society's own, and those of any package that has an entry point for one.

A package says, in its pyproject.toml,

    [project.entry-points."society.policies"]
    mine = "my_package.policies:Mine"
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from knowledge.errors import SocietyError
from knowledge.plugins import Plugins
from simulations.policies.policy import Policy

GROUP = "society.policies"

OWN = {
    "planner": "planner:Planner",
    "planner-improving": "planner:Improving",
    "planner-early": "planner:Early",
    "planner-learning": "learning:LearningPlanner",
    "planner-told": "told:ToldPlanner",
    "mrp": "unplanned:Mrp",
    "fcfs": "unplanned:FirstCome",
    "edd": "unplanned:EarliestDue",
    "s-S": "buying:OrderUpTo",
    "cheapest": "buying:Cheapest",
    "nearest": "buying:Nearest",
}


class PolicyError(SocietyError):
    """A policy that is not installed, cannot be loaded, or does not take a setting."""


PLUGINS: Plugins[Policy] = Plugins(
    "policy", GROUP, Policy, "name", "simulations.policies", OWN, missing=PolicyError, bad=PolicyError
)


def policy_names() -> Iterator[str]:
    """The names of the policies that are installed."""
    yield from PLUGINS.points


def policy_class(name: str) -> type[Policy]:
    """The class of a policy. Raises PolicyError."""
    return PLUGINS.load(name)


def policy_of(name: str, settings: Mapping[str, Any]) -> Policy:
    """A policy with some settings. Raises PolicyError."""
    kind = policy_class(name)
    try:
        return kind.model_validate(dict(settings))
    except ValidationError as error:
        keys = ", ".join(f"policy.{key}" for key in kind.model_fields)
        told = "; ".join(f"policy.{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise PolicyError(f"policy {name}: {told}; its settings are {keys}") from error
