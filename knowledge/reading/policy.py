"""Reads a policy by itself: a file with rules of approval, as plant.toml holds them, against a plant."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import replace

from knowledge.errors import KnowledgeError
from knowledge.plant import ApprovalRule, Plant
from knowledge.reading.cells import Known
from knowledge.reading.problems import Problems
from knowledge.reading.settings import read_settings


def read_policy(text: str, name: str, plant: Plant | None = None) -> tuple[ApprovalRule, ...]:
    """The rules of a TOML text, which may be a whole plant.toml. Customers, items and suppliers have to be the plant's.

    Pure. Raises KnowledgeError with every problem, each with the file's `name`, the line and the key.
    """
    problems = Problems()
    settings = read_settings(text, problems)
    customers: Container[str] | None = plant.customers if plant else None
    rules = settings.approvals(
        Known("customer", "customers.csv", customers),
        Known("item", "items.csv", plant.items if plant else None),
        Known("supplier", "suppliers.csv", plant.suppliers or None if plant else None),
    )
    if found := problems.in_order():
        raise KnowledgeError([replace(problem, file=name) for problem in found])
    return rules
