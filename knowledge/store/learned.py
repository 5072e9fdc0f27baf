"""The plant with what its planner has learned of lead times and of work, as the records have it."""

from __future__ import annotations

import json
from collections.abc import Iterable

from knowledge.learning import way_kept, way_of, with_offers, with_ways
from knowledge.plant import Plant
from knowledge.store.database import Store
from knowledge.store.tables import AgentStateRow

_PLANNER = "planner"
_QUOTES, _WORKED = "quotes:", "worked:"


def learned_plant(store: Store, plant: Plant) -> Plant:
    """The plant as its planner reckons with it; the same where it is not to learn."""
    learning = plant.learning
    if learning is None:
        return plant
    if learning.lead_time_quantile is not None:
        told = store.starting(AgentStateRow, "key", _QUOTES, agent=_PLANNER)
        plant = _with_quotes(plant, (row["body"] for row in told))
    if learning.operation_quantile is not None:
        for row in store.starting(AgentStateRow, "key", _WORKED, agent=_PLANNER):
            plant = _with_work(plant, row["key"].removeprefix(_WORKED), row["body"])
    return plant


def learned_offers(store: Store, plant: Plant, items: Iterable[str]) -> Plant:
    """The plant with what was learned of how long some items take to come."""
    if plant.learning is None or plant.learning.lead_time_quantile is None:
        return plant
    keys = tuple(f"{_QUOTES}{item}" for item in sorted(set(items)))
    return _with_quotes(plant, (row["body"] for row in store.rows(AgentStateRow, agent=_PLANNER, key=keys)))


def _with_quotes(plant: Plant, bodies: Iterable[str]) -> Plant:
    return with_offers(plant, [offer for body in bodies for offer in json.loads(body)["offers"]])


def _with_work(plant: Plant, item: str, body: str) -> Plant:
    ways = {}
    for kept in json.loads(body)["ways"]:
        standard = way_of(plant, item, kept[0], kept[1])
        learned = None if standard is None else way_kept(plant, kept, standard)
        if learned is not None:
            ways[kept[0], kept[1]] = learned
    return with_ways(plant, item, ways) if ways else plant
