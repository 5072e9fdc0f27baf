"""The benchmarks' own parts: documents that are read, a plant that is one, figures that are kept."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from agents.planner.release_split import cost_of, split
from agents.planner.sourcing import cheapest, quantities, rank
from knowledge.reading import load_plant
from tests.bench.__main__ import main
from tests.bench.choices import release_case, supplier_case
from tests.bench.plant import write_plant
from tests.bench.results import Result, keep, percentile
from tests.bench.sequencing import make_shop, published, weighted_tardiness
from tests.bench.sources import documents, lines_of
from tests.exact import best_rank, best_split


@pytest.mark.parametrize("name", ["X12", "UBL", "Shopify", "WooCommerce", "HubSpot", "Salesforce", "JSON"])
def test_every_document_is_read_whole(name: str) -> None:
    assert [lines_of(name, body) for body in documents()[name][:2]] == [100, 100]


@pytest.mark.parametrize("seed", range(100))
def test_choices_of_the_benchmark_are_exact(seed: int) -> None:
    offers, need = supplier_case(random.Random(seed))
    choice = cheapest(offers, need)
    assert (None if choice is None else rank(offers, quantities(offers, choice))) == best_rank(offers, need)
    lines, most, cost = release_case(random.Random(seed))
    assert cost_of(lines, split(lines, most, cost).releases, cost) == best_split(lines, most, cost)


def test_the_plant_is_sound_and_the_same_every_time(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_plant(tmp_path / name, orders=20, families=2)
    assert len(load_plant(tmp_path / "one" / "knowledge").items) == 100
    files = {p.relative_to(tmp_path / "one"): p.read_bytes() for p in (tmp_path / "one").rglob("*.*")}
    assert files == {p.relative_to(tmp_path / "two"): p.read_bytes() for p in (tmp_path / "two").rglob("*.*")}


def test_a_load_below_the_set_ups_alone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="set-ups alone exceed the load"):
        write_plant(tmp_path, orders=100000, families=1, load=0.1)


def test_a_percentile_is_the_smallest_value_that_so_many_do_not_exceed() -> None:
    assert [percentile([4, 1, 3, 2], percent) for percent in (0, 50, 75, 95)] == [1, 2, 3, 4]


def test_made_shops_are_the_same_every_time_and_as_loaded_as_asked() -> None:
    shop = make_shop(2_000, load=0.8)
    assert shop == make_shop(2_000, load=0.8)
    problem = weighted_tardiness(shop)
    work = sum(ways[0].minutes for job in problem.jobs for ways in job.operations)
    span = max(job.release for job in problem.jobs)
    assert 0.78 < work / (20 * span) < 0.82
    assert all(len({ways[0].work_centre for ways in job.operations}) == len(job.operations) for job in problem.jobs)


def test_published_shops_are_read_with_one_way_an_operation_or_several() -> None:
    (plain,) = published([[[1, 5], [0, 3]]]).jobs
    (flexible,) = published([[[[1, 5], [0, 7]], [[0, 3]]]]).jobs
    assert [[(way.work_centre, way.minutes) for way in ways] for ways in plain.operations] == [[("M1", 5)], [("M0", 3)]]
    assert [len(ways) for ways in flexible.operations] == [2, 1]


def test_figures_of_other_benchmarks_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "results.json"
    keep([Result("one", 1, "s", "c"), Result("two", 2, "s", "c")], path)
    keep([Result("two", 3, "s", "c")], path)
    assert {name: entry["figure"] for name, entry in json.loads(path.read_text()).items()} == {"one": 1, "two": 3}


def test_an_unknown_benchmark_is_refused() -> None:
    assert main(["nothing"]) == 2
