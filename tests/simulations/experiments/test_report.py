"""The report of an experiment says what was found and how surely, and its pictures stand alone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from lxml import etree, html

from simulations.experiments.definitions import defined, definitions
from simulations.experiments.design import Experiment
from simulations.experiments.report import write_report
from simulations.experiments.report.numbers import shown, shown_p
from simulations.experiments.report.page import Told
from simulations.experiments.running import Results
from simulations.experiments.statistics import estimate
from simulations.experiments.work import Failure
from tests.simulations.experiments import toy_world

TABLE = {"scenarios": ["toy"], "policies": ["better", "steady", "other"], "baseline": "steady", "days": 12}


def _results(**keys: object) -> Results:
    experiment = Experiment.model_validate({**TABLE, **keys})
    return Results(experiment, {trial: toy_world.run(trial) for trial in experiment.trials()})


def _text(page: Path) -> str:
    return " ".join(" ".join(map(str, html.fromstring(page.read_text(encoding="utf-8")).itertext())).split())


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a report with two cases and a failure."""
    folder = tmp_path_factory.mktemp("report")
    results = _results(replications=4, grid={"rate": [1, 2]})
    lost = next(iter(results.runs))
    kept = {trial: run for trial, run in results.runs.items() if trial != lost}
    broken = Results(results.experiment, kept, (Failure(lost, "its worker died 2 times"),))
    write_report(broken, {"toy": Told("A <toy> plant", "It has no machines.", 3, "EUR")}, {"code": "abc123"}, folder)
    return folder


def test_it_says_what_was_run_what_failed_and_how_it_was_computed(written: Path) -> None:
    text = _text(written / "report.html")
    for told in (
        "3 policies × 4 replications × 2 cases, 12 simulated days each; seeds 0 to 3.",
        "Policies are compared with steady.",
        "toy, policy better, seed 0, rate = 1: its worker died 2 times",
        "A <toy> plant",
        "intervals of differences are Bonferroni's (each 97.5 %, together 95 %) and p values are Holm's",
        "1 of 4 replications without a value",
        "The warm-up is shaded",
        "abc123",
    ):
        assert told in text


def test_it_says_which_differences_are_more_than_chance(written: Path) -> None:
    text = _text(written / "report.html")
    assert "lateness +0.1000 ± 0 more (p < 0.001)" in text
    assert "the same in every replication" in text


def test_every_picture_is_a_file_that_stands_alone(written: Path) -> None:
    named = set(re.findall(r'href="plots/([^"]+)"', (written / "report.html").read_text(encoding="utf-8")))
    files = {file.name for file in (written / "plots").iterdir()}
    assert named == files
    assert {"toy-lateness-cases.svg", "toy-1-lateness-mean.svg", "toy-2-backlog-days.svg"} < files
    for name in files:
        text = (written / "plots" / name).read_text(encoding="utf-8")
        etree.fromstring(text.encode())
        assert "var(" not in text
        assert "http" not in text.replace("http://www.w3.org/", "")


def test_the_page_needs_nothing_from_elsewhere_and_its_identifiers_are_its_own(written: Path) -> None:
    page = html.fromstring((written / "report.html").read_text(encoding="utf-8"))
    assert not page.xpath("//script | //link | //img | //iframe")
    identifiers = [each.get("id") for each in page.iter() if each.get("id")]
    assert len(identifiers) == len(set(identifiers))


def test_the_same_results_give_the_same_bytes(written: Path, tmp_path: Path) -> None:
    results = _results(replications=2)
    for folder in (tmp_path / "one", tmp_path / "two"):
        folder.mkdir()
        write_report(results, {}, {}, folder)
    one, two = (
        {file.relative_to(folder): file.read_bytes() for folder in [tmp_path / name] for file in folder.rglob("*.*")}
        for name in ("one", "two")
    )
    assert one == two


def test_one_policy_and_one_replication_claim_nothing(tmp_path: Path) -> None:
    page = write_report(_results(policies=["steady"], baseline="", days=3), {}, {}, tmp_path)
    text = _text(page)
    assert "There is one replication: no interval can be given" in text
    assert "one replication: no interval" in text
    assert "Differences to" not in text
    assert " ± " not in text.replace("± half width", "")


def test_numbers_end_where_they_become_uncertain() -> None:
    percent = defined("on_time_in_full")
    assert shown(estimate([0.941, 0.952, 0.930]), percent) == "94.1 ± 2.7"
    assert shown(estimate([12_345.6, 11_987.1, 12_800.2]), defined("inventory_value")) == "12,400 ± 1,000"
    assert shown(estimate([0.00123, 0.00129]), defined("tardiness_days")) == "0.00126 ± 0.00038"
    assert shown(estimate([-1.5, -1.7, -1.6]), defined("lead_time_days"), signed=True) == "−1.60 ± 0.25"
    assert shown(estimate([2.0]), defined("lead_time_days"), signed=True) == "+2.000"
    assert shown(estimate([0.0, 0.0]), defined("lead_time_days")) == "0 ± 0"
    assert shown(estimate([None]), percent) == "–"
    assert [shown_p(p) for p in (None, 0.00004, 0.0123, 0.34)] == ["–", "< 0.001", "0.012", "0.34"]


def test_every_measure_of_a_run_is_defined() -> None:
    for name, each in definitions().items():
        assert each.meaning.endswith("."), name
        assert each.better in ("more", "less", "")
