"""What the README says of the comparison of policies is what the committed results of its experiments say."""

from __future__ import annotations

import csv
import tomllib
from pathlib import Path

import pytest

from simulations.experiments.definitions import defined
from simulations.experiments.design import called
from simulations.experiments.reading import read_experiment

ROOT = Path(__file__).parents[1]
RESEARCH = ROOT / "docs" / "research"
README = (ROOT / "README.md").read_text(encoding="utf-8")
RESULTS = sorted(place.parent.name for place in RESEARCH.glob("*/summary.csv"))
MEASURES = {
    "pc-assembler": (
        *("on_time_in_full", "tardiness_days", "orders_cancelled", "lateness_cost"),
        *("inventory_value", "work_in_process_value"),
    ),
    "machine-shop-2012": ("on_time_in_full", "tardiness_days", "lead_time_days", "promises_kept", "inventory_value"),
}
DIGITS = {"%": 1, "days": 2, "currency": 0, "orders": 1}
THOUSANDS = {"pc-assembler"}
"""Where money is shown in thousands."""

Table = dict[tuple[str, str], dict[str, str]]


def _table(name: str, kind: str) -> Table:
    """Rows of a table by policy and measure."""
    with (RESEARCH / name / f"{kind}.csv").open(encoding="utf-8", newline="") as opened:
        return {(row["policy"], row["measure"]): row for row in csv.DictReader(opened)}


def _cell(name: str, means: Table, gaps: Table, policy: str, measure: str) -> str:
    """The mean, and the difference to the baseline with its interval, in bold where it is significant after Holm."""
    unit = defined(measure).unit
    scale = 0.001 if unit == "currency" and name in THOUSANDS else defined(measure).scale

    def number(value: float, sign: str = "") -> str:
        return f"{round(value * scale, DIGITS[unit]) + 0.0:{sign},.{DIGITS[unit]}f}".replace("-", "−")

    mean = number(float(means[policy, measure]["mean"]))
    gap = gaps.get((policy, measure))
    if gap is None:
        return mean
    reach = (float(gap["high"]) - float(gap["low"])) / 2
    difference = f"{number(float(gap['difference']), '+')} ± {number(reach)}"
    significant = float(gap["adjusted_p"]) < 0.05
    return f"{mean} (**{difference}**)" if significant else f"{mean} ({difference})"


def rows(name: str) -> list[str]:
    """The rows that the README has to have of an experiment."""
    means, gaps = _table(name, "summary"), _table(name, "comparison")
    policies = dict.fromkeys(policy for policy, _ in means)
    cells = ((policy, [_cell(name, means, gaps, policy, measure) for measure in MEASURES[name]]) for policy in policies)
    return [f"| `{policy}` | {' | '.join(row)} |" for policy, row in cells]


def just_in_time() -> str:
    """How much of the machine shop's work is on time where the planner begins everything as late as it can, in %."""
    with (RESEARCH / "machine-shop-2012" / "just-in-time.csv").open(encoding="utf-8", newline="") as opened:
        [row] = [row for row in csv.DictReader(opened) if row["measure"] == "on_time_in_full"]
    assert (row["policy"], row["policy.release_days"], row["count"]) == ("planner-early", "0", "20")
    return f"{100 * float(row['mean']):.1f}"


def test_the_readme_says_what_beginning_late_costs() -> None:
    assert f"`policy.release_days=0`), {just_in_time()} % is on time" in README


@pytest.mark.parametrize("name", RESULTS)
def test_the_readme_shows_the_results_that_are_kept(name: str) -> None:
    found = rows(name)
    assert len(found) >= 5
    for row in found:
        assert row in README, row


@pytest.mark.parametrize("name", RESULTS)
def test_the_results_are_of_the_experiment_that_is_kept(name: str) -> None:
    said = tomllib.loads((RESEARCH / f"{name}.toml").read_text(encoding="utf-8"))
    means, gaps = _table(name, "summary"), _table(name, "comparison")
    assert {policy for policy, _ in means} == set(said["policies"])
    assert {int(row["count"]) + int(row["missing"]) for row in means.values()} == {said["replications"]}
    assert {row["baseline"] for row in gaps.values()} == {said["baseline"]}
    assert {row["scenario"] for row in means.values()} == {called(said["scenarios"][0])}
    assert all(float(row["mean"]) == 0 for (_, measure), row in means.items() if measure == "dead_letters")


@pytest.mark.parametrize("file", sorted(RESEARCH.glob("*.toml")), ids=lambda file: file.stem)
def test_every_experiment_can_be_read(file: Path) -> None:
    assert read_experiment(file, {}, lambda trial: None).replications >= 5


def test_all_that_are_compared_are_named() -> None:
    section = README.split("## Research")[1].split("\n## ")[0]
    assert RESULTS
    for name in RESULTS:
        assert f"docs/research/{name}.toml" in section
