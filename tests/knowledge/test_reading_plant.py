"""Whole folders: every file and column, every problem at once, and what no text may do."""

from __future__ import annotations

import csv
import datetime as dt
import io
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.calendars import LeadTime, Shift
from knowledge.errors import KnowledgeError, Problem
from knowledge.instants import parse
from knowledge.plant import Alias, LotRule, OpenOrder, OpenOrderKind, Plant, SupplyStatus
from knowledge.reading import load_plant, read_folder, read_plant
from knowledge.reading.layout import FILES, LAYOUTS

FIXTURES = Path(__file__).parent / "fixtures"


@pytest.fixture(scope="module")
def plant() -> Plant:
    return load_plant(FIXTURES / "every_column")


def test_the_fixture_fills_every_column_of_every_file() -> None:
    files = read_folder(FIXTURES / "every_column")
    assert tuple(files) == FILES
    for file, layout in LAYOUTS.items():
        header, *rows = files[file].splitlines()
        assert tuple(header.split(",")) == layout.columns
        assert all(any(cells) for cells in zip(*(row.split(",") for row in rows), strict=False)), file


def test_items_are_read_in_their_smallest_units(plant: Plant) -> None:
    pump, oil = plant.items["PUMP-10"], plant.items["OIL"]
    assert pump.description == 'pump, 10 "bar"'
    assert (pump.group, pump.safety_stock, pump.lot) == ("red", 3, LotRule(5, 100, 5))
    assert pump.lead_time == LeadTime(2, plant.calendars["weekdays"])
    assert str(pump.unit_cost) == "210.50"
    assert (oil.uom, oil.decimals, oil.safety_stock, oil.shelf_life_days) == ("l", 3, 250, 365)
    assert plant.items["BOLT"].lead_time == LeadTime(7)


def test_the_last_revision_of_bom_and_route_is_in_force(plant: Plant) -> None:
    bom = plant.boms["PUMP-10"]
    assert (bom.revision, [line.item for line in bom.components]) == ("B", ["BODY", "BOLT", "OIL"])
    bolt, oil = bom.components[1:]
    assert Fraction(bolt.numerator, bolt.denominator) == Fraction(82, 10)
    assert (bolt.need(5), oil.need(1), oil.quantity) == (41, 50, Decimal("0.05"))
    assert plant.routes["PUMP-10"].revision == "B"


def test_steps_go_by_number_or_else_by_file_order_and_alternatives_by_file_order(plant: Plant) -> None:
    pump, body = plant.routes["PUMP-10"], plant.routes["BODY"]
    assert [step.step for step in pump.steps] == ["20", "100"]
    assert [alternative.work_centre for alternative in pump.steps[0].alternatives] == ["ASM", "MILL"]
    assert pump.steps[1].alternatives[0].teardown_minutes == 5
    assert [step.step for step in body.steps] == ["mill", "deburr"]


def test_work_centres_without_a_calendar_have_the_plants(plant: Plant) -> None:
    assert {code: centre.calendar.name for code, centre in plant.work_centres.items()} == {
        "ASM": "weekdays",
        "PAINT": "nights",
        "MILL": "weekdays",
    }
    assembly = plant.work_centres["ASM"]
    assert (assembly.machines, assembly.efficiency_percent, assembly.cost_per_hour) == (
        2,
        Decimal(90),
        Decimal("45.50"),
    )
    assert plant.setups["PAINT", "blue", "red"] == 20


def test_calendars_have_shifts_and_holidays_in_the_plants_zone(plant: Plant) -> None:
    assert plant.calendars["nights"].shifts == (Shift(1, 1320, 1440), Shift(2, 0, 360))
    assert plant.calendars["weekdays"].holidays == {dt.date(2026, 12, 25)}
    assert all(calendar.zone is plant.zone for calendar in plant.calendars.values())


def test_rows_of_one_supplier_and_item_are_breaks_of_one_offer(plant: Plant) -> None:
    steel, oily = plant.offers["BOLT"]
    assert steel.breaks == ((100, Decimal("0.05")), (1000, Decimal("0.0400")))
    assert steel.lot == LotRule(minimum=100, multiple=50)
    assert (steel.capacity_per_week, steel.preference, oily.preference) == (20_000, 1, 2)
    assert steel.lead_time == LeadTime(7, plant.calendars["weekdays"])
    assert [steel.unit_price(quantity) for quantity in (100, 999, 1000)] == [Decimal("0.05")] * 2 + [Decimal("0.04")]
    assert (plant.suppliers["STEEL"].currency, plant.suppliers["OILY"].currency) == ("USD", "EUR")
    assert plant.rate("USD") == Decimal("0.92")


def test_customers_have_the_contracts_defaults(plant: Plant) -> None:
    acme, plain = plant.customer("ACME"), plant.customer("PLAIN")
    assert acme is not None
    assert plain is not None
    assert (acme.priority, acme.partial_shipments, acme.most_releases, acme.transit_days) == (
        1,
        False,
        3,
        Decimal("1.5"),
    )
    assert (plain.priority, plain.partial_shipments, plain.most_releases, plain.transit_days) == (
        5,
        True,
        None,
        Decimal(0),
    )
    assert plant.customer("NOBODY") is None


def test_opening_balances_and_names_are_read(plant: Plant) -> None:
    assert plant.stock == {"OIL": 12_500, "BOLT": 1000}
    assert plant.reserved == {("BOLT", "ACME"): 400}
    begin, due = parse("2026-02-02", plant.zone), parse("2026-02-03T14:00", plant.zone)
    work, first, second = plant.open_orders
    assert work == OpenOrder(OpenOrderKind.WORK_ORDER, "W1", "PUMP-10", 5, due, begin, None, SupplyStatus.FIRM)
    assert (first.number, first.due, first.status) == ("P1", begin, SupplyStatus.RELEASED)
    assert (second.number, second.due) == ("P1", parse("2026-02-09", plant.zone))
    assert plant.aliases["gtin", "4012345678901"] == Alias("BOLT", Decimal(100))
    assert plant.uom_conversions == {("BOLT", "BOX"): 100, ("OIL", "EA"): Decimal("0.5")}


def test_items_alone_make_a_plant_where_any_customer_is_welcome() -> None:
    read = read_plant({"items.csv": "item\nA\n"})
    assert read.customers is None
    customer = read.customer("anybody")
    assert customer is not None
    assert customer.priority == 5


def test_a_folder_of_mistakes_tells_every_one_of_them_at_once() -> None:
    with pytest.raises(KnowledgeError) as error:
        load_plant(FIXTURES / "twenty_mistakes")
    expected = (FIXTURES / "twenty_mistakes.txt").read_text(encoding="utf-8")
    assert str(error.value) + "\n" == expected
    assert len(error.value.problems) > 20


def test_problems_come_by_file_in_the_contracts_order_then_by_row() -> None:
    with pytest.raises(KnowledgeError) as error:
        load_plant(FIXTURES / "twenty_mistakes")
    places = [(FILES.index(p.file) if p.file in FILES else len(FILES), p.row) for p in error.value.problems]
    assert places == sorted(places)


# Any text


WORDS = st.sampled_from(
    [
        "A",
        "A",
        "A",
        "B",
        "B",
        "B",
        "C",
        "C",
        "0",
        "1",
        "2",
        "-1",
        "2.5",
        "1e30",
        "NaN",
        "1e-999999",
        "yes",
        "no",
        "make",
        "buy",
        "work",
        "USD",
        "EUR",
        "06:00",
        "14:00",
        "24:00",
        "2026-02-02",
        "9999-12-31",
        "work_order",
        "purchase_order",
        "firm",
        "é",
    ]
)
CELLS = st.one_of(st.just(""), WORDS, WORDS, st.text(max_size=5))


@st.composite
def tables(draw: st.DrawFn, file: str) -> str:
    columns = draw(st.permutations(LAYOUTS[file].columns))
    kept = [column for column in columns if column in LAYOUTS[file].required or draw(st.booleans())]
    width = st.integers(len(kept), len(kept) + 1) if draw(st.integers(0, 9)) == 0 else st.just(len(kept))
    rows = draw(st.lists(width.flatmap(lambda n: st.lists(CELLS, min_size=n, max_size=n)), max_size=6))
    return "\n".join(",".join(f'"{cell}"' if "," in cell else cell for cell in row) for row in [kept, *rows])


@st.composite
def folders(draw: st.DrawFn) -> dict[str, str]:
    files = {file: draw(tables(file)) for file in draw(st.sets(st.sampled_from(list(LAYOUTS)), max_size=6))}
    files.setdefault("items.csv", "item,decimals\nA,0\nB,3\nC,0\n")
    return files


def told(files: dict[str, str]) -> list[Problem]:
    try:
        read_plant(files)
    except KnowledgeError as error:
        return error.problems
    return []


@given(folders())
@settings(max_examples=100, deadline=None)
def test_no_cells_raise_anything_but_the_same_problems_every_time(files: dict[str, str]) -> None:
    problems = told(files)
    backwards = dict(reversed(files.items()))
    assert told(backwards) == problems
    assert len("\n".join(map(str, problems)).splitlines()) == len(problems)


@st.composite
def damaged(draw: st.DrawFn) -> dict[str, str]:
    """The good fixture with some of its cells overwritten."""
    files = read_folder(FIXTURES / "every_column")
    for file in draw(st.lists(st.sampled_from(list(LAYOUTS)), min_size=1, max_size=4, unique=True)):
        rows = list(csv.reader(io.StringIO(files[file])))
        row = draw(st.sampled_from(rows))
        row[draw(st.integers(0, len(row) - 1))] = draw(CELLS)
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(rows)
        files[file] = text.getvalue()
    return files


@given(damaged())
@settings(max_examples=100, deadline=None)
def test_damage_to_a_good_folder_is_read_or_told(files: dict[str, str]) -> None:
    for problem in told(files):
        assert problem.file in files
        assert problem.text


@given(st.dictionaries(st.sampled_from(FILES), st.text(), max_size=3))
def test_no_text_at_all_raises_anything_else(files: dict[str, str]) -> None:
    assert told(files) == told(files)


def test_stock_of_an_item_has_one_row_a_customer_and_one_that_is_free() -> None:
    customers = "customer\nC\nD\n"
    stock = "item,quantity,customer\nA,1,\nA,2,C\nA,3,D\nA,0,C\nA,4,\nA,5,E\n"
    with pytest.raises(KnowledgeError) as raised:
        read_plant({"items.csv": "item\nA\n", "customers.csv": customers, "stock.csv": stock})
    assert [str(problem) for problem in raised.value.problems] == [
        "stock.csv:5:item: the stock of 'A' for 'C' is given in row 3 already",
        "stock.csv:6:item: the stock of 'A' is given in row 2 already",
        "stock.csv:7:customer: unknown customer 'E'; it has no row in customers.csv",
    ]
    read = read_plant({"items.csv": "item\nA\n", "stock.csv": "item,quantity,customer\nA,1,\nA,2,C\nA,0,D\n"})
    assert (read.stock, read.reserved) == ({"A": 3}, {("A", "C"): 2})
