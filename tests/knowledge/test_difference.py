"""What another version of a knowledge folder changes, field by field, as people write it."""

from __future__ import annotations

from typing import TypeAlias

from hypothesis import HealthCheck, given, settings

from knowledge.difference import Change, difference
from knowledge.plant import Plant
from knowledge.reading import read_plant
from tests.random_plants import plants

FILES = {
    "items.csv": "item,supply,decimals,uom,safety_stock\nPUMP,make,0,EA,\nWIRE,buy,2,M,1.5\n",
    "bom.csv": "parent,component,quantity,scrap_percent,revision\nPUMP,WIRE,0.75,4,A\n",
    "routes.csv": "item,step,work_centre,setup_minutes,run_minutes\nPUMP,10,SAW,5,2.5\nPUMP,10,MILL,0,4\n",
    "work_centres.csv": "work_centre,machines,calendar\nSAW,1,day\nMILL,2,\n",
    "calendars.csv": "calendar,weekday,start,end\nday,1,08:00,12:00\nday,1,13:00,17:00\n",
    "offers.csv": "supplier,item,price_from,unit_price,lead_time_days,lead_time_calendar\nACE,WIRE,0,2,5,day\n",
    "customers.csv": "customer,partial_shipments\nACME,yes\n",
}

Told: TypeAlias = tuple[str, str, str, list[tuple[str, str, str]]]


def told(**changed: tuple[str, str]) -> list[Told]:
    """What replacing texts in some files changes."""
    new = dict(FILES)
    for name, (old, text) in changed.items():
        assert old in new[f"{name}.csv"]
        new[f"{name}.csv"] = new[f"{name}.csv"].replace(old, text)
    return [_plain(change) for change in difference(read_plant(FILES), read_plant(new))]


def _plain(change: Change) -> Told:
    return change.kind, change.name, change.what.value, [(f.name, f.before, f.after) for f in change.fields]


def test_a_quantity_is_told_in_its_unit() -> None:
    assert told(items=("M,1.5", "M,2.25")) == [("item", "WIRE", "changed", [("safety_stock", "1.5", "2.25")])]


def test_a_bom_and_a_route_are_told_by_component_and_step() -> None:
    assert told(bom=("0.75,4,A", "0.8,,B")) == [
        ("BOM", "PUMP", "changed", [("revision", "A", "B"), ("WIRE", "0.75 and 4 % scrap", "0.8")])
    ]
    before = "SAW 5 + 2.5 a unit min or MILL 0 + 4 a unit min"
    assert told(routes=("PUMP,10,MILL,0,4\n", "")) == [
        ("route", "PUMP", "changed", [("step 10", before, "SAW 5 + 2.5 a unit min")])
    ]


def test_hours_prices_and_lead_times_are_told_as_people_write_them() -> None:
    assert told(calendars=("day,1,13:00,17:00\n", "")) == [
        ("calendar", "day", "changed", [("Monday", "08:00–12:00, 13:00–17:00", "08:00–12:00")])
    ]
    assert told(offers=("0,2,5,day", "0,2.10,1,")) == [
        ("offer", "ACE of WIRE", "changed", [("lead_time", "5 working days (day)", "1 day"), ("price", "2", "2.1")])
    ]
    assert told(customers=("ACME,yes", "ACME,no")) == [
        ("customer", "ACME", "changed", [("partial_shipments", "yes", "no")])
    ]


def test_what_is_new_and_what_is_gone_come_with_all_their_fields() -> None:
    (gone, new) = told(work_centres=("MILL,2,\n", "LATHE,2,\n"), routes=("PUMP,10,MILL,0,4\n", ""))[1:]
    assert gone[:3] == ("work centre", "LATHE", "added")
    assert ("machines", "", "2") in gone[3]
    assert new[:3] == ("work centre", "MILL", "removed")
    assert ("machines", "2", "") in new[3]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(plants(), plants())
def test_there_is_a_difference_where_plants_differ_and_the_other_way_round_it_is_the_same(
    one: dict[str, str], two: dict[str, str]
) -> None:
    first, second = read_plant(one), read_plant(two)
    assert difference(first, first) == ()
    there, back = difference(first, second), difference(second, first)
    assert [str(change) for change in there] == [str(change) for change in back]
    assert [{(f.name, f.after, f.before) for f in c.fields} for c in there] == [
        {(f.name, f.before, f.after) for f in c.fields} for c in back
    ]
    if not there:
        assert _opened(first) == _opened(second)


def _opened(plant: Plant) -> tuple[object, ...]:
    return plant.items, plant.boms, plant.routes, plant.offers, plant.work_centres
