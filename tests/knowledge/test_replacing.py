"""Which items another version of a knowledge folder touches, and what stands against it, without any society."""

from __future__ import annotations

from dataclasses import replace

import pytest

from knowledge.plant import Customer
from knowledge.reading import read_plant
from knowledge.replacing import InUse, objections, touched
from tests.knowledge.test_difference import FILES


def changed(name: str, old: str, new: str) -> set[str]:
    """The items that replacing a text in a file touches."""
    text = FILES[f"{name}.csv"]
    assert old in text
    return touched(read_plant(FILES), read_plant({**FILES, f"{name}.csv": text.replace(old, new)}))


def test_an_offer_touches_its_item_and_a_bom_what_it_names_before_and_after() -> None:
    assert changed("offers", "0,2,5", "0,3,5") == {"WIRE"}
    assert changed("bom", "PUMP,WIRE,0.75,4,A\n", "") == {"PUMP", "WIRE"}


def test_a_work_centre_touches_what_is_made_there_and_all_that_goes_into_it() -> None:
    assert changed("work_centres", "SAW,1", "SAW,3") == {"PUMP", "WIRE"}


def test_hours_may_touch_anything_and_a_customer_nothing_that_is_planned() -> None:
    assert changed("calendars", "08:00", "07:00") == set()  # all
    assert len(changed("customers", "ACME,yes", "ACME,no")) == 1  # one at least has to be named


def test_more_documents_than_a_person_reads_are_counted() -> None:
    plant = read_plant(FILES)
    orders = tuple(f"t/{number}" for number in range(9))
    (problem,) = objections(plant, replace(plant, customers={"X": Customer("X")}), InUse(customers={"ACME": orders}))
    assert problem.text == "ACME cannot be left out: t/0, t/1, t/2, t/3, t/4 and 4 more is open"


@pytest.mark.parametrize(("machines", "refused"), [(1, False), (2, True)])
def test_a_machine_with_issued_work_stays(machines: int, refused: bool) -> None:
    old = read_plant({**FILES, "work_centres.csv": FILES["work_centres.csv"].replace("SAW,1", "SAW,2")})
    used = InUse(work_centres={"SAW": ("WO-1",)}, machines={"SAW": machines})
    assert bool(objections(old, read_plant(FILES), used)) is refused
