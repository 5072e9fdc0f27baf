"""The picture of the machines before and after: it stands alone, and says what improving came to."""

from __future__ import annotations

import struct
from dataclasses import replace
from functools import cache
from pathlib import Path

from lxml import etree

from agents.sources.reading import read_paths
from knowledge.plant import Plant
from knowledge.reading import read_folder
from knowledge.store.database import Store
from simulations.processing import Processing, earliest
from simulations.report.records import Records
from simulations.report.sequence_bars import SET_UP, sequence_of
from simulations.report.sequence_picture import write_sequences
from simulations.what_if import state_of
from tests.bench.setups import COLOURS, write_shop

SHOP = Path(__file__).parents[1] / "fixtures" / "paint_shop"
_SVG = "{http://www.w3.org/2000/svg}"


@cache
def improved() -> tuple[Records, Records, Plant, int]:
    """The fixture's tables before and after improving, its plant, and the time."""
    reads = read_paths([SHOP / "orders.jsonl"])
    processing = Processing(Store(), read_folder(SHOP / "knowledge"), earliest(reads), improve_seconds=2)
    for _ in processing.run(reads):
        pass
    before = state_of(processing).records
    processing.improve()
    return before, state_of(processing).records, processing.plant, processing.now


def texts(file: Path) -> list[str]:
    svg = etree.fromstring(file.read_bytes())
    return ["".join(str(part) for part in node.itertext()) for node in svg.iter(f"{_SVG}text")]


def test_improving_the_paint_shop_saves_set_ups_and_lateness() -> None:
    before, after, plant, _ = improved()
    was, now = sequence_of(before, plant), sequence_of(after, plant)
    assert now.set_up_hours < was.set_up_hours * 7 / 10
    assert now.late_hours < was.late_hours / 4


def test_a_set_up_takes_what_the_operation_takes_beyond_its_run() -> None:
    before, _, plant, _ = improved()
    bars = [bar for bar in sequence_of(before, plant).bars if bar.lane == "PAINT"]
    lengths = {(bar.finish - bar.start) // 60 for bar in bars if bar.group == SET_UP}
    assert lengths <= {60, 120, 180}
    assert {bar.group for bar in bars} == {*COLOURS, SET_UP}
    assert any(bar.late for bar in bars)


def test_it_has_titles_key_figures_lanes_and_a_legend(tmp_path: Path) -> None:
    before, after, plant, now = improved()
    write_sequences(before, after, plant, now, tmp_path / "picture.svg")
    said = texts(tmp_path / "picture.svg")
    assert "paint shop: work on its machines, before and after improving" in said
    assert f"Before: {sequence_of(before, plant).told}" in said
    assert f"Improved: {sequence_of(after, plant).told}" in said
    assert {"CUT", "PAINT", "PACK", *COLOURS, "set-up", "Time (UTC)"} <= set(said)
    assert said.index("CUT") < said.index("PAINT") < said.index("PACK")


def test_where_nothing_is_planned_there_is_still_a_picture(tmp_path: Path) -> None:
    before, _, plant, now = improved()
    empty = replace(before, work_orders=(), operations=(), promises=())
    write_sequences(empty, empty, plant, now, tmp_path / "picture.svg")
    assert "Before: nothing late; 0 h of set-up" in texts(tmp_path / "picture.svg")


def test_the_suffix_decides_on_png_and_the_same_plans_give_the_same_bytes(tmp_path: Path) -> None:
    before, after, plant, now = improved()
    for name in ("one.png", "one.svg", "other.svg"):
        write_sequences(before, after, plant, now, tmp_path / name)
    data = (tmp_path / "one.png").read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">I", data[16:20])[0] > 1600
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "other.svg").read_bytes()


def test_the_fixture_is_what_its_generator_writes(tmp_path: Path) -> None:
    write_shop(tmp_path, orders=24, days=4, seed=5)
    for file in (path for path in SHOP.rglob("*") if path.is_file()):
        assert (tmp_path / file.relative_to(SHOP)).read_bytes() == file.read_bytes()
