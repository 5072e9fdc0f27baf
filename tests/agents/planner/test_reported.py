"""What was last reported of a step is kept as long as its work order is open, for the dispatch list."""

from __future__ import annotations

import json

import pytest

from knowledge.instants import from_datetime
from knowledge.store.database import Store
from knowledge.store.rows import reported_key
from knowledge.store.tables import AgentStateRow
from simulations.processing import Processing
from simulations.torture.documents import START, order, report
from tests.test_properties import findings, take

FILES = {
    "plant.toml": 'name = "p"\nrelease_horizon_days = 2\n',
    "items.csv": "item,supply\nSTOOL,make\n",
    "routes.csv": "item,step,work_centre,run_minutes\nSTOOL,10,SAW,60\nSTOOL,20,BENCH,60\n",
    "work_centres.csv": "work_centre\nSAW\nBENCH\n",
}


@pytest.fixture
def plant() -> Processing:
    """A released work order of two steps, for four stools."""
    processing = Processing(Store(), dict(FILES), from_datetime(START))
    take(processing, order("1", "ANY", [("STOOL", 4, 1)], 0))
    return processing


def kept(processing: Processing, step: str) -> dict[str, object] | None:
    """What is known of a step of it."""
    rows = processing.store.rows(AgentStateRow, agent="planner", key=reported_key("WO-000001", step))
    return json.loads(rows[0]["body"]) if rows else None


def test_a_report_of_a_step_is_kept_the_last_one_of_several(plant: Processing) -> None:
    assert kept(plant, "10") is None
    take(plant, report("WO-000001", "10", 0, 0, 60))
    take(plant, report("WO-000001", "10", 3, 1, 240, finished=240, complete=True))
    said = kept(plant, "10")
    assert said is not None
    assert (said["good"], said["scrap"], said["complete"]) == ("3", "1", True)
    assert kept(plant, "20") is None


def test_nothing_is_kept_of_an_order_that_is_done(plant: Processing) -> None:
    take(plant, report("WO-000001", "10", 4, 0, 240, finished=240))
    take(plant, report("WO-000001", "20", 4, 0, 480, finished=480, complete=True))
    assert kept(plant, "10") is None
    assert kept(plant, "20") is None
    assert not findings(plant)


def test_a_report_that_is_refused_leaves_nothing(plant: Processing) -> None:
    take(plant, report("WO-000001", "30", 4, 0, 240, finished=240))
    assert kept(plant, "30") is None
