"""A new version of the knowledge folder for a society that lives, on either host: the law, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.opening import Host, HostMaker
from agents.runtime.pykka_host import PykkaHost
from agents.runtime.simulated import SimulatedHost
from knowledge.errors import KnowledgeError
from knowledge.instants import from_datetime
from knowledge.store.database import Store
from knowledge.store.export import Rows, export
from knowledge.store.tables import MessageRow
from simulations.processing import Processing
from simulations.torture.documents import DAY_MINUTES, START, after, order, receipt, report, revision
from tests.effort import times
from tests.random_plants import Case, items_of, plants, streams, versions
from tests.test_properties import findings, society, take

FILES = {
    "plant.toml": 'name = "p"\nrelease_horizon_days = 1\n',
    "items.csv": "item,supply,unit_cost\nSTOOL,make,9\nLEG,buy,1\nSEAT,buy,2\nGLUE,buy,1\n",
    "bom.csv": "parent,component,quantity\nSTOOL,LEG,3\nSTOOL,SEAT,1\n",
    "routes.csv": "item,step,work_centre,run_minutes\nSTOOL,10,SAW,60\n",
    "work_centres.csv": "work_centre,machines,calendar\nSAW,1,day\nMILL,1,day\n",
    "calendars.csv": "calendar,weekday,start,end\n" + "".join(f"day,{day},08:00,16:00\n" for day in range(1, 6)),
    "offers.csv": "supplier,item,unit_price,lead_time_days\nWOOD,LEG,1,2\nWOOD,SEAT,2,2\n",
    "customers.csv": "customer,name\nACME,Acme\nIDLE,Idle\n",
    "stock.csv": "item,quantity\nLEG,9\nSEAT,3\n",
}

Made = tuple[Processing, HostMaker[Host]]


@pytest.fixture(params=[SimulatedHost, PykkaHost])
def plant(request: pytest.FixtureRequest) -> Iterator[Processing]:
    """A small plant on either host, with an order of which three are begun and four are planned."""
    processing = Processing(Store(), dict(FILES), from_datetime(START), make_host=request.param)
    take(processing, order("1", "ACME", [("STOOL", 3, 1)], 0))
    take(processing, order("2", "ACME", [("STOOL", 4, 14)], 0))
    yield processing
    processing.host.stop()


def tables(processing: Processing) -> dict[str, Rows]:
    """All tables now."""
    return export(processing.store, processing.plant_now(), processing.now)


def changed(file: str, old: str, new: str) -> dict[str, str]:
    """The folder with one text replaced."""
    assert old in FILES[file]
    return {**FILES, file: FILES[file].replace(old, new)}


def test_the_same_folder_changes_nothing(plant: Processing) -> None:
    before, said = tables(plant), len(plant.store.rows(MessageRow))
    load = plant.load(dict(FILES))
    assert (load.changes, load.writes) == ((), ())
    assert tables(plant) == before
    assert len(plant.store.rows(MessageRow)) == said


def test_what_is_planned_is_planned_anew_and_what_is_released_stays(plant: Processing) -> None:
    before = {row["work_order"]: row for row in tables(plant)["work_orders"]}
    assert sorted(row["status"] for row in before.values()) == ["planned", "released"]
    load = plant.load(changed("bom.csv", "STOOL,LEG,3", "STOOL,LEG,4"))
    assert [str(change) for change in load.changes] == ["BOM STOOL"]
    now = tables(plant)
    for row in now["work_orders"]:
        if row["status"] == "released":
            assert row == before[row["work_order"]]
    legs = sum(int(row["quantity"]) for row in now["purchase_orders"] if row["item"] == "LEG")
    assert legs == 16
    assert not findings(plant)


def test_a_promise_that_cannot_hold_is_made_anew_with_the_change_as_its_reason(plant: Processing) -> None:
    load = plant.load(changed("offers.csv", "LEG,1,2", "LEG,1,40"))
    assert [str(change) for change in load.changes] == ["offer WOOD of LEG"]
    (row,) = [row for row in tables(plant)["promises"] if row["order"] == "t/2"]
    assert row["promised"] > row["requested"]
    assert "offer WOOD of LEG was changed" in row["reason"]
    assert not findings(plant)


def test_work_that_is_issued_to_a_work_centre_with_other_hours_is_pushed_back_into_them(plant: Processing) -> None:
    plant.load({**FILES, "calendars.csv": "calendar,weekday,start,end\nday,3,08:00,16:00\n"})
    for row in tables(plant)["operations"]:
        assert row["start"][11:16] >= "08:00"
        assert row["start"].startswith(("2026-01-07", "2026-01-14", "2026-01-05"))
    assert not findings(plant)


def test_a_new_supplier_is_asked_from_then_on(plant: Processing) -> None:
    plant.load({**FILES, "offers.csv": FILES["offers.csv"] + "NEW,GLUE,1,1\n"})
    take(plant, order("3", "ACME", [("GLUE", 5, 5)], 1))
    assert [row["supplier"] for row in tables(plant)["purchase_orders"] if row["item"] == "GLUE"] == ["NEW"]
    assert not findings(plant)


def test_a_question_is_asked_anew_where_the_folder_now_answers_it(plant: Processing) -> None:
    take(plant, order("3", "NOBODY", [("LEG", 1, 10)], 1))
    assert [row["status"] for row in tables(plant)["promises"] if row["order"] == "t/3"] == ["question"]
    plant.load({**FILES, "customers.csv": FILES["customers.csv"] + "NOBODY,Somebody\n"})
    assert [row["status"] for row in tables(plant)["promises"] if row["order"] == "t/3"] == ["promised"]


def test_the_folder_says_something_new_of_an_item_after_engineering_did(plant: Processing) -> None:
    take(plant, revision("STOOL", "B", [("LEG", 5), ("SEAT", 1)], [], 1))
    load = plant.load(changed("customers.csv", "Idle", "Idler"))
    assert load.superseded == ()
    assert plant.plant_now().boms["STOOL"].components[0].quantity == 5
    load = plant.load({**changed("bom.csv", "STOOL,LEG,3", "STOOL,LEG,4")})
    assert load.superseded == ("STOOL",)
    assert plant.plant_now().boms["STOOL"].components[0].quantity == 4
    take(plant, revision("STOOL", "C", [("LEG", 6), ("SEAT", 1)], [], 2))
    assert plant.plant_now().boms["STOOL"].components[0].quantity == 6


REFUSED: list[tuple[str, dict[str, str], str]] = [
    (
        "an item in use is removed",
        {
            **FILES,
            "items.csv": FILES["items.csv"].replace("LEG,buy,1\n", ""),
            "bom.csv": "parent,component,quantity\nSTOOL,SEAT,1\n",
            "offers.csv": "supplier,item,unit_price,lead_time_days\nWOOD,SEAT,2,2\n",
            "stock.csv": "item,quantity\nSEAT,3\n",
        },
        "items.csv:item: LEG cannot be removed: ",
    ),
    (
        "a unit's decimals change",
        {
            **FILES,
            "items.csv": "item,supply,unit_cost,decimals\nSTOOL,make,9,1\nLEG,buy,1,0\nSEAT,buy,2,0\nGLUE,buy,1,0\n",
        },
        "items.csv:decimals: STOOL cannot change from 0 to 1: ",
    ),
    (
        "another way of supply",
        changed("items.csv", "STOOL,make", "STOOL,stock"),
        "items.csv:supply: STOOL cannot change from make to stock while t/1, t/2, WO-",
    ),
    (
        "a work centre with issued work is removed",
        {
            **FILES,
            "work_centres.csv": "work_centre,machines,calendar\nMILL,1,day\n",
            "routes.csv": FILES["routes.csv"].replace("SAW", "MILL"),
        },
        "work_centres.csv:work_centre: SAW cannot be removed: WO-",
    ),
    (
        "a customer with open orders is left out",
        changed("customers.csv", "ACME,Acme\n", ""),
        "customers.csv:customer: ACME cannot be left out: t/1, t/2 is open",
    ),
    ("another zone", changed("plant.toml", 'name = "p"\n', 'timezone = "Asia/Tokyo"\n'), "plant.toml:timezone: cannot"),
    ("another currency", changed("plant.toml", 'name = "p"\n', 'currency = "USD"\n'), "plant.toml:currency: cannot"),
]


@pytest.mark.parametrize(("files", "told"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_what_may_not_change_is_refused_and_nothing_is_done(
    plant: Processing, files: dict[str, str], told: str
) -> None:
    before, said = tables(plant), len(plant.store.rows(MessageRow))
    with pytest.raises(KnowledgeError) as caught:
        plant.load(files)
    assert any(str(problem).startswith(told) for problem in caught.value.problems), caught.value
    assert tables(plant) == before
    assert len(plant.store.rows(MessageRow)) == said
    take(plant, order("4", "ACME", [("STOOL", 1, 20)], 1))
    assert not findings(plant)


def test_every_problem_is_told_at_once(plant: Processing) -> None:
    files = {**changed("customers.csv", "ACME,Acme\n", ""), "plant.toml": 'currency = "USD"\n'}
    with pytest.raises(KnowledgeError) as caught:
        plant.load(files)
    assert len(caught.value.problems) == 2


def test_what_nobody_uses_may_be_removed(plant: Processing) -> None:
    files = {**changed("items.csv", "GLUE,buy,1\n", ""), "customers.csv": "customer,name\nACME,Acme\n"}
    files["work_centres.csv"] = FILES["work_centres.csv"].replace("MILL,1,day\n", "")
    load = plant.load(files)
    assert [f"{change} {change.what}" for change in load.changes] == [
        "item GLUE removed",
        "work centre MILL removed",
        "customer IDLE removed",
    ]
    assert not findings(plant)


# -- the law


@st.composite
def loads(draw: st.DrawFn) -> tuple[Case, list[dict[str, str]], tuple[dict[str, Any], ...]]:
    """A plant with orders, versions of its folder to load one after the other, and orders that come between them."""
    files = draw(plants(frozen=(0, 3)))
    gaps = (0, 60, DAY_MINUTES)
    new = [draw(versions(files)) for _ in range(draw(st.integers(1, 2)))]
    return Case(files, draw(streams(items_of(files), gaps))), new, draw(streams(items_of(files), gaps, most=2))


def left_alone(processing: Processing) -> dict[tuple[str, str], dict[str, str]]:
    """What is issued, without the times that fall into hours which are closed now, and its pegs."""
    shown = tables(processing)
    rows = [("purchase_orders", "purchase_order"), ("work_orders", "work_order")]
    mutable = {"pegged_to", "start", "finish", "reason"}
    return {
        (row[name], row["item"]): {k: v for k, v in row.items() if k not in mutable}
        for table, name in rows
        for row in shown[table]
        if row["status"] in ("firm", "released")
    }


def odd(processing: Processing) -> list[str]:
    """What the auditor finds, but for what is overdue since nobody reports anything."""
    return [text for text in findings(processing) if not text.startswith("overdue")]


@settings(
    max_examples=times(12, 1000),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
@given(loads())
def test_any_version_is_planned_with_or_refused_whole(
    found: tuple[Case, list[dict[str, str]], tuple[dict[str, Any], ...]],
) -> None:
    case, new, more = found
    processing = society(case)
    for document in case.documents:
        take(processing, document)
    for number, files in enumerate(new):
        before, issued = tables(processing), left_alone(processing)
        try:
            processing.load(files)
        except KnowledgeError:
            assert tables(processing) == before
        else:
            kept = left_alone(processing)
            assert {key: kept[key] for key in issued} == issued
        assert not odd(processing)
        minutes = (processing.now - from_datetime(START)) // 60
        for document in more:
            take(processing, {**document, "number": f"{number}{document['number']}", "received": after(minutes)})
            assert not odd(processing)


def test_reports_go_on_after_a_load(plant: Processing) -> None:
    plant.load(changed("routes.csv", "SAW,60", "MILL,30"))
    (begun,) = [row["work_order"] for row in tables(plant)["work_orders"] if row["status"] == "released"]
    take(plant, report(begun, "10", 3, 0, 600, finished=590, complete=True))
    for row in tables(plant)["purchase_orders"]:
        if row["status"] == "released":
            take(plant, receipt(row["purchase_order"], row["item"], int(row["quantity"]), 610))
    assert not findings(plant)
