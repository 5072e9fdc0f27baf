"""What an engineering release makes of a plant."""

from __future__ import annotations

from typing import Any

from knowledge.documents import EngineeringRelease
from knowledge.plant import Bom, Item, Kind, Plant, Replenishment, WorkCentre
from knowledge.revision import release_problem, revised

PLANT = Plant(
    items={code: Item(code, supply=Replenishment.BUY) for code in ("A", "B", "R")},
    boms={"A": Bom("A", "1", ())},
    work_centres={"W": WorkCentre("W")},
)


def release(item: str, **values: Any) -> EngineeringRelease:
    """A release of an item."""
    return EngineeringRelease.model_validate({"item": item, **values})


def parts(*codes: str) -> list[dict[str, str]]:
    return [{"component": code, "quantity": "2"} for code in codes]


def test_an_item_first_named_by_a_release_is_finished_and_made() -> None:
    plant = revised(PLANT, release("N", revision="A", bom=parts("R")))
    assert (plant.items["N"].kind, plant.items["N"].supply) == (Kind.FINISHED, Replenishment.MAKE)
    assert (plant.boms["N"].revision, [part.need(3) for part in plant.boms["N"].components]) == ("A", [6])


def test_a_revision_replaces_what_it_names_and_leaves_the_rest() -> None:
    plant = revised(PLANT, release("A", revision="2", route=[{"step": "10", "work_centre": "W"}], lead_time_days=4))
    assert plant.boms["A"].revision == "1"
    assert plant.routes["A"].revision == "2"
    assert plant.items["A"].lead_time.days == 4
    assert PLANT.routes == {}


def test_numbered_steps_are_in_the_order_of_their_numbers_and_equal_ones_are_alternatives() -> None:
    rows = [{"step": step, "work_centre": "W"} for step in ("20", "9", "20")]
    steps = revised(PLANT, release("A", route=rows)).routes["A"].steps
    assert [(step.step, len(step.alternatives)) for step in steps] == [("9", 1), ("20", 2)]


def test_what_is_not_known_stands_against_a_release() -> None:
    assert release_problem(PLANT, release("N", bom=parts("X"))) == "component X is not a known item"
    problem = release_problem(PLANT, release("N", route=[{"step": "10", "work_centre": "X"}]))
    assert problem == "step 10: work centre X is not known"
    assert release_problem(PLANT, release("N", bom=parts("R"))) == ""


def test_a_bill_that_would_contain_itself_is_named_with_its_path() -> None:
    plant = revised(PLANT, release("B", bom=parts("A")))
    assert release_problem(plant, release("A", bom=parts("B"))) == "the BOM would contain itself: A → B → A"
    assert "A → A" in release_problem(PLANT, release("A", bom=parts("A")))
