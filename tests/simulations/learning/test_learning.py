"""What is learned from the log of a made-up shop is the shop; dirt in it is dropped, counted, and changes nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest

from knowledge.instants import DAY
from knowledge.reading import read_plant
from simulations.learning.folder import knowledge_texts
from simulations.learning.learned import Learned, learn
from simulations.learning.mapping import LogError, LogMapping
from tests.simulations.learning.shop_logs import COLUMNS, HOLIDAY, MACHINES, TIMES, Row, csv_of, shop_log


def learned_from(folder: Path, text: str, mapping: LogMapping | None = None) -> Learned:
    path = folder / "log.csv"
    path.write_text(text)
    return learn(path, mapping or LogMapping())


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return shop_log()


@pytest.fixture(scope="module")
def learned(rows: list[Row], tmp_path_factory: pytest.TempPathFactory) -> Learned:
    return learned_from(tmp_path_factory.mktemp("log"), csv_of(rows))


def test_routes_are_the_steps_of_most_orders_in_their_order_and_seldom_steps_are_left_out(learned: Learned) -> None:
    for route in learned.routes:
        assert [step.step for step in route.steps] == [step for item, step in TIMES if item == route.item]
        assert [step.step for step in route.optional] == ["Deburring"]
        assert 0 < route.optional[0].taken < route.orders / 2


def test_one_step_on_two_machines_has_two_alternatives(learned: Learned) -> None:
    plant = read_plant(knowledge_texts(learned))
    for item, route in plant.routes.items():
        for step in route.steps:
            centres = {way.work_centre for way in step.alternatives}
            assert centres == set(MACHINES[step.step]), (item, step.step)


def test_standard_times_are_those_of_the_shop(learned: Learned) -> None:
    for standard in learned.standards:
        setup, run = TIMES[standard.item, standard.step]
        assert float(standard.run) == pytest.approx(run, rel=0.12), standard
        assert float(standard.minutes(standard.seen[0].quantity)) == pytest.approx(
            setup + run * float(standard.seen[0].quantity), rel=0.12, abs=3
        )


def test_the_calendars_are_the_shifts_of_the_shop(learned: Learned) -> None:
    calendars = learned.calendars
    plant = calendars.calendars[calendars.of_centre["Lathe 1"]]
    assert {(shift.weekday, shift.start, shift.end) for shift in plant.shifts} == {
        (day, 6 * 60, 22 * 60) for day in range(1, 6)
    }
    assert plant.holidays == {HOLIDAY}
    inspectors = calendars.calendars[calendars.of_centre["Inspection"]]
    assert {(shift.weekday, shift.start, shift.end) for shift in inspectors.shifts} == {
        (day, 8 * 60, 16 * 60) for day in range(1, 6)
    }
    assert {centre.machines for centre in learned.centres} == {1}


def test_work_is_released_as_early_as_nine_of_ten_orders_have_taken(learned: Learned, tmp_path: Path) -> None:
    days = read_plant(knowledge_texts(learned)).release_horizon_days
    spans = [(case.end - case.begin) / DAY for case in learned.cases]
    assert sum(span <= days for span in spans) >= 0.9 * len(spans) > sum(span <= days - 1 for span in spans)
    few = learned_from(tmp_path, csv_of([row for row in shop_log() if row.case in {learned.cases[0].case}]))
    assert read_plant(knowledge_texts(few)).release_horizon_days == 0


def test_machines_without_names_are_counted_by_what_they_do_at_once(rows: list[Row], tmp_path: Path) -> None:
    merged = [replace(row, machine="Lathes" if row.machine.startswith("Lathe") else row.machine) for row in rows]
    found = {centre.code: centre for centre in learned_from(tmp_path, csv_of(merged)).centres}
    assert found["Lathes"].machines == 2
    assert found["Saw 1"].machines == 1


def test_machines_of_a_named_work_centre_are_counted_by_their_names(rows: list[Row], tmp_path: Path) -> None:
    text = csv_of(rows, ("Work Order", "Part", "Order Qty", "Operation", "Machine", "Kind", "Start", "End", "Good", ""))
    lines = [line.removesuffix(",") for line in text.splitlines()]
    centres = ["Work Centre", *("Turners" if "Lathe" in line else line.split(",")[4] for line in lines[1:])]
    body = "\n".join(f"{line},{centre}" for line, centre in zip(lines, centres, strict=True)) + "\n"
    found = {centre.code: centre for centre in learned_from(tmp_path, body, LogMapping(columns=_KIND)).centres}
    assert (found["Turners"].machines, found["Turners"].named) == (2, True)


_KIND = {"report": "Kind"}


def dirty(rows: Sequence[Row]) -> list[Row]:
    """The rows with such dirt between them as real logs have."""
    first = rows[0]
    return [
        replace(first, case="", good="1"),
        *rows[:100],
        replace(first, item=""),
        rows[3],
        replace(first, machine=""),
        replace(first, start=first.end, end=first.start),
        replace(first, start="soon"),
        replace(first, quantity="many"),
        replace(first, start="2001-01-01 00:00", end="2001-01-01 01:00"),
        replace(first, start="2026-01-05 06:00", end="2026-03-05 06:00"),
        replace(first, start=first.end, end=first.end),
        replace(rows[50], item="FLANGES"),
        replace(first, quantity="-4"),
        *rows[100:],
    ]


def test_dirt_is_dropped_with_its_reason_and_what_is_learned_is_the_same(
    rows: list[Row], learned: Learned, tmp_path: Path
) -> None:
    found = learned_from(tmp_path, csv_of(dirty(rows)))
    assert knowledge_texts(found) == knowledge_texts(learned)
    assert {why: len(dropped) for why, dropped in found.log.dropped.items()} == {
        "has no work order": 1,
        "has no item": 1,
        "has no machine": 1,
        "says what another row says": 1,
        "ends before it begins": 1,
        "has a time that cannot be read": 1,
        "quantity is not a number": 1,
        "quantity is below 0": 1,
        "lies far from all other times of the log": 1,
        "covers more than a week": 1,
        "names another item than the other rows of its work order": 1,
    }
    assert "reports that take no time at all: 1;" in "; ".join(found.log.notes)


def test_two_people_who_report_the_same_hour_are_one_hour_of_the_machine(rows: list[Row], tmp_path: Path) -> None:
    twice = [*rows, *(replace(row, good="", rework="") for row in rows if row.kind == "D" and row.good)]
    shifted = [
        replace(row, start=(dt.datetime.fromisoformat(row.start) + dt.timedelta(minutes=1)).isoformat(" ", "minutes"))
        if n >= len(rows)
        else row
        for n, row in enumerate(twice)
    ]
    usable = [row for row in shifted if row.start < row.end]
    found = learned_from(tmp_path, csv_of(usable))
    assert found.hours()[0] == learned_from(tmp_path, csv_of(rows)).hours()[0]


def test_a_workbook_teaches_what_its_csv_file_does(rows: list[Row], learned: Learned, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(COLUMNS)
    for row in rows:
        start, end = map(dt.datetime.fromisoformat, (row.start, row.end))
        head = [row.case, row.item, int(row.quantity), row.step, row.machine, row.kind]
        sheet.append([*head, start, end, int(row.good) if row.good else None, row.rework])
    book.save(tmp_path / "log.xlsx")
    assert knowledge_texts(learn(tmp_path / "log.xlsx", LogMapping())) == knowledge_texts(learned)


def test_starts_and_completions_in_rows_of_their_own_teach_the_same(rows: list[Row], tmp_path: Path) -> None:
    runs = [replace(row, kind="D") for row in rows]
    columns = "case:concept:name,Part,Order Qty,concept:name,org:resource,lifecycle:transition,time:timestamp,Good"
    lines = [columns]
    for row in runs:
        head = f"{row.case},{row.item},{row.quantity},{row.step},{row.machine}"
        lines += [f"{head},start,{row.start},", f"{head},complete,{row.end},{row.good}"]
    found = learned_from(tmp_path, "\n".join(lines) + "\n")
    assert knowledge_texts(found) == knowledge_texts(learned_from(tmp_path, csv_of(runs)))
    assert not found.log.dropped


def test_times_are_separated_by_quantity_where_set_ups_are_not_reported(rows: list[Row], tmp_path: Path) -> None:
    found = learned_from(tmp_path, csv_of([replace(row, kind="D") for row in rows]))
    turning = {s.item: s for s in found.standards if s.step == "Turning" and s.centre == "Lathe 1"}
    for item, (setup, run) in ((item, TIMES[item, "Turning"]) for item in ("FLANGE", "SHAFT", "PIN")):
        assert "line over" in turning[item].fit
        assert float(turning[item].run) == pytest.approx(run, rel=0.1)
        assert float(turning[item].setup) == pytest.approx(setup, abs=25)


def test_a_mapping_names_columns_words_and_the_way_that_numbers_and_dates_are_written(
    rows: list[Row], learned: Learned, tmp_path: Path
) -> None:
    head = "Auftrag;Teil;Menge;Vorgang;Platz;Art;Dauer;Ende;Gut;Nacharbeit"
    kinds = {"S": "Rüsten", "D": "Fertigen"}
    lines = [head]
    for row in rows:
        start, end = map(dt.datetime.fromisoformat, (row.start, row.end))
        cells = [row.case, row.item, f"{row.quantity},0", row.step, row.machine, kinds[row.kind]]
        hours = f"{(end - start).total_seconds() / 3600:.4f}".replace(".", ",")
        lines.append(";".join([*cells, hours, end.strftime("%d/%m/%y %H:%M"), row.good, row.rework]))
    mapping = LogMapping(
        columns={
            "case": "Auftrag", "item": "Teil", "quantity": "Menge", "step": "Vorgang", "machine": "Platz",
            "report": "Art", "minutes": "Dauer", "finished": "Ende", "good": "Gut", "rework": "Nacharbeit",
        },
        values={"report": {"Rüsten": "setup", "Fertigen": "run"}},
        decimal=",",
        duration="hours",
        date_format=("%d/%m/%y %H:%M",),
    )  # fmt: skip
    found = learned_from(tmp_path, "\n".join(lines) + "\n", mapping)
    assert [(s.item, s.step, s.centre) for s in found.standards] == [
        (s.item, s.step, s.centre) for s in learned.standards
    ]
    for one, other in zip(found.standards, learned.standards, strict=True):
        assert float(one.run) == pytest.approx(float(other.run), rel=0.03)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "no column says the case nor the item nor the step nor the machine"),
        ("Case,Part,Activity,Resource,Resource.1,Start,End\n", "'Resource' or 'Resource.1' may be the machine"),
        ("Case,Part,Activity,Machine,End\n", "two of started, finished and minutes are wanted"),
        ("Case,Part,Activity,Machine,Start,End\n", "no report can be used: it has no rows"),
        (
            "Case,Part,Activity,Machine,Start,End\n1,A,Saw,M,3/4/2026 06:00,3/4/2026 07:00\n",
            "whether dates with slashes begin with the day or the month cannot be told",
        ),
        (
            "Case,Part,Activity,Machine,Start,End,Report\n1,A,Saw,M,2026-01-05 06:00,2026-01-05 07:00,Pause\n",
            "'Pause' is no kind of report that is known",
        ),
    ],
)
def test_a_log_that_cannot_be_understood_is_refused_with_the_cure(text: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(LogError, match=r"^log\.csv: ") as refused:
        learned_from(tmp_path, text)
    assert told in str(refused.value)


def test_the_order_of_day_and_month_is_found_out(rows: list[Row], learned: Learned, tmp_path: Path) -> None:
    american = [replace(row, start=_american(row.start), end=_american(row.end)) for row in rows]
    assert knowledge_texts(learned_from(tmp_path, csv_of(american))) == knowledge_texts(learned)


def _american(text: str) -> str:
    return dt.datetime.fromisoformat(text).strftime("%m/%d/%Y %H:%M")


def test_days_without_a_time_say_nothing_of_calendars(rows: list[Row], learned: Learned, tmp_path: Path) -> None:
    packing = []
    for row in rows:
        if row.step == "Inspection" and row.good:
            day = row.end[:10]
            packing.append(replace(row, step="Packing", machine="Packing", start=f"{day} 00:00", end=f"{day} 01:00"))
    found = learned_from(tmp_path, csv_of([*rows, *packing]))
    assert found.calendars.calendars == learned.calendars.calendars
    assert all(route.steps[-1].step == "Packing" for route in found.routes)
    assert any("begin at midnight to the minute" in note for note in found.log.notes)
